import { sql } from 'drizzle-orm'
import type { GitopsTool } from '../../fleet/gitops.ts'
import type { State } from '../../fleet/health.ts'
import type { ConditionStatus } from '../../fleet/observation.ts'
import type { FreshnessState, Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { lagKeyOf } from '../order.ts'
import { type ClusterFilter, clusterClauses } from './cluster.ts'
import { gitopsKinds } from './drift.ts'
import { type Clauses, compares, holds, type Logic, type Operators, whereOf } from './filter.ts'
import { asksFreshness, freshnessStateOf, stateOf } from './freshness.ts'
import type { GitOpsObject } from './gitops-noun.ts'
import { lagOf } from './gitops-shape.ts'
import { fromClusters, fromGitops, gitopsShape } from './graph.ts'
import { bareIdOf } from './id.ts'
import { type Order, type Page, type PageAsk, readPage } from './page.ts'
import { livingOf, visibleTo } from './scope.ts'
import type { Selection } from './shape.ts'
import { amongSources } from './source.ts'
import { readRows } from './statement.ts'
import { asksAssessment } from './support.ts'

/** The filter language over GitOps objects. */
export interface GitOpsFilter extends Logic<GitOpsFilter> {
  readonly tool?: Operators<GitopsTool> | null | undefined
  readonly kind?: Operators<string> | null | undefined
  readonly namespace?: Operators<string> | null | undefined
  readonly name?: Operators<string> | null | undefined
  readonly app?: Operators<string> | null | undefined
  readonly ready?: Operators<ConditionStatus> | null | undefined
  readonly reason?: Operators<string> | null | undefined
  readonly suspended?: boolean | null | undefined
  readonly behind?: boolean | null | undefined
  readonly lagSeconds?: Operators<number> | null | undefined
  readonly expectedRevision?: Operators<string> | null | undefined
  readonly appliedRevision?: Operators<string> | null | undefined
  readonly appliedAt?: Operators<string> | null | undefined
  readonly repository?: Operators<string> | null | undefined
  readonly chart?: Operators<string> | null | undefined
  readonly version?: Operators<string> | null | undefined
  /** What acts on a management cluster itself is of no cluster, and meets none. */
  readonly cluster?: ClusterFilter | null | undefined
  readonly source?: Operators<string> | null | undefined
  readonly health?: Operators<State> | null | undefined
  readonly freshness?: Operators<FreshnessState> | null | undefined
}

const text = (column: string) => compares<string>(sql.raw(column), 'text')

const clauses: Clauses<GitOpsFilter> = {
  tool: text('y.tool'),
  kind: text(`split_part(y.kind, '/', 2)`),
  namespace: text('y.namespace'),
  name: text('y.name'),
  app: text('y.app'),
  ready: text('y.ready'),
  reason: text('y.reason'),
  suspended: holds(sql`y.suspended`),
  behind: holds(sql`y.behind`),
  lagSeconds: compares<number>(sql.raw(`(${lagOf})`), 'int'),
  expectedRevision: text('y.expected_revision'),
  appliedRevision: text('y.applied_revision'),
  appliedAt: compares<string>(sql`y.applied_at`, 'timestamptz'),
  repository: text('y.repository'),
  chart: text('y.chart'),
  version: text('y.version'),
  // A row of its own: how fresh a cluster is and how fresh its objects are go by one name.
  cluster: (filter) =>
    sql`exists (select from ${sql.raw(fromClusters(asksFreshness(filter, true), asksAssessment(filter)))}
      where c.id = y.cluster_id and ${whereOf(filter, clusterClauses)})`,
  source: compares<string>(sql`y.source_id`, 'text', bareIdOf('Source')),
  health: compares<State>(sql.raw(`(${stateOf('o')})`), 'text'),
  freshness: compares<FreshnessState>(sql.raw(`(${freshnessStateOf('o')})`), 'text'),
}

const orders = {
  name: { key: 'y.name', type: 'text' },
  lag: { key: lagKeyOf('y'), type: 'timestamptz' },
} satisfies Record<string, Order>
export type GitOpsOrder = keyof typeof orders

/** What applies something from Git, a page at a time. */
export function readGitops(
  db: Db,
  viewer: Viewer,
  query: { readonly filter?: GitOpsFilter | null | undefined } & PageAsk<GitOpsOrder>,
): Promise<Page<GitOpsObject>> {
  const { filter } = query
  const listing = {
    noun: 'gitops',
    from: (asked: Selection) => fromGitops(asksFreshness(filter, true) || asksFreshness(asked)),
    shape: gitopsShape,
    id: 'y.id',
    idType: 'uuid' as const,
    where: [visibleTo(viewer, 'y'), sql.raw(livingOf('o')), whereOf(filter, clauses)],
    ground: { kinds: gitopsKinds, composed: false, ...amongSources(filter?.source ?? filter?.cluster?.source) },
  }
  return readPage<GitOpsObject, GitOpsOrder>(db, viewer, listing, orders, query)
}

/** GitOps objects by id, in no order. */
export function readGitopsById(db: Db, viewer: Viewer, ids: readonly string[], at: Date, selection: Selection) {
  const from = sql.raw(fromGitops(asksFreshness(selection)))
  const where = sql`${visibleTo(viewer, 'y')} and ${sql.raw(livingOf('o'))} and y.id = any(${sql.param(ids)}::uuid[])`
  return readRows<GitOpsObject>(db, at, { shape: gitopsShape, from, where }, selection)
}
