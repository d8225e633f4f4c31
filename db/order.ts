import { states } from '../fleet/health.ts'
import { rankOf } from '../fleet/judge.ts'
import { severities } from '../fleet/policy/policy.ts'

// Expressions that an index and a read must share to the letter: PostgreSQL uses an index on an expression only for the same one.
// Each takes the table's alias, and is the bare column in the index. None is ever null: a cursor cannot point beside a null.

const column = (row: string, name: string): string => (row === '' ? name : `${row}.${name}`)

/** One number per version, so that 1.9 comes before 1.10; observed, else declared, and the two never mixed. Null without either. */
export function versionRankOf(row: string): string {
  const rank = (which: string): string =>
    `${column(row, `${which}_major`)} * 1000000 + ${column(row, `${which}_minor`)} * 1000 + coalesce(${column(row, `${which}_patch`)}, 0)`
  return `case when ${column(row, 'observed_major')} is not null then ${rank('observed')} else ${rank('declared')} end`
}

/** Versions in order, unknown ones first. */
export const versionKeyOf = (row: string): string => `coalesce(${versionRankOf(row)}, -1)`

/** Creation in order, unknown ones first. */
export const createdKeyOf = (row: string): string => `coalesce(${column(row, 'created_at')}, '-infinity'::timestamptz)`

/** The worst first, by the state last known: a list must keep its order while the clock turns states stale. */
export const severityKeyOf = (row: string): string =>
  `(case ${column(row, 'state')} ${states.map((state) => `when '${state}' then ${rankOf(state)}`).join(' ')} end)`

/** Findings, the most severe first and then the oldest. A number of ms, because PostgreSQL indexes no sum of an instant and a time. */
export function findingKeyOf(row: string): string {
  const ranks = severities.toReversed().map((severity, rank) => `when '${severity}' then ${rank}`)
  const sinceMs = `floor(extract(epoch from (${column(row, 'since')} - '2000-01-01 00:00:00+00'::timestamptz)) * 1000)`
  return `((case ${column(row, 'severity')} ${ranks.join(' ')} end * 100000000000000 + ${sinceMs})::bigint)`
}

/** Reconcilers: the longest behind first, then those that are not, or of which nobody can tell. Instants, so that the order does not move with the clock. */
export const lagKeyOf = (row: string): string =>
  `coalesce(case when ${column(row, 'behind')} then ${column(row, 'behind_since')} end, 'infinity'::timestamptz)`
