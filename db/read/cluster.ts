import { sql } from 'drizzle-orm'
import type { State } from '../../fleet/health.ts'
import type { FreshnessState, Viewer } from '../../fleet/source.ts'
import type { SupportPhase } from '../../fleet/support/calendar.ts'
import { capiClaim } from '../claim.ts'
import type { Db } from '../client.ts'
import { createdKeyOf, severityKeyOf, versionKeyOf } from '../order.ts'
import { gitopsOf, isDrifted } from './cluster-shape.ts'
import {
  type Clauses,
  compares,
  comparesClusterId,
  comparesFolded,
  comparesMembers,
  holds,
  type Logic,
  type Operators,
  presentId,
  selects,
  whereOf,
} from './filter.ts'
import { asksFreshness, freshnessStateOf, stateOf } from './freshness.ts'
import { clusterKinds, clusterShape, fromClusters } from './graph.ts'
import { bareIdOf } from './id.ts'
import type { Cluster } from './noun.ts'
import { type Order, type Page, type PageAsk, readPage } from './page.ts'
import { remediations24hOf } from './remediation.ts'
import { livingOf, visibleTo } from './scope.ts'
import { as, type Selection, type Shape } from './shape.ts'
import { amongSources } from './source.ts'
import { readRows } from './statement.ts'
import { asksAssessment, daysLeftOf, inSupportOf, phaseOf } from './support.ts'
import { comparesVersion } from './version.ts'
import { missesTags, type OrphanDirection, orphanDirectionOf } from './witness.ts'

/** The filter language over clusters. */
export interface ClusterFilter extends Logic<ClusterFilter> {
  readonly id?: Operators<string> | null | undefined
  readonly namespace?: Operators<string> | null | undefined
  readonly name?: Operators<string> | null | undefined
  readonly environment?: Operators<string> | null | undefined
  readonly region?: Operators<string> | null | undefined
  readonly country?: Operators<string> | null | undefined
  readonly geography?: Pick<Operators<string>, 'eq' | 'in' | 'isNull'> | null | undefined
  readonly provider?: Operators<string> | null | undefined
  readonly flavour?: Operators<string> | null | undefined
  readonly ring?: Operators<string> | null | undefined
  readonly owner?: Operators<string> | null | undefined
  readonly source?: Operators<string> | null | undefined
  readonly lifecycle?: Operators<string> | null | undefined
  readonly version?: Operators<string> | null | undefined
  readonly supportPlan?: Operators<string> | null | undefined
  readonly supportPhase?: Operators<SupportPhase> | null | undefined
  readonly supportEndsAt?: Operators<string> | null | undefined
  readonly supportDaysLeft?: Operators<number> | null | undefined
  readonly ltsOnly?: boolean | null | undefined
  readonly inSupport?: boolean | null | undefined
  readonly skewMinors?: Operators<number> | null | undefined
  readonly tier?: Operators<string> | null | undefined
  readonly autoUpgradeChannel?: Operators<string> | null | undefined
  readonly witness?: Pick<Operators<string>, 'eq' | 'in' | 'isNull'> | null | undefined
  readonly disagrees?: boolean | null | undefined
  readonly orphan?: Operators<OrphanDirection> | null | undefined
  readonly missingTags?: boolean | null | undefined
  readonly health?: Operators<State> | null | undefined
  readonly gitopsHealth?: Operators<State> | null | undefined
  readonly freshness?: Operators<FreshnessState> | null | undefined
  readonly drifted?: boolean | null | undefined
  readonly rolloutStartedAt?: Operators<string> | null | undefined
  readonly topology?: TopologyFilter | null | undefined
  readonly remediations24h?: Operators<number> | null | undefined
  readonly createdAt?: Operators<string> | null | undefined
  readonly lastTransitionAt?: Operators<string> | null | undefined
  readonly labels?: string | null | undefined
}

/** How clusters stand to their ClusterClass. */
export interface TopologyFilter {
  readonly class?: Operators<string> | null | undefined
  readonly rebaseNeeded?: boolean | null | undefined
  readonly variablesDiffCount?: Operators<number> | null | undefined
}

const text = (column: string) => compares<string>(sql.raw(column), 'text')
const instant = (column: string) => compares<string>(sql.raw(column), 'timestamptz')

const topologyClauses: Clauses<TopologyFilter & Logic<never>> = {
  class: text(`(c.topology ->> 'class')`),
  rebaseNeeded: holds(sql`(c.topology ->> 'rebaseNeeded')::boolean`),
  variablesDiffCount: compares<number>(sql`(c.topology ->> 'variablesDiffCount')::int`, 'int'),
}

/** For lists of what hangs on clusters, too: over `c`, `f` and `a`. */
export const clusterClauses: Clauses<ClusterFilter> = {
  id: comparesClusterId(sql`c.id`),
  namespace: text('c.namespace'),
  name: text('c.name'),
  environment: text('c.environment'),
  region: text('c.region'),
  country: comparesFolded(sql`c.country`),
  geography: comparesMembers(sql`c.geographies`),
  provider: text('c.provider'),
  flavour: text('c.flavour'),
  ring: text('c.ring'),
  owner: text('c.owner'),
  source: compares<string>(sql`c.source_id`, 'text', bareIdOf('Source')),
  lifecycle: text('c.phase'),
  version: comparesVersion('c'),
  supportPlan: comparesFolded(sql`c.support_plan`),
  supportPhase: text(phaseOf),
  supportEndsAt: compares<string>(sql`a.ends_at`, 'date'),
  supportDaysLeft: compares<number>(sql.raw(daysLeftOf), 'int'),
  ltsOnly: holds(sql`coalesce(a.lts_only, false)`),
  inSupport: holds(sql.raw(inSupportOf)),
  skewMinors: compares<number>(sql`c.skew_minors`, 'int'),
  tier: comparesFolded(sql`c.tier`),
  autoUpgradeChannel: comparesFolded(sql`c.upgrade_channel`),
  witness: comparesMembers(sql`c.witnesses`),
  disagrees: holds(sql`jsonb_array_length(c.disagreements) > 0`),
  orphan: text(`(${orphanDirectionOf})`),
  missingTags: holds(sql.raw(missesTags)),
  health: compares<State>(sql.raw(`(${stateOf('c')})`), 'text'),
  gitopsHealth: compares<State>(sql.raw(`(${gitopsOf} ->> 'state')`), 'text'),
  freshness: compares<FreshnessState>(sql.raw(`(${freshnessStateOf('c')})`), 'text'),
  drifted: holds(sql.raw(isDrifted)),
  rolloutStartedAt: instant('c.rollout_started_at'),
  topology: (filter) =>
    sql`(c.topology is not null and ${whereOf<TopologyFilter & Logic<never>>(filter, topologyClauses)})`,
  remediations24h: compares<number>(sql.raw(remediations24hOf), 'int'),
  createdAt: instant('c.created_at'),
  lastTransitionAt: instant('c.state_since'),
  labels: selects(sql`c.labels`),
}

/** Each is backed by an index; keys are never null, because a cursor cannot point beside a null. */
const orders = {
  name: { key: 'c.name', type: 'text' },
  createdAt: { key: createdKeyOf('c'), type: 'timestamptz' },
  lastTransition: { key: 'c.state_since', type: 'timestamptz' },
  version: { key: versionKeyOf('c'), type: 'int' },
  health: { key: severityKeyOf('c'), type: 'int' },
} satisfies Record<string, Order>
export type ClusterOrder = keyof typeof orders

/** What a list or an aggregate of clusters is asked. */
export interface ClusterScope {
  readonly filter?: ClusterFilter | null | undefined
  /** Also what is no longer there. */
  readonly withGone?: boolean | null | undefined
}

/** The rows a question is about. Every list, count and group of clusters is made of these two. */
export function clustersWhere(viewer: Viewer, { filter, withGone }: ClusterScope) {
  return {
    from: (asked: Selection) =>
      fromClusters(
        asksFreshness(filter, true) || asksFreshness(asked),
        asksAssessment(filter) || asksAssessment(asked),
      ),
    where: [visibleTo(viewer, 'c'), withGone ? sql`true` : sql.raw(livingOf('c')), whereOf(filter, clusterClauses)],
    ground: {
      kinds: sql.raw(clusterKinds),
      composed: true,
      ...amongSources(filter?.source),
    },
  }
}

/** Clusters, a page at a time. Throws `invalid` for a filter, cursor or size that means nothing. */
export function readClusters(
  db: Db,
  viewer: Viewer,
  query: ClusterScope & PageAsk<ClusterOrder>,
): Promise<Page<Cluster>> {
  const listing = {
    noun: 'cluster',
    ...clustersWhere(viewer, query),
    shape: clusterShape,
    id: 'c.id',
    idType: 'uuid' as const,
  }
  return readPage<Cluster>(db, viewer, listing, orders, query)
}

/** Names one cluster: by id, or by what its management cluster calls it. */
export type ClusterKey =
  | { readonly id: string }
  | { readonly source: string; readonly namespace: string; readonly name: string }

/** One cluster, gone ones included; null where the viewer sees none. A former id finds the cluster that it turned out to be. */
export async function readCluster(db: Db, viewer: Viewer, key: ClusterKey, now: Date, selection: Selection) {
  const [cluster] =
    'id' in key
      ? await readClustersById(db, viewer, [bareIdOf('Cluster')(key.id)], now, selection)
      : await readRows<Cluster>(db, now, { ...shapedBy(selection), where: named(viewer, key) }, selection)
  return cluster ?? null
}

/** Clusters by id, in no order, each with the id it was `asked` by: its own, or the one it had before it turned out to be another. */
export function readClustersById(db: Db, viewer: Viewer, ids: readonly string[], now: Date, selection: Selection) {
  const { from } = shapedBy(selection)
  const asked = sql`join unnest(${sql.param(ids)}::uuid[]) as given(id)
    on c.id = ${presentId(sql`given.id`)}`
  const rows = { shape: askedShape, from: sql`${from} ${asked}`, where: visibleTo(viewer, 'c') }
  return readRows<Cluster & { readonly asked: string }>(db, now, rows, { ...selection, asked: {} })
}

const askedShape: Shape = { ...clusterShape, asked: as(`'Cluster:' || given.id`) }

const shapedBy = (selection: Selection) => ({
  shape: clusterShape,
  from: sql.raw(fromClusters(asksFreshness(selection))),
})

/** A cluster that several management clusters declare answers to each of their names; one that is gone to its last. */
const named = (viewer: Viewer, key: { readonly source: string; readonly namespace: string; readonly name: string }) =>
  sql`${visibleTo(viewer, 'c')} and c.id = coalesce((select b.cluster_id from binding b where b.claim = ${capiClaim(key.source, key)}),
    (select n.id from cluster n where n.source_id = ${key.source} and n.namespace = ${key.namespace} and n.name = ${key.name}
      order by n.gone_at desc nulls first limit 1))`
