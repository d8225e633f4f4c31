import { type SQL, sql } from 'drizzle-orm'
import { FleetError } from '../../fleet/error.ts'
import type { Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { type ClusterScope, clustersWhere } from './cluster.ts'
import { type Coverage, coverageSql, refuseUnknown, unknownSourceSql } from './coverage.ts'
import { all } from './filter.ts'
import { freshnessStateOf, stateOf } from './freshness.ts'
import { noCoverage } from './page.ts'
import type { Selection } from './shape.ts'
import { readJson } from './statement.ts'
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

/** The most buckets in one answer. */
export const bucketsMax = 1000
const dimensionsMax = 5

interface Counted extends Omit<SupportCount, 'inSupportRatio'> {
  readonly count: number
}

interface Answer {
  readonly all: Counted
  readonly buckets?: readonly (Counted & { readonly keys: readonly (string | null)[] })[]
  readonly coverage?: Coverage
  readonly unknownSource?: string | null
}

/** Counts clusters, largest bucket first. Throws `invalid` for no or too many dimensions. */
export async function readClusterAggregate(
  db: Db,
  viewer: Viewer,
  ask: ClusterScope & {
    readonly groupBy: readonly ClusterDimension[]
    readonly first?: number | null | undefined
    readonly selection: Selection
    readonly now: Date
  },
): Promise<ClusterAggregate> {
  const groupBy = [...new Set(ask.groupBy)]
  const first = ask.first ?? bucketsMax
  if (groupBy.length > dimensionsMax)
    throw new FleetError('invalid', `groupBy takes at most ${dimensionsMax} dimensions.`)
  if (first < 0 || first > bucketsMax)
    throw new FleetError('invalid', `"first" is ${first}; 0 to ${bucketsMax} buckets.`)
  const answer = await readJson<Answer>(db, ask.now, statementOf(viewer, ask, groupBy, first + 1))
  refuseUnknown(answer)
  const { all: whole, buckets = [], coverage } = answer
  return {
    ...sharesOf(whole),
    total: whole.count,
    buckets: buckets.slice(0, first).map(({ keys, ...counted }) => ({
      ...counted,
      ...sharesOf(counted),
      keys: groupBy.map((dimension, at) => ({ dimension, value: keys[at] ?? null })),
    })),
    truncated: buckets.length > first,
    coverage: coverage ?? noCoverage,
  }
}

/** What is not known to be supported counts as not supported: a share is never better than what is known. */
const sharesOf = ({ count, inSupport, supportUnknown }: Counted): SupportCount => ({
  inSupport,
  supportUnknown,
  inSupportRatio: count === 0 ? null : inSupport / count,
})

function statementOf(
  viewer: Viewer,
  ask: ClusterScope & { readonly selection: Selection; readonly now: Date },
  groupBy: readonly ClusterDimension[],
  limit: number,
): SQL {
  const { from, where, ground } = clustersWhere(viewer, ask)
  const { buckets, truncated, coverage, ...whole } = ask.selection
  const parts: SQL[] = [
    sql`'all', (select to_json(t) from (select ${countsOf(whole)} from ${sql.raw(from(whole))} where ${all(where)}) t)`,
    ...unknownSourceSql(viewer, ground),
  ]
  if (buckets || truncated) {
    const keys = groupBy.map((dimension) => sql.raw(`(${dimensions[dimension]})::text`))
    const asked = { ...buckets, ...Object.fromEntries(groupBy.map((dimension) => [dimension, {}])) }
    const grouped = sql`select json_build_array(${sql.join(keys, sql`, `)}) as keys, ${countsOf(buckets ?? {})}
      from ${sql.raw(from(asked))} where ${all(where)} ${keys.length === 0 ? sql`` : sql`group by ${sql.join(keys, sql`, `)}`}
      order by ${sql.join([sql`count(*) desc`, ...keys], sql`, `)} limit ${limit}`
    parts.push(sql`'buckets', (select coalesce(json_agg(t), '[]'::json) from (${grouped}) t)`)
  }
  if (coverage) parts.push(sql`'coverage', ${coverageSql(viewer, ground, coverage)}`)
  return sql`json_build_object(${sql.join(parts, sql`, `)})`
}

/** Clusters counted; the supported among them only where that is asked, because only then their assessments are joined. */
const countsOf = (asked: Selection): SQL =>
  asksAssessment(asked)
    ? sql`count(*)::int as count, ${countInSupport} as "inSupport", ${countSupportUnknown} as "supportUnknown"`
    : sql`count(*)::int as count, 0 as "inSupport", 0 as "supportUnknown"`
