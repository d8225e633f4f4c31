import { type SQL, sql } from 'drizzle-orm'
import type { State } from '../../fleet/health.ts'
import type { FreshnessState, Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { type Clauses, compares, comparesClusterId, type Logic, type Operators, selects, whereOf } from './filter.ts'
import { asksFreshness, freshnessStateOf, stateOf } from './freshness.ts'
import { fromResources, groupOf, kindOf, resourceShape } from './graph.ts'
import { bareIdOf } from './id.ts'
import type { Resource } from './noun.ts'
import { type Order, type Page, type PageAsk, readPage } from './page.ts'
import { livingOf, visibleTo } from './scope.ts'
import type { Selection } from './shape.ts'
import { amongSources } from './source.ts'
import { readRows } from './statement.ts'
import { comparesVersion } from './version.ts'

/** The filter language over objects. */
export interface ResourceFilter extends Logic<ResourceFilter> {
  readonly source?: Operators<string> | null | undefined
  readonly cluster?: Operators<string> | null | undefined
  readonly group?: Operators<string> | null | undefined
  readonly kind?: Operators<string> | null | undefined
  readonly namespace?: Operators<string> | null | undefined
  readonly name?: Operators<string> | null | undefined
  readonly version?: Operators<string> | null | undefined
  readonly health?: Operators<State> | null | undefined
  readonly freshness?: Operators<FreshnessState> | null | undefined
  readonly pausedSince?: Operators<string> | null | undefined
  readonly createdAt?: Operators<string> | null | undefined
  readonly changedAt?: Operators<string> | null | undefined
  readonly lastTransitionAt?: Operators<string> | null | undefined
  readonly labels?: string | null | undefined
}

const text = (column: string) => compares<string>(sql.raw(column), 'text')
const instant = (column: string) => compares<string>(sql.raw(column), 'timestamptz')
/** `Machine`, or `cluster.x-k8s.io/Machine`: with its group a kind is the key that the index `object_by_kind` has. */
function comparesKind(row: string, given: Operators<string>): SQL {
  const whole = (given.eq ?? given.in?.[0] ?? '').includes('/')
  return text(whole ? `${row}.kind` : kindOf(row))(given)
}

const clauses: Clauses<ResourceFilter> = {
  source: compares<string>(sql`o.source_id`, 'text', bareIdOf('Source')),
  cluster: comparesClusterId(sql`o.cluster_id`),
  group: text(groupOf('o')),
  kind: (given) => comparesKind('o', given),
  namespace: text('o.namespace'),
  name: text('o.name'),
  version: comparesVersion('o'),
  health: compares<State>(sql.raw(`(${stateOf('o')})`), 'text'),
  freshness: compares<FreshnessState>(sql.raw(`(${freshnessStateOf('o')})`), 'text'),
  pausedSince: instant('o.paused_since'),
  createdAt: instant('o.created_at'),
  changedAt: instant('o.changed_at'),
  lastTransitionAt: instant('o.state_since'),
  labels: selects(sql`o.labels`),
}

const orders = { name: { key: 'o.name', type: 'text' } } satisfies Record<string, Order>
export type ResourceOrder = keyof typeof orders

/** A top-level `group` or `kind` narrows what the answer rests on. */
function kindsOf(filter: ResourceFilter | null | undefined): SQL {
  return whereOf({ group: filter?.group, kind: filter?.kind }, kindClauses)
}
const kindClauses: Clauses<Pick<ResourceFilter, 'group' | 'kind'> & Logic<never>> = {
  group: text(groupOf('r')),
  kind: (given) => comparesKind('r', given),
}

/** Observed objects of all kinds, a page at a time. */
export function readResources(
  db: Db,
  viewer: Viewer,
  query: { readonly filter?: ResourceFilter | null | undefined } & PageAsk<ResourceOrder>,
): Promise<Page<Resource>> {
  const { filter, withGone } = query
  const listing = {
    noun: 'resource',
    from: (asked: Selection) => fromResources(asksFreshness(filter, true) || asksFreshness(asked)),
    shape: resourceShape,
    id: 'o.id',
    idType: 'uuid' as const,
    where: [visibleTo(viewer, 'o'), withGone ? sql`true` : sql.raw(livingOf('o')), whereOf(filter, clauses)],
    ground: { kinds: kindsOf(filter), composed: false, ...amongSources(filter?.source) },
  }
  return readPage<Resource, ResourceOrder>(db, viewer, listing, orders, query)
}

/** Objects by id, in no order. */
export function readResourcesById(db: Db, viewer: Viewer, ids: readonly string[], at: Date, selection: Selection) {
  const from = sql.raw(fromResources(asksFreshness(selection)))
  const where = sql`${visibleTo(viewer, 'o')} and o.id = any(${sql.param(ids)}::uuid[])`
  return readRows<Resource>(db, at, { shape: resourceShape, from, where }, selection)
}
