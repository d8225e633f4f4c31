import { expect, it } from 'vitest'
import { instant } from '../../fleet/wire.ts'

it.each([
  ['2026-06-01T12:00:00Z', '2026-06-01T12:00:00Z', 'as Kubernetes writes it'],
  ['2026-06-01T14:00:00+02:00', '2026-06-01T12:00:00Z', 'another zone'],
  ['2026-06-01T12:00:00.25Z', '2026-06-01T12:00:00.250Z', 'fractions of a second'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z', "Go's zero time is one"],
  ['0000-01-01T00:00:00Z', undefined, 'no database takes the year 0'],
  ['+010000-01-01T00:00:00Z', undefined, 'nor years beyond 9999'],
  ['2026-13-01T00:00:00Z', undefined, 'no such month'],
  ['soon', undefined, 'prose'],
  [5, undefined, 'no text'],
])('%s is %s: %s', (wire, expected, _why) => {
  expect(instant(wire)).toBe(expected)
})
