import { type SQL, sql } from 'drizzle-orm'
import { FleetError } from '../../fleet/error.ts'
import type { Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { type ClusterScope, clustersWhere } from './cluster.ts'
import { type Coverage, coverageSql, refuseUnknown, unknownSourceSql } from './coverage.ts'
import { all } from './filter.ts'
import { asksFreshness, freshnessStateOf, stateOf } from './freshness.ts'
import type { Selection } from './shape.ts'
import { readJson } from './statement.ts'
import { minorOf } from './version.ts'

/** What clusters can be counted by, as SQL text over a row of clusters. */
const dimensions = {
  environment: 'c.environment',
  region: 'c.region',
  provider: 'c.provider',
  flavour: 'c.flavour',
  ring: 'c.ring',
  owner: 'c.owner',
  source: 'c.source_id',
  minor: minorOf('c'),
  health: stateOf('c'),
  freshness: freshnessStateOf('c'),
  lifecycle: 'c.phase',
} as const
export type ClusterDimension = keyof typeof dimensions

/** Clusters counted by one or several dimensions. */
export interface ClusterAggregate {
  readonly total: number
  readonly buckets: readonly {
    /** One per dimension, in the order asked; null where the cluster does not say. */
    readonly keys: readonly { readonly dimension: ClusterDimension; readonly value: string | null }[]
    readonly count: number
  }[]
  /** True when there are more buckets than `first`. */
  readonly truncated: boolean
  readonly coverage: Coverage
}

/** The most buckets in one answer. */
export const bucketsMax = 1000
const dimensionsMax = 5

interface Answer {
  readonly total?: number
  readonly buckets?: readonly { readonly keys: readonly (string | null)[]; readonly count: number }[]
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
  const { total, buckets = [], coverage } = answer
  return {
    total: total ?? 0,
    buckets: buckets.slice(0, first).map(({ keys, count }) => ({
      keys: groupBy.map((dimension, at) => ({ dimension, value: keys[at] ?? null })),
      count,
    })),
    truncated: buckets.length > first,
    coverage: coverage ?? { expectedSources: 0, reportingSources: 0, staleSources: [], complete: false },
  }
}

function statementOf(
  viewer: Viewer,
  ask: ClusterScope & { readonly selection: Selection; readonly now: Date },
  groupBy: readonly ClusterDimension[],
  limit: number,
): SQL {
  const filtered = asksFreshness(ask.filter, true)
  const { from, where, ground } = clustersWhere(viewer, ask)
  const parts: SQL[] = [
    sql`'total', (select count(*)::int from ${sql.raw(from(filtered))} where ${all(where)})`,
    ...unknownSourceSql(viewer, ground),
  ]
  if (ask.selection.buckets || ask.selection.truncated) {
    const keys = groupBy.map((dimension) => sql.raw(`(${dimensions[dimension]})::text`))
    const grouped = sql`select json_build_array(${sql.join(keys, sql`, `)}) as keys, count(*)::int as count
      from ${sql.raw(from(filtered || groupBy.some((dimension) => asksFreshness({ [dimension]: {} }))))} where ${all(where)} ${keys.length === 0 ? sql`` : sql`group by ${sql.join(keys, sql`, `)}`}
      order by ${sql.join([sql`count(*) desc`, ...keys], sql`, `)} limit ${limit}`
    parts.push(sql`'buckets', (select coalesce(json_agg(t), '[]'::json) from (${grouped}) t)`)
  }
  if (ask.selection.coverage) parts.push(sql`'coverage', ${coverageSql(viewer, ground, ask.selection.coverage)}`)
  return sql`json_build_object(${sql.join(parts, sql`, `)})`
}
