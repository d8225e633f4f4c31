import type { Row } from '../recordset.ts'
import type { change } from '../tables.ts'
import type { Known } from './probe.ts'
import type { ObjectRow } from './row.ts'

export type ChangeRow = Row<typeof change>

/** Facts whose change is history. Messages, labels and conditions are content: written, but no event. */
const reported = [
  'state',
  'reason',
  'underlying',
  'versionDeclared',
  'versionObserved',
  'replicasDesired',
  'replicasCurrent',
  'replicasReady',
  'replicasAvailable',
  'replicasUpToDate',
  'revisionDesired',
  'revisionAttempted',
  'revisionApplied',
  'pausedSince',
  'generation',
  'ownerNamespace',
  'ownerName',
  'deletingSince',
] as const satisfies readonly (keyof Known & keyof ObjectRow)[]

type Facts = Record<string, readonly [unknown, unknown]>

/** What is new in `row` against what was known; null when no reportable fact moved. */
export function changeOf(row: ObjectRow, known: Known | null): ChangeRow | null {
  const before = known && known.goneAt === null ? known : null
  const facts = difference(before, row, reported)
  if (before && Object.keys(facts).length === 0) return null
  return {
    sourceId: row.sourceId,
    subject: 'object',
    subjectId: row.id,
    clusterId: row.clusterId,
    what: before ? 'changed' : known ? 'returned' : 'appeared',
    facts,
    observedAt: row.observedAt,
    receivedAt: row.receivedAt,
  }
}

/** Field → [from, to] of those that differ. Without a `before`, everything that is reported at all. */
export function difference<K extends string>(
  before: { readonly [P in K]?: unknown } | null,
  after: { readonly [P in K]?: unknown },
  fields: readonly K[],
): Facts {
  const facts: Facts = {}
  for (const field of fields) {
    const from = before?.[field] ?? null
    const to = after[field] ?? null
    if (!same(from, to)) facts[field] = [from, to]
  }
  return facts
}

/** One instant has many spellings: `…Z` from a source, `…+00:00` from PostgreSQL. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  return isInstant(a) && isInstant(b) && Date.parse(a) === Date.parse(b)
}

const isInstant = (value: unknown): value is string => typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)
