import { type SQL, sql } from 'drizzle-orm'
import type { Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { type AggregateAsk, readAggregate } from './aggregate.ts'
import { type ClusterScope, clustersWhere } from './cluster.ts'
import type { Coverage } from './coverage.ts'
import { freshnessStateOf, stateOf } from './freshness.ts'
import type { Selection } from './shape.ts'
import { asksAssessment, countInSupport, countSupportUnknown, phaseOf } from './support.ts'
import { minorOf } from './version.ts'

/** What clusters can be counted by, as SQL text over a row of clusters. */
export const dimensions = {
  environment: 'c.environment',
  region: 'c.region',
  country: 'c.country',
  provider: 'c.provider',
  flavour: 'c.flavour',
  ring: 'c.ring',
  owner: 'c.owner',
  source: 'c.source_id',
  minor: minorOf('c'),
  supportPlan: 'c.support_plan',
  supportPhase: phaseOf,
  health: stateOf('c'),
  freshness: freshnessStateOf('c'),
  lifecycle: 'c.phase',
} as const
export type ClusterDimension = keyof typeof dimensions

/** Clusters, and the part of them that is supported; there when selected. */
export interface SupportCount {
  readonly inSupport: number
  readonly supportUnknown: number
  /** Null of none. */
  readonly inSupportRatio: number | null
}

/** Clusters counted by one or several dimensions. */
export interface ClusterAggregate extends SupportCount {
  readonly total: number
  readonly buckets: readonly Bucket[]
  /** True when there are more buckets than `first`. */
  readonly truncated: boolean
  readonly coverage: Coverage
}

export interface Bucket extends SupportCount {
  /** One per dimension, in the order asked; null where the cluster does not say. */
  readonly keys: readonly { readonly dimension: ClusterDimension; readonly value: string | null }[]
  readonly count: number
}

interface Count extends Omit<SupportCount, 'inSupportRatio'> {
  readonly count: number
}

/** Counts clusters, largest bucket first. Throws `invalid` for no or too many dimensions. */
export async function readClusterAggregate(
  db: Db,
  viewer: Viewer,
  ask: ClusterScope & AggregateAsk<ClusterDimension>,
): Promise<ClusterAggregate> {
  const rows = { ...clustersWhere(viewer, ask), dimensions, counts: countsOf }
  const { whole, buckets, ...rest } = await readAggregate<ClusterDimension, Count>(db, viewer, rows, ask)
  return {
    ...rest,
    ...sharesOf(whole),
    total: whole.count,
    buckets: buckets.map((bucket) => ({ ...bucket, ...sharesOf(bucket) })),
  }
}

/** What is not known to be supported counts as not supported: a share is never better than what is known. */
const sharesOf = ({ count, inSupport, supportUnknown }: Count): SupportCount => ({
  inSupport,
  supportUnknown,
  inSupportRatio: count === 0 ? null : inSupport / count,
})

/** Clusters counted; the supported among them only where that is asked, because only then their assessments are joined. */
const countsOf = (asked: Selection): SQL =>
  asksAssessment(asked)
    ? sql`count(*)::int as count, ${countInSupport} as "inSupport", ${countSupportUnknown} as "supportUnknown"`
    : sql`count(*)::int as count, 0 as "inSupport", 0 as "supportUnknown"`
