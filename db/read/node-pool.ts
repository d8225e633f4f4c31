import { sql } from 'drizzle-orm'
import type { State } from '../../fleet/health.ts'
import type { FreshnessState, Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { type ClusterFilter, clusterClauses } from './cluster.ts'
import { type Clauses, compares, comparesClusterId, holds, type Logic, type Operators, whereOf } from './filter.ts'
import { asksFreshness, freshnessStateOf, stateOf } from './freshness.ts'
import { fromClusters, fromNodePools, imageAgeOf, nodePoolKinds, nodePoolShape } from './graph.ts'
import { bareIdOf } from './id.ts'
import type { NodePool } from './noun.ts'
import { type Order, type Page, type PageAsk, readPage } from './page.ts'
import { livingOf, visibleTo } from './scope.ts'
import type { Selection } from './shape.ts'
import { amongSources } from './source.ts'
import { readRows } from './statement.ts'
import { asksAssessment } from './support.ts'
import { comparesVersion } from './version.ts'

/** The filter language over node pools. */
export interface NodePoolFilter extends Logic<NodePoolFilter> {
  readonly cluster?: Operators<string> | null | undefined
  readonly inCluster?: ClusterFilter | null | undefined
  readonly source?: Operators<string> | null | undefined
  readonly name?: Operators<string> | null | undefined
  readonly kind?: Operators<string> | null | undefined
  readonly mode?: Operators<string> | null | undefined
  readonly vmSize?: Operators<string> | null | undefined
  readonly nodeImage?: Operators<string> | null | undefined
  readonly imageReleasedAt?: Operators<string> | null | undefined
  readonly imageAgeDays?: Operators<number> | null | undefined
  readonly os?: Operators<'linux' | 'windows'> | null | undefined
  readonly skewMinors?: Operators<number> | null | undefined
  readonly version?: Operators<string> | null | undefined
  readonly unavailable?: boolean | null | undefined
  readonly outdated?: boolean | null | undefined
  readonly health?: Operators<State> | null | undefined
  readonly freshness?: Operators<FreshnessState> | null | undefined
}

const text = (column: string) => compares<string>(sql.raw(column), 'text')

const clauses: Clauses<NodePoolFilter> = {
  cluster: comparesClusterId(sql`p.cluster_id`),
  // A row of its own: how fresh a cluster is and how fresh its pools are go by one name.
  inCluster: (filter) =>
    sql`exists (select from ${sql.raw(fromClusters(asksFreshness(filter, true), asksAssessment(filter)))}
      where c.id = p.cluster_id and ${whereOf(filter, clusterClauses)})`,
  source: compares<string>(sql`p.source_id`, 'text', bareIdOf('Source')),
  name: text('p.name'),
  kind: text('p.kind'),
  mode: text('p.mode'),
  vmSize: text('p.vm_size'),
  nodeImage: text('p.node_image'),
  imageReleasedAt: compares<string>(sql`p.image_released_at`, 'date'),
  imageAgeDays: compares<number>(sql.raw(imageAgeOf), 'int'),
  os: text('p.os'),
  skewMinors: compares<number>(sql`p.skew_minors`, 'int'),
  version: comparesVersion('p'),
  // Not every provider tells apart what is ready and what has been for long enough.
  unavailable: holds(sql`coalesce(p.replicas_available, p.replicas_ready) < p.replicas_desired`),
  // Of those that exist: what is not there yet is not outdated.
  outdated: holds(sql`p.replicas_up_to_date < coalesce(p.replicas_current, p.replicas_desired)`),
  health: compares<State>(sql.raw(`(${stateOf('p')})`), 'text'),
  freshness: compares<FreshnessState>(sql.raw(`(${freshnessStateOf('p')})`), 'text'),
}

const orders = { name: { key: 'p.name', type: 'text' } } satisfies Record<string, Order>
export type NodePoolOrder = keyof typeof orders

/** Node pools of all clusters, a page at a time. */
export function readNodePools(
  db: Db,
  viewer: Viewer,
  query: { readonly filter?: NodePoolFilter | null | undefined } & PageAsk<NodePoolOrder>,
): Promise<Page<NodePool>> {
  const { filter, withGone } = query
  const listing = {
    noun: 'nodePool',
    from: (asked: Selection) => fromNodePools(asksFreshness(filter, true) || asksFreshness(asked)),
    shape: nodePoolShape,
    id: 'p.id',
    idType: 'uuid' as const,
    where: [visibleTo(viewer, 'p'), withGone ? sql`true` : sql.raw(livingOf('p')), whereOf(filter, clauses)],
    ground: {
      kinds: sql.raw(nodePoolKinds),
      composed: true,
      ...amongSources(filter?.source),
    },
  }
  return readPage<NodePool, NodePoolOrder>(db, viewer, listing, orders, query)
}

/** Node pools by id, in no order. */
export function readNodePoolsById(db: Db, viewer: Viewer, ids: readonly string[], at: Date, selection: Selection) {
  const from = sql.raw(fromNodePools(asksFreshness(selection)))
  const where = sql`${visibleTo(viewer, 'p')} and p.id = any(${sql.param(ids)}::uuid[])`
  return readRows<NodePool>(db, at, { shape: nodePoolShape, from, where }, selection)
}
