import { describe, expect, it } from 'vitest'
import type { CalendarEntry, CalendarOrigin } from '../../../fleet/support/calendar.ts'
import { resolve } from '../../../fleet/support/resolve.ts'
import { entry } from './calendar-facts.ts'

const said = (
  origin: CalendarOrigin,
  region: string | null,
  endsAt: string | null,
  more: Partial<CalendarEntry> = {},
) => entry({ origin, region, endsAt, source: `${origin} ${region ?? 'everywhere'}`, ...more })

const ladder = [
  said('seed', null, '2026-11-30', { availableAt: '2025-11-30' }),
  said('seed', 'westeurope', '2026-11-29'),
  said('observed', 'westeurope', '2026-11-28'),
  said('notification', null, '2026-11-27'),
  said('notification', 'westeurope', '2026-11-26'),
  said('operator', null, '2026-11-25'),
  said('operator', 'West Europe', '2026-11-24'),
]

describe('resolve', () => {
  it.each(ladder.map((_, i) => [i]))('the %ith of the ladder beats all before it, in any order', (i) => {
    const entries = ladder.slice(0, i + 1)
    const believed = { endsAt: ladder[i]?.endsAt, availableAt: '2025-11-30' }
    expect(resolve(entries, 'aks', '1.34', 'standard', 'westeurope')).toMatchObject(believed)
    expect(resolve(entries.toReversed(), 'aks', '1.34', 'standard', 'westeurope')).toMatchObject(believed)
  })

  it('another region hears what holds everywhere', () => {
    expect(resolve(ladder, 'aks', '1.34', 'standard', 'eastus')).toMatchObject({ endsAt: '2026-11-25' })
    expect(resolve(ladder.slice(0, 5), 'aks', '1.34', 'standard', null)).toMatchObject({ endsAt: '2026-11-27' })
    expect(resolve(ladder.slice(0, 3), 'aks', '1.34', 'standard', 'eastus')).toMatchObject({ endsAt: '2026-11-30' })
  })

  it('who names a first day only does not take the last day away, nor claim to have named it', () => {
    const entries = [...ladder.slice(0, 1), said('operator', null, null, { availableAt: '2025-12-24' })]
    expect(resolve(entries, 'aks', '1.34', 'standard', null)).toMatchObject({
      ...{ availableAt: '2025-12-24', endsAt: '2026-11-30', source: 'seed everywhere' },
    })
  })

  it('keeps calendars, minors and plans apart', () => {
    expect(resolve(ladder, 'eks', '1.34', 'standard', null)).toBeNull()
    expect(resolve(ladder, 'aks', '1.3', 'standard', null)).toBeNull()
    expect(resolve(ladder, 'aks', '1.34', 'lts', null)).toBeNull()
  })
})
