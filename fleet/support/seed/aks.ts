import type { CalendarEntry } from '../calendar.ts'
import { lastDayOf } from '../day.ts'

const docs = 'MicrosoftDocs/azure-aks-docs, supported-kubernetes-versions.md of 2026-08-05'
const others = 'endoflife-date/endoflife.date, products/azure-kubernetes-service.md'

/**
 * Minor, first day, last day, last day under long-term support. A month is one where the source names no day. The first day is
 * that of the AKS release notes; of 1.34 it is the documentation's month, and of 1.36 the CHANGELOG's day, where others differ.
 * Of 1.37 the sources know a plan only (October 2026), so it has no first day.
 */
const minors: readonly (readonly [string, string | null, string, string | null, string])[] = [
  ['1.24', '2022-08-17', '2023-07-31', null, others],
  ['1.25', '2022-12-14', '2024-01-14', null, others],
  ['1.26', '2023-04-18', '2024-04-11', null, others],
  ['1.27', '2023-08-16', '2024-07-31', '2025-07-31', others],
  ['1.28', '2023-11-07', '2025-01-31', '2026-02-28', others],
  ['1.29', '2024-03-18', '2025-03', '2026-04', docs],
  ['1.30', '2024-08-05', '2025-08-22', '2026-07', docs],
  ['1.31', '2024-10-25', '2025-11-01', '2026-11', docs],
  ['1.32', '2025-04-06', '2026-03', '2027-03', docs],
  ['1.33', '2025-06-17', '2026-07', '2027-07', docs],
  ['1.34', '2025-11', '2026-11', '2027-11', docs],
  ['1.35', '2026-03-05', '2027-03', '2028-03', docs],
  ['1.36', '2026-06-19', '2027-06', '2028-06', docs],
  ['1.37', null, '2027-10', '2028-10', docs],
]

/** AKS: the community's window, and long-term support. */
export const aksSeed: readonly CalendarEntry[] = minors.flatMap(([minor, available, standard, lts, source]) => {
  const entry = { calendar: 'aks', minor, region: null, origin: 'seed', source, asOf: '2026-08-22' } as const
  const availableAt = available === null ? null : lastDayOf(available)
  const standardEntry: CalendarEntry = { ...entry, plan: 'standard', availableAt, endsAt: lastDayOf(standard) }
  return lts === null
    ? [standardEntry]
    : [standardEntry, { ...entry, plan: 'lts', availableAt: null, endsAt: lastDayOf(lts) }]
})
