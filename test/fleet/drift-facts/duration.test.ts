import { describe, expect, it } from 'vitest'
import { durationMs } from '../../../fleet/families/duration.ts'

describe('durations as Go writes them', () => {
  it.each([
    ['90s', 90_000],
    ['10m0s', 600_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['+5m', 300_000],
    ['1500us', 2],
    ['0', 0],
    ['0s', 0],
  ])('%s is %i ms', (written, ms) => {
    expect(durationMs(written)).toBe(ms)
  })

  it.each([[''], ['5'], ['5d'], ['-5m'], ['5m!'], ['m'], ['1h 30m'], [`${'9'.repeat(30)}h`], ['1s'.repeat(50)]])(
    '%j is none',
    (written) => {
      expect(durationMs(written)).toBeUndefined()
      // What failed before leaves nothing behind.
      expect(durationMs('1m')).toBe(60_000)
    },
  )

  it.each([[null], [undefined], [5], [{}], [['5m']], [true]])('%j is none', (value) => {
    expect(durationMs(value)).toBeUndefined()
  })
})
