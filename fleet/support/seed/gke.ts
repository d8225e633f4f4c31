import type { CalendarEntry } from '../calendar.ts'

const source = 'endoflife-date/endoflife.date, products/google-kubernetes-engine.md'

/** Minor, first day in the Regular channel, last day of standard support: Google's predictions. */
const minors: readonly (readonly [string, string, string])[] = [
  ['1.24', '2022-06-23', '2023-10-31'],
  ['1.25', '2022-12-14', '2024-03-30'],
  ['1.26', '2023-03-31', '2024-06-30'],
  ['1.27', '2023-06-15', '2024-10-01'],
  ['1.28', '2023-12-04', '2025-02-04'],
  ['1.29', '2024-01-26', '2025-04-12'],
  ['1.30', '2024-07-31', '2025-09-30'],
  ['1.31', '2024-10-25', '2026-01-16'],
  ['1.32', '2025-02-11', '2026-04-11'],
  ['1.33', '2025-06-03', '2026-08-03'],
  ['1.34', '2025-09-30', '2026-10-01'],
  ['1.35', '2026-02-11', '2027-04-11'],
  ['1.36', '2026-06-09', '2027-08-09'],
]

/** GKE: standard support. Until when the Extended channel carries a minor, no source says. */
export const gkeSeed: readonly CalendarEntry[] = minors.map(([minor, availableAt, endsAt]) => ({
  ...({ calendar: 'gke', minor, plan: 'standard', region: null, availableAt, endsAt } as const),
  ...({ origin: 'seed', source, asOf: '2026-08-22' } as const),
}))
