import { type SQL, sql } from 'drizzle-orm'
import type { State } from '../../fleet/health.ts'
import type { FreshnessState, Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { createdKeyOf, severityKeyOf, versionKeyOf } from '../order.ts'
import { type Clauses, compares, type Logic, type Operators, selects, whereOf } from './filter.ts'
import { asksFreshness, freshnessStateOf, stateOf } from './freshness.ts'
import { clusterKinds, clusterShape, fromClusters, gitopsOf } from './graph.ts'
import { bareIdOf } from './id.ts'
import type { Cluster } from './noun.ts'
import { type Order, type Page, type PageAsk, readPage } from './page.ts'
import { livingOf, visibleTo } from './scope.ts'
import type { Selection } from './shape.ts'
import { amongSources } from './source.ts'
import { readRows } from './statement.ts'
import { comparesVersion } from './version.ts'

/** The filter language over clusters. */
export interface ClusterFilter extends Logic<ClusterFilter> {
  readonly id?: Operators<string> | null | undefined
  readonly namespace?: Operators<string> | null | undefined
  readonly name?: Operators<string> | null | undefined
  readonly environment?: Operators<string> | null | undefined
  readonly region?: Operators<string> | null | undefined
  readonly provider?: Operators<string> | null | undefined
  readonly flavour?: Operators<string> | null | undefined
  readonly ring?: Operators<string> | null | undefined
  readonly owner?: Operators<string> | null | undefined
  readonly source?: Operators<string> | null | undefined
  readonly lifecycle?: Operators<string> | null | undefined
  readonly version?: Operators<string> | null | undefined
  readonly health?: Operators<State> | null | undefined
  readonly gitopsHealth?: Operators<State> | null | undefined
  readonly freshness?: Operators<FreshnessState> | null | undefined
  readonly createdAt?: Operators<string> | null | undefined
  readonly lastTransitionAt?: Operators<string> | null | undefined
  readonly labels?: string | null | undefined
}

const text = (column: string) => compares<string>(sql.raw(column), 'text')
const instant = (column: string) => compares<string>(sql.raw(column), 'timestamptz')

const clauses: Clauses<ClusterFilter> = {
  id: compares<string>(sql`c.id`, 'uuid', bareIdOf('Cluster')),
  namespace: text('c.namespace'),
  name: text('c.name'),
  environment: text('c.environment'),
  region: text('c.region'),
  provider: text('c.provider'),
  flavour: text('c.flavour'),
  ring: text('c.ring'),
  owner: text('c.owner'),
  source: compares<string>(sql`c.source_id`, 'text', bareIdOf('Source')),
  lifecycle: text('c.phase'),
  version: comparesVersion('c'),
  health: compares<State>(sql.raw(`(${stateOf('c')})`), 'text'),
  gitopsHealth: compares<State>(sql.raw(`(${gitopsOf} ->> 'state')`), 'text'),
  freshness: compares<FreshnessState>(sql.raw(`(${freshnessStateOf('c')})`), 'text'),
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
    from: (judged: boolean) => fromClusters(judged),
    where: [visibleTo(viewer, 'c'), withGone ? sql`true` : sql.raw(livingOf('c')), whereOf(filter, clauses)],
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

/** One cluster, gone ones included; null where the viewer sees none. */
export async function readCluster(db: Db, viewer: Viewer, key: ClusterKey, now: Date, selection: Selection) {
  const where =
    'id' in key
      ? sql`c.id = ${bareIdOf('Cluster')(key.id)}::uuid`
      : sql`c.source_id = ${key.source} and c.namespace = ${key.namespace} and c.name = ${key.name}`
  const [cluster] = await readWhere(db, viewer, where, now, selection)
  return cluster ?? null
}

/** Clusters by id, in no order. */
export function readClustersById(db: Db, viewer: Viewer, ids: readonly string[], now: Date, selection: Selection) {
  return readWhere(db, viewer, sql`c.id = any(${sql.param(ids)}::uuid[])`, now, selection)
}

function readWhere(
  db: Db,
  viewer: Viewer,
  condition: SQL,
  at: Date,
  selection: Selection,
): Promise<readonly Cluster[]> {
  const from = fromClusters(asksFreshness(selection))
  const where = sql`${visibleTo(viewer, 'c')} and ${condition}`
  return readRows<Cluster>(db, at, { shape: clusterShape, from, where }, selection)
}
