import type { CalendarEntry } from '../calendar.ts'

const source = 'endoflife-date/endoflife.date, products/amazon-eks.md'

/** Minor, first day, last day of standard support, last day of extended support. */
const minors: readonly (readonly [string, string, string, string])[] = [
  ['1.24', '2022-11-15', '2024-01-31', '2025-01-31'],
  ['1.25', '2023-02-21', '2024-05-01', '2025-05-01'],
  ['1.26', '2023-04-11', '2024-06-11', '2025-06-11'],
  ['1.27', '2023-05-24', '2024-07-24', '2025-07-24'],
  ['1.28', '2023-09-26', '2024-11-26', '2025-11-26'],
  ['1.29', '2024-01-23', '2025-03-23', '2026-03-23'],
  ['1.30', '2024-05-23', '2025-07-23', '2026-07-23'],
  ['1.31', '2024-09-26', '2025-11-26', '2026-11-26'],
  ['1.32', '2025-01-25', '2026-03-23', '2027-03-23'],
  ['1.33', '2025-05-28', '2026-07-29', '2027-07-29'],
  ['1.34', '2025-10-06', '2026-12-02', '2027-12-02'],
  ['1.35', '2026-01-28', '2027-03-27', '2028-03-27'],
  ['1.36', '2026-06-02', '2027-08-02', '2028-08-02'],
]

/** Amazon EKS: standard support, and the extended one that follows it. */
export const eksSeed: readonly CalendarEntry[] = minors.flatMap(([minor, availableAt, standard, extended]) => {
  const entry = { calendar: 'eks', minor, region: null, origin: 'seed', source, asOf: '2026-08-22' } as const
  return [
    { ...entry, plan: 'standard', availableAt, endsAt: standard },
    { ...entry, plan: 'extended', availableAt: null, endsAt: extended },
  ]
})
