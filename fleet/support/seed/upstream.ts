import type { CalendarEntry } from '../calendar.ts'

interface Source {
  readonly source: string
  readonly asOf: string
}
const website: Source = { source: 'kubernetes/website, data/releases/eol.yaml', asOf: '2026-08-22' }
const others: Source = { source: 'endoflife-date/endoflife.date, products/kubernetes.md', asOf: '2026-08-22' }
const releasePage: Source = { source: 'kubernetes.io release page', asOf: '2026-09-01' }

/** Minor, day of release, last day. Where the sources differ (1.25, 1.27, 1.28), the project's own website is believed. */
const minors: readonly (readonly [string, string, string, Source])[] = [
  ['1.24', '2022-05-03', '2023-07-28', website],
  ['1.25', '2022-08-23', '2023-10-28', website],
  ['1.26', '2022-12-08', '2024-02-28', website],
  ['1.27', '2023-04-11', '2024-07-16', website],
  ['1.28', '2023-08-15', '2024-10-22', website],
  ['1.29', '2023-12-13', '2025-02-28', website],
  ['1.30', '2024-04-17', '2025-07-15', website],
  ['1.31', '2024-08-13', '2025-11-11', website],
  ['1.32', '2024-12-11', '2026-02-28', others],
  ['1.33', '2025-04-23', '2026-06-28', others],
  ['1.34', '2025-08-27', '2026-10-27', others],
  ['1.35', '2025-12-17', '2027-02-28', others],
  ['1.36', '2026-04-22', '2027-06-28', others],
  ['1.37', '2026-08-26', '2027-10-28', releasePage],
]

/** Kubernetes itself: for clusters whose control plane their owner runs. */
export const upstreamSeed: readonly CalendarEntry[] = minors.map(([minor, availableAt, endsAt, { source, asOf }]) => ({
  ...({ calendar: 'upstream', minor, plan: 'standard', region: null, availableAt, endsAt } as const),
  ...({ origin: 'seed', source, asOf } as const),
}))
