import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CalendarEntry, CalendarName, SupportPlan } from '../../../fleet/support/calendar.ts'
import { seedCalendar } from '../../../fleet/support/seed.ts'
import { corpusDir } from '../../require.ts'

const of = (calendar: CalendarName, plan: SupportPlan) =>
  seedCalendar.filter((entry) => entry.calendar === calendar && entry.plan === plan)
const endsOf = (calendar: CalendarName, plan: SupportPlan) =>
  Object.fromEntries(of(calendar, plan).map(({ minor, endsAt }) => [minor, endsAt]))
const startsOf = (calendar: CalendarName) =>
  Object.fromEntries(of(calendar, 'standard').map(({ minor, availableAt }) => [minor, availableAt]))

describe('seedCalendar', () => {
  it('knows the dates of today', () => {
    expect(endsOf('aks', 'standard')).toMatchObject({
      ...{ '1.31': '2025-11-01', '1.32': '2026-03-31', '1.33': '2026-07-31', '1.34': '2026-11-30' },
      ...{ '1.35': '2027-03-31', '1.36': '2027-06-30', '1.37': '2027-10-31' },
    })
    expect(endsOf('aks', 'lts')).toMatchObject({ '1.31': '2026-11-30', '1.34': '2027-11-30' })
    expect(endsOf('upstream', 'standard')['1.33']).toBe('2026-06-28')
    expect(endsOf('eks', 'standard')['1.33']).toBe('2026-07-29')
    expect(endsOf('gke', 'standard')['1.33']).toBe('2026-08-03')
  })

  it('takes no plan for a release: nobody we read has seen 1.37 on AKS', () => {
    expect(startsOf('aks')['1.37']).toBeNull()
    expect(startsOf('upstream')['1.37']).toBe('2026-08-26')
  })

  it('names one source and day for each entry, everywhere, once', () => {
    const keys = seedCalendar.map(({ calendar, minor, plan }) => `${calendar} ${minor} ${plan}`)
    expect(new Set(keys).size).toBe(keys.length)
    const isDay = (day: string | null) => day === null || /^\d{4}-\d{2}-\d{2}$/.test(day)
    const bad = ({ availableAt, endsAt, asOf, source, origin, region }: CalendarEntry) =>
      ![availableAt, endsAt, asOf].every(isDay) || source === '' || origin !== 'seed' || region !== null
    expect(seedCalendar.filter(bad)).toEqual([])
  })
})

const corpus = corpusDir()

interface Row {
  readonly minor: string
  readonly eol: string
  readonly ltsEol: string | null
  readonly release: string
  readonly regularChannelAvailable: string
  readonly standardEnd: string
  readonly extendedEnd: string | null
}

describe.skipIf(corpus === null)('seedCalendar says what the corpus says', () => {
  const rows = (file: string): readonly Row[] =>
    // The corpus' own format, described in its README.
    JSON.parse(readFileSync(join(corpus ?? '', 'versions', `${file}.json`), 'utf8')).minors
  const byMinor = (file: string, read: (row: Row) => string | null) =>
    Object.fromEntries(rows(file).flatMap((row) => (read(row) === null ? [] : [[row.minor, read(row)]])))

  it('AKS', () => {
    expect(endsOf('aks', 'standard')).toEqual(byMinor('aks', ({ eol }) => eol))
    expect(endsOf('aks', 'lts')).toEqual(byMinor('aks', ({ ltsEol }) => ltsEol))
  })

  it('EKS', () => {
    expect(startsOf('eks')).toEqual(byMinor('eks', ({ release }) => release))
    expect(endsOf('eks', 'standard')).toEqual(byMinor('eks', ({ standardEnd }) => standardEnd))
    expect(endsOf('eks', 'extended')).toEqual(byMinor('eks', ({ extendedEnd }) => extendedEnd))
  })

  it('GKE', () => {
    expect(startsOf('gke')).toEqual(byMinor('gke', (row) => row.regularChannelAvailable))
    expect(endsOf('gke', 'standard')).toEqual(byMinor('gke', ({ standardEnd }) => standardEnd))
    expect(endsOf('gke', 'extended')).toEqual(byMinor('gke', ({ extendedEnd }) => extendedEnd))
  })

  it('upstream', () => {
    expect(startsOf('upstream')).toEqual(byMinor('kubernetes-upstream', ({ release }) => release))
    expect(endsOf('upstream', 'standard')).toEqual(byMinor('kubernetes-upstream', ({ eol }) => eol))
  })
})
