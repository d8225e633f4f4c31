import { expect, it } from 'vitest'
import { freshnessOf } from '../../fleet/freshness.ts'

const now = new Date('2026-06-01T12:00:00Z')
const ago = (ms: number) => new Date(now.getTime() - ms)

it.each([
  ['FRESH', 'read lately', { lastSuccessAt: ago(179_999) }],
  ['STALE', 'at the limit', { lastSuccessAt: ago(180_000) }],
  ['STALE', 'stale wins over unreadable', { lastSuccessAt: ago(180_000), lastAttemptFailed: true }],
  ['UNREADABLE', 'the newest attempt failed', { lastSuccessAt: ago(60_000), lastAttemptFailed: true }],
  ['UNREADABLE', 'nothing but failures', { lastSuccessAt: null, lastAttemptFailed: true }],
  ['NEVER_REPORTED', 'nobody asked yet', { lastSuccessAt: null }],
  ['GONE', 'gone stays gone', { lastSuccessAt: null, goneAt: ago(1), lastAttemptFailed: true }],
])('%s: %s', (state, _why, readings) => {
  expect(freshnessOf({ lastAttemptFailed: false, staleAfterMs: 180_000, goneAt: null, ...readings }, now)).toBe(state)
})
