import { type SQL, sql } from 'drizzle-orm'
import { FleetError } from '../../fleet/error.ts'
import type { Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { type Coverage, coverageSql, type Ground, refuseUnknown, unknownSourceSql } from './coverage.ts'
import { cursorOf, type Place, placeOf, questionOf } from './cursor.ts'
import { all } from './filter.ts'
import { columnsOf, type Selection, type Shape } from './shape.ts'
import { readJson } from './statement.ts'

/** The largest page; also what `last` may ask for. */
const pageMax = 100
const pageDefault = 20

/** How a list is sorted. Every one has an index on `(key, id)` in db/tables.ts. */
export interface Order {
  /** SQL text, never null. */
  readonly key: string
  readonly type: 'text' | 'timestamptz' | 'int' | 'bigint'
}

/** What a list of one noun is made of. */
export interface Listing {
  readonly noun: string
  /** `cluster c left join …`: everything the filter and these fields speak of. What is costly is joined only where they do. */
  readonly from: (asked: Selection) => string
  readonly shape: Shape
  /** The id's column; with the key it makes an order total. */
  readonly id: string
  readonly idType: 'uuid' | 'text'
  readonly where: readonly SQL[]
  readonly ground: Ground
}

/** Relay's arguments, and the order. */
export interface PageArgs {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly last?: number | null | undefined
  readonly before?: string | null | undefined
}

/** One page. `totalCount` and `coverage` are there when they were selected. */
export interface Page<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[]
  readonly nodes: readonly T[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
  readonly totalCount: number
  readonly coverage: Coverage
}

/** What a caller asks of a list, in the words of the schema. */
export interface PageAsk<O extends string = string> {
  readonly filter?: object | null | undefined
  readonly withGone?: boolean | null | undefined
  readonly page: PageArgs
  readonly orderBy?: { readonly field: O; readonly descending: boolean } | null | undefined
  readonly selection: Selection
  readonly now: Date
}

interface Row {
  readonly _key: string | number
  readonly _id: string
}

interface Answer {
  readonly rows: readonly Row[]
  readonly total?: number
  readonly coverage?: Coverage
  readonly unknownSource?: string | null
}

/** A page of a list in one statement, whatever is selected. Throws `invalid` for arguments that make no page. */
export async function readPage<T, O extends string = string>(
  db: Db,
  viewer: Viewer,
  listing: Listing,
  orders: Readonly<Record<O, Order>>,
  ask: PageAsk<O>,
): Promise<Page<T>> {
  const { limit, backward } = windowOf(ask.page)
  const { field, descending } = ask.orderBy ?? { field: firstOf(orders), descending: false }
  const question = questionOf([listing.noun, ask.filter ?? null, ask.withGone ?? false, field, descending])
  const cut = backward ? ask.page.before : ask.page.after
  const place = cut == null ? null : placeOf(question, cut)
  const run = { order: orders[field], descending: descending !== backward, place, limit: limit + 1 }
  const answer = await readJson<Answer>(db, ask.now, statementOf(viewer, listing, ask, run))
  refuseUnknown(answer)
  const rows = answer.rows.slice(0, limit)
  if (backward) rows.reverse()
  const more = answer.rows.length > limit
  const cursor = (row: Row | undefined): string | null =>
    row === undefined ? null : cursorOf(question, { key: row._key, id: row._id })
  // The rows were selected field by field from T's own shape.
  const nodes = rows as readonly unknown[] as readonly T[]
  const edges = ask.selection.edges ? nodes.map((node, at) => ({ cursor: cursor(rows[at]) ?? '', node })) : []
  return {
    nodes,
    edges,
    pageInfo: {
      hasNextPage: backward ? ask.page.before != null : more,
      hasPreviousPage: backward ? more : ask.page.after != null,
      startCursor: cursor(rows[0]),
      endCursor: cursor(rows.at(-1)),
    },
    // Selected or not read at all: GraphQL asks only for what it selected.
    totalCount: answer.total ?? 0,
    coverage: answer.coverage ?? noCoverage,
  }
}

/** What is not asked to be sorted is sorted by the first of its orders. */
function firstOf<O extends string>(orders: Readonly<Record<O, Order>>): O {
  const [first] = Object.keys(orders) as O[] // Its own keys.
  if (first === undefined) throw new Error('a list without an order')
  return first
}

export const noCoverage: Coverage = { expectedSources: 0, reportingSources: 0, staleSources: [], complete: false }

function windowOf({ first, after, last, before }: PageArgs): { limit: number; backward: boolean } {
  const backward = last != null || (before != null && first == null)
  if (backward && (first != null || after != null)) {
    throw new FleetError('invalid', 'Ask forward (first, after) or backward (last, before), not both.')
  }
  if (!backward && before != null) {
    throw new FleetError('invalid', '"before" goes with "last"; forward pages take "after".')
  }
  const limit = (backward ? last : first) ?? pageDefault
  if (limit < 0 || limit > pageMax) {
    throw new FleetError('invalid', `"${backward ? 'last' : 'first'}" is ${limit}; a page holds 0 to ${pageMax}.`)
  }
  return { limit, backward }
}

/** Where a page starts and which way it runs; `limit` is one more than shown, to learn whether more follow. */
interface PageRun {
  readonly order: Order
  readonly descending: boolean
  readonly place: Place | null
  readonly limit: number
}

function statementOf(viewer: Viewer, listing: Listing, { selection }: PageAsk, run: PageRun): SQL {
  const key = sql.raw(run.order.key)
  const id = sql.raw(listing.id)
  const seek = run.place === null ? [] : [seekSql(run.place, listing, run)]
  const direction = sql.raw(run.descending ? 'desc' : 'asc')
  const node = nodeOf(selection)
  const rows = sql`select ${sql.raw(columnsOf(listing.shape, node))}, ${key} as "_key", ${id} as "_id" from ${sql.raw(listing.from(node))}
    where ${all([...listing.where, ...seek])} order by ${key} ${direction}, ${id} ${direction} limit ${run.limit}`
  const parts = [
    sql`'rows', (select coalesce(json_agg(t), '[]'::json) from (${rows}) t)`,
    ...unknownSourceSql(viewer, listing.ground),
  ]
  if (selection.totalCount) {
    parts.push(sql`'total', (select count(*)::int from ${sql.raw(listing.from({}))} where ${all(listing.where)})`)
  }
  if (selection.coverage) {
    parts.push(sql`'coverage', ${coverageSql(viewer, listing.ground, selection.coverage)}`)
  }
  return sql`json_build_object(${sql.join(parts, sql`, `)})`
}

function seekSql({ key, id }: Place, listing: Listing, { order, descending }: PageRun): SQL {
  const place = sql`(${key}::${sql.raw(order.type)}, ${id}::${sql.raw(listing.idType)})`
  return sql`(${sql.raw(order.key)}, ${sql.raw(listing.id)}) ${sql.raw(descending ? '<' : '>')} ${place}`
}

// The same object each time, because a selection's SQL text is remembered by it.
const nodes = new WeakMap<Selection, Selection>()

function nodeOf(page: Selection): Selection {
  const known = nodes.get(page)
  if (known) return known
  const node = mergeOf(page.edges?.node, page.nodes)
  nodes.set(page, node)
  return node
}

/** Two selections of one noun as one. */
function mergeOf(a: Selection | undefined, b: Selection | undefined): Selection {
  if (a === undefined || b === undefined) return a ?? b ?? {}
  const merged: Record<string, Selection> = { ...a }
  for (const [field, below] of Object.entries(b)) merged[field] = mergeOf(merged[field], below)
  return merged
}
