import { sql } from 'drizzle-orm'
import type { DriftCode } from '../../fleet/drift/code.ts'
import type { Cause, Outcome, RuleType, Severity } from '../../fleet/policy/policy.ts'
import type { Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { findingKeyOf } from '../order.ts'
import { type ClusterFilter, clusterClauses } from './cluster.ts'
import { type Clauses, compares, holds, type Logic, type Operators, whereOf } from './filter.ts'
import { asksFreshness, inputsStale } from './freshness.ts'
import { clusterKinds, findingShape, fromFindings } from './graph.ts'
import { type Order, type Page, type PageAsk, readPage } from './page.ts'
import { livingOf, visibleTo } from './scope.ts'
import type { Selection } from './shape.ts'
import { amongSources } from './source.ts'
import { readRows } from './statement.ts'
import { asksAssessment } from './support.ts'
import type { Finding } from './verdict-noun.ts'
import { asksInputs, asksStale } from './verdict-shape.ts'

/** What can be asked of any verdict. */
export interface VerdictFilter {
  readonly policy?: Operators<string> | null | undefined
  readonly rule?: Operators<string> | null | undefined
  readonly severity?: Operators<Severity> | null | undefined
  readonly outcome?: Operators<Outcome> | null | undefined
  readonly cause?: Operators<Cause> | null | undefined
  readonly since?: Operators<string> | null | undefined
  readonly violatedSince?: Operators<string> | null | undefined
  readonly holdsUntil?: Operators<string> | null | undefined
  readonly graceUntil?: Operators<string> | null | undefined
  readonly waived?: boolean | null | undefined
  readonly stale?: boolean | null | undefined
}

/** The filter language over findings. */
export interface FindingFilter extends VerdictFilter, Logic<FindingFilter> {
  readonly type?: Operators<RuleType> | null | undefined
  readonly code?: Operators<DriftCode> | null | undefined
  readonly cluster?: ClusterFilter | null | undefined
}

const text = (column: string) => compares<string>(sql.raw(column), 'text')
const instant = (column: string) => compares<string>(sql.raw(column), 'timestamptz')

/** What can be asked of any verdict `v`. */
export const verdictClauses = {
  policy: text('v.policy'),
  rule: text('v.rule'),
  severity: text('v.severity'),
  outcome: text('v.outcome'),
  cause: text('v.cause'),
  since: instant('v.since'),
  violatedSince: instant('v.violated_since'),
  holdsUntil: instant('v.holds_until'),
  graceUntil: instant('v.grace_until'),
  waived: holds(sql`v.waiver_id is not null`),
  stale: holds(sql.raw(inputsStale)),
} satisfies Clauses<VerdictFilter & Logic<never>>

const clauses: Clauses<FindingFilter> = {
  ...verdictClauses,
  type: text('v.type'),
  code: text('v.code'),
  cluster: (filter) => whereOf(filter, clusterClauses),
}

/** Of any list of verdicts `v`. */
export const verdictOrders = {
  since: { key: 'v.since', type: 'timestamptz' },
  severity: { key: findingKeyOf('v'), type: 'bigint' },
} satisfies Record<string, Order>
export type FindingOrder = keyof typeof verdictOrders

/** What the rules find on living clusters, a page at a time. */
export function readFindings(
  db: Db,
  viewer: Viewer,
  query: { readonly filter?: FindingFilter | null | undefined } & PageAsk<FindingOrder>,
): Promise<Page<Finding>> {
  const { filter } = query
  const ofClusters = { judged: asksFreshness(filter, true), assessed: asksAssessment(filter) }
  const filtered = asksStale(filter)
  const listing = {
    noun: 'finding',
    from: (asked: Selection) => fromFindings(filtered || asksInputs(asked), ofClusters),
    shape: findingShape,
    id: 'v.id',
    idType: 'uuid' as const,
    where: [visibleTo(viewer, 'c'), sql.raw(livingOf('c')), whereOf(filter, clauses)],
    ground: { kinds: sql.raw(clusterKinds), composed: true, ...amongSources(filter?.cluster?.source) },
  }
  return readPage<Finding, FindingOrder>(db, viewer, listing, verdictOrders, query)
}

/** Findings by id, in no order. */
export function readFindingsById(db: Db, viewer: Viewer, ids: readonly string[], at: Date, selection: Selection) {
  const from = sql.raw(fromFindings(asksInputs(selection)))
  const where = sql`${visibleTo(viewer, 'c')} and v.id = any(${sql.param(ids)}::uuid[])`
  return readRows<Finding>(db, at, { shape: findingShape, from, where }, selection)
}
