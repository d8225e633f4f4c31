import { sql } from 'drizzle-orm'
import type { Dimension, DriftCode } from '../../fleet/drift/code.ts'
import type { Outcome, Severity } from '../../fleet/policy/policy.ts'
import type { Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { type AggregateAsk, readAggregate } from './aggregate.ts'
import type { Coverage } from './coverage.ts'
import { type DriftFilter, driftWhere } from './drift.ts'

/** What drift can be counted by, as SQL text; of a management cluster itself, what a cluster says is null. */
const groups = {
  code: 'v.code',
  dimension: 'v.dimension',
  severity: 'v.severity',
  outcome: 'v.outcome',
  environment: 'c.environment',
  ring: 'c.ring',
  owner: 'c.owner',
  provider: 'c.provider',
  region: 'c.region',
  source: 'v.source_id',
} as const
export type DriftGroup = keyof typeof groups

/** What all drift of a bucket has in common; null where that is not asked, or not said. */
export interface DriftKey extends Readonly<Record<Exclude<DriftGroup, Coded>, string | null>> {
  readonly code: DriftCode | null
  readonly dimension: Dimension | null
  readonly severity: Severity | null
  readonly outcome: Outcome | null
}
type Coded = 'code' | 'dimension' | 'severity' | 'outcome'

interface Count {
  readonly count: number
  /** Of so many clusters; management clusters themselves are none of them. */
  readonly clusters: number
}

export interface DriftBucket extends Count {
  readonly key: DriftKey
}

/** Drift counted by one or several dimensions. */
export interface DriftAggregate {
  readonly totalCount: number
  readonly clusters: number
  readonly buckets: readonly DriftBucket[]
  /** True when there are more buckets than `first`. */
  readonly truncated: boolean
  readonly coverage: Coverage
}

const nothing = Object.fromEntries(Object.keys(groups).map((group) => [group, null]))

/** Counts drift, the largest bucket first. Throws `invalid` for too many dimensions. */
export async function readDriftAggregate(
  db: Db,
  viewer: Viewer,
  ask: AggregateAsk<DriftGroup> & { readonly filter?: DriftFilter | null | undefined },
): Promise<DriftAggregate> {
  const counts = () =>
    sql`count(*)::int as count, (count(distinct v.cluster_id) filter (where v.scope = 'cluster'))::int as clusters`
  const rows = { ...driftWhere(viewer, ask.filter), dimensions: groups, counts }
  const { whole, buckets, ...rest } = await readAggregate<DriftGroup, Count>(db, viewer, rows, ask)
  return {
    ...rest,
    totalCount: whole.count,
    clusters: whole.clusters,
    buckets: buckets.map(({ keys, ...counted }) => ({ ...counted, key: keyOf(keys) })),
  }
}

function keyOf(keys: readonly { readonly dimension: DriftGroup; readonly value: string | null }[]): DriftKey {
  const told = Object.fromEntries(keys.map(({ dimension, value }) => [dimension, value]))
  // The columns hold nothing but words of these types.
  return { ...nothing, ...told } as unknown as DriftKey
}
