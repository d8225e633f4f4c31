import { sql } from 'drizzle-orm'
import type { FreshnessState, SourceDeclaration, Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { type Clauses, compares, type Logic, type Operators, selects, whereOf } from './filter.ts'
import { sourceState } from './freshness.ts'
import { bareIdOf } from './id.ts'
import type { Source } from './noun.ts'
import { type Order, type Page, type PageAsk, readPage } from './page.ts'
import { providerClauses } from './provider.ts'
import { visibleTo } from './scope.ts'
import type { Selection } from './shape.ts'
import { sourceShape } from './source-shape.ts'
import { readRows } from './statement.ts'

/** The filter language over sources. */
export interface SourceFilter extends Logic<SourceFilter> {
  readonly name?: Operators<string> | null | undefined
  readonly type?: Operators<SourceDeclaration['type']> | null | undefined
  readonly region?: Operators<string> | null | undefined
  readonly freshness?: Operators<FreshnessState> | null | undefined
  readonly lastSuccessAt?: Operators<string> | null | undefined
  readonly labels?: string | null | undefined
  readonly providersUnsupported?: boolean | null | undefined
  readonly providersMismatched?: boolean | null | undefined
}

/** Conditions that other nouns put on their source, over `s`. */
const sourceClauses: Clauses<{ readonly source?: Operators<string> | null | undefined } & Logic<never>> = {
  source: compares<string>(sql`s.id`, 'text', bareIdOf('Source')),
}

/** What a filter's top-level `source` says of where the answer can come from. */
export const amongSources = (source: Operators<string> | null | undefined) => ({
  among: whereOf({ source }, sourceClauses),
  named: [source?.eq ?? [], source?.in ?? []].flat().map(bareIdOf('Source')),
})

const clauses: Clauses<SourceFilter> = {
  name: compares<string>(sql`s.id`, 'text', bareIdOf('Source')),
  type: compares<SourceDeclaration['type']>(sql`s.type`, 'text'),
  region: compares<string>(sql`s.region`, 'text'),
  freshness: compares<FreshnessState>(sql.raw(`(${sourceState})`), 'text'),
  lastSuccessAt: compares<string>(sql`s.last_success_at`, 'timestamptz'),
  labels: selects(sql`s.labels`),
  ...providerClauses,
}

/** Sources are few; their key is their name. */
const orders = { name: { key: 's.id', type: 'text' } } satisfies Record<string, Order>
export type SourceOrder = keyof typeof orders

/** Sources, a page at a time. Those taken out of the fleet file are `gone`. */
export function readSources(
  db: Db,
  viewer: Viewer,
  query: { readonly filter?: SourceFilter | null | undefined } & PageAsk<SourceOrder>,
): Promise<Page<Source>> {
  const { filter, withGone } = query
  const listing = {
    noun: 'source',
    from: () => 'source s',
    shape: sourceShape,
    id: 's.id',
    idType: 'text' as const,
    where: [visibleTo(viewer, 's'), withGone ? sql`true` : sql`s.removed_at is null`, whereOf(filter, clauses)],
    ground: { kinds: null, composed: false, ...amongSources(null) },
  }
  return readPage<Source, SourceOrder>(db, viewer, listing, orders, query)
}

/** Sources by name, in no order. */
export function readSourcesById(db: Db, viewer: Viewer, names: readonly string[], at: Date, selection: Selection) {
  const from = sql`source s`
  const where = sql`${visibleTo(viewer, 's')} and s.id = any(${sql.param(names)}::text[])`
  return readRows<Source>(db, at, { shape: sourceShape, from, where }, selection)
}
