import { type SQL, sql } from 'drizzle-orm'
import { type Dimension, type DriftCode, driftCodes } from '../../fleet/drift/code.ts'
import { kinds } from '../../fleet/kinds/registry.ts'
import { kindKeyOf } from '../../fleet/reference.ts'
import type { Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { texts } from '../recordset.ts'
import { type ClusterFilter, clusterClauses } from './cluster.ts'
import { type Clauses, compares, holds, type Logic, type Operators, whereOf } from './filter.ts'
import { type FindingOrder, type VerdictFilter, verdictClauses, verdictOrders } from './finding.ts'
import { asksFreshness } from './freshness.ts'
import { clusterKinds, driftShape, fromDrift, isLivingDrift } from './graph.ts'
import { bareIdOf } from './id.ts'
import { type Page, type PageAsk, readPage } from './page.ts'
import { visibleTo } from './scope.ts'
import type { Selection } from './shape.ts'
import { amongSources } from './source.ts'
import { readRows } from './statement.ts'
import { asksAssessment } from './support.ts'
import type { Drift } from './verdict-noun.ts'
import { aboutName, asksInputs, asksStale, isTolerated } from './verdict-shape.ts'

/** The filter language over drift. */
export interface DriftFilter extends VerdictFilter, Logic<DriftFilter> {
  readonly code?: Operators<DriftCode> | null | undefined
  readonly dimension?: Operators<Dimension> | null | undefined
  /** Drift of a management cluster itself is of no cluster, and meets none. */
  readonly cluster?: ClusterFilter | null | undefined
  readonly source?: Operators<string> | null | undefined
  readonly subjectKind?: Operators<string> | null | undefined
  readonly subjectNamespace?: Operators<string> | null | undefined
  readonly subjectName?: Operators<string> | null | undefined
  readonly field?: Operators<string> | null | undefined
  readonly suppressed?: boolean | null | undefined
  readonly tolerated?: boolean | null | undefined
}

const text = (column: string) => compares<string>(sql.raw(column), 'text')

const clauses: Clauses<DriftFilter> = {
  ...verdictClauses,
  code: text('v.code'),
  dimension: text('v.dimension'),
  cluster: (filter) => sql`(v.scope = 'cluster' and ${whereOf(filter, clusterClauses)})`,
  source: compares<string>(sql`v.source_id`, 'text', bareIdOf('Source')),
  subjectKind: text(`(v.about ->> 'kind')`),
  subjectNamespace: text(`(v.about ->> 'namespace')`),
  subjectName: text(aboutName),
  field: text('v.field'),
  suppressed: holds(sql`v.suppressed_by is not null`),
  tolerated: holds(sql.raw(isTolerated)),
}

/** Kinds of GitOps tools, of operators' own among them none: over `reading r`. */
export const gitopsKinds = sql`r.kind = any(${texts(kinds.filter(({ part }) => part === 'gitops').map(kindKeyOf))})`

/** Whether a filter names only differences between Git and what runs, at its top level. */
function asksOnlyGitops({ dimension, code }: DriftFilter): boolean {
  const named = [dimension?.eq ?? [], dimension?.in ?? []].flat()
  const coded = [code?.eq ?? [], code?.in ?? []].flat()
  const dimensions = named.length > 0 ? named : coded.map((one) => driftCodes[one].dimension)
  return dimensions.length > 0 && dimensions.every((one) => one === 'gitops')
}

/**
 * What an answer rests on: every kind that is read, because any may hide a difference while it cannot be; of GitOps alone, its kinds
 * and the clusters.
 */
const kindsOf = (filter: DriftFilter | null | undefined): SQL =>
  filter && asksOnlyGitops(filter) ? sql`(${sql.raw(clusterKinds)} or ${gitopsKinds})` : sql`true`

/** The rows a question is about. Every list, count and group of drift is made of these. */
export function driftWhere(viewer: Viewer, filter: DriftFilter | null | undefined) {
  const ofClusters = { judged: asksFreshness(filter, true), assessed: asksAssessment(filter) }
  const filtered = asksStale(filter)
  return {
    from: (asked: Selection) => fromDrift(filtered || asksInputs(asked), ofClusters),
    where: [visibleTo(viewer, 'v'), sql.raw(isLivingDrift), whereOf(filter, clauses)],
    ground: { kinds: kindsOf(filter), composed: true, ...amongSources(filter?.source ?? filter?.cluster?.source) },
  }
}

/** How what runs differs from what was declared, a page at a time: of living clusters, and of management clusters themselves. */
export function readDrift(
  db: Db,
  viewer: Viewer,
  query: { readonly filter?: DriftFilter | null | undefined } & PageAsk<FindingOrder>,
): Promise<Page<Drift>> {
  const listing = {
    noun: 'drift',
    ...driftWhere(viewer, query.filter),
    shape: driftShape,
    id: 'v.id',
    idType: 'uuid' as const,
  }
  return readPage<Drift, FindingOrder>(db, viewer, listing, verdictOrders, query)
}

/** Drift by id, in no order; none of what is no longer there. */
export function readDriftById(db: Db, viewer: Viewer, ids: readonly string[], at: Date, selection: Selection) {
  const from = sql.raw(fromDrift(asksInputs(selection)))
  const where = sql`${visibleTo(viewer, 'v')} and ${sql.raw(isLivingDrift)} and v.id = any(${sql.param(ids)}::uuid[])`
  return readRows<Drift>(db, at, { shape: driftShape, from, where }, selection)
}
