import { sql } from 'drizzle-orm'
import type { Waiver as Excuse } from '../../fleet/policy/policy.ts'
import type { Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { type Clauses, compares, holds, type Logic, type Operators, whereOf } from './filter.ts'
import { clusterKinds, isActive, waiverShape } from './graph.ts'
import { bareIdOf } from './id.ts'
import { type Order, type Page, type PageAsk, readPage } from './page.ts'
import { visibleTo } from './scope.ts'
import type { Selection } from './shape.ts'
import { amongSources } from './source.ts'
import { readRows } from './statement.ts'
import type { Waiver } from './verdict-noun.ts'

/** The filter language over waivers. */
export interface WaiverFilter extends Logic<WaiverFilter> {
  readonly id?: Operators<string> | null | undefined
  readonly policy?: Operators<string> | null | undefined
  readonly rule?: Operators<string> | null | undefined
  readonly owner?: Operators<string> | null | undefined
  readonly origin?: Operators<Excuse['origin']> | null | undefined
  readonly createdAt?: Operators<string> | null | undefined
  readonly expiresAt?: Operators<string> | null | undefined
  readonly revokedAt?: Operators<string> | null | undefined
  readonly active?: boolean | null | undefined
}

const text = (column: string) => compares<string>(sql.raw(column), 'text')
const instant = (column: string) => compares<string>(sql.raw(column), 'timestamptz')

const clauses: Clauses<WaiverFilter> = {
  id: compares<string>(sql`u.id`, 'uuid', bareIdOf('Waiver')),
  policy: text('u.policy'),
  rule: text('u.rule'),
  owner: text('u.owner'),
  origin: text('u.origin'),
  createdAt: instant('u.created_at'),
  expiresAt: instant('u.expires_at'),
  revokedAt: instant('u.revoked_at'),
  active: holds(sql.raw(isActive)),
}

/** Waivers are few: sorting needs no index. */
const orders = {
  expiresAt: { key: 'u.expires_at', type: 'timestamptz' },
  createdAt: { key: 'u.created_at', type: 'timestamptz' },
} satisfies Record<string, Order>
export type WaiverOrder = keyof typeof orders

/** Waivers, a page at a time: those that expired or were revoked too. */
export function readWaivers(
  db: Db,
  viewer: Viewer,
  query: { readonly filter?: WaiverFilter | null | undefined } & PageAsk<WaiverOrder>,
): Promise<Page<Waiver>> {
  const { filter } = query
  const listing = {
    noun: 'waiver',
    from: () => 'waiver u',
    shape: waiverShape,
    id: 'u.id',
    idType: 'uuid' as const,
    where: [visibleTo(viewer, 'u'), whereOf(filter, clauses)],
    ground: { kinds: sql.raw(clusterKinds), composed: true, ...amongSources(null) },
  }
  return readPage<Waiver, WaiverOrder>(db, viewer, listing, orders, query)
}

/** Waivers by id, in no order. */
export function readWaiversById(db: Db, viewer: Viewer, ids: readonly string[], at: Date, selection: Selection) {
  const where = sql`${visibleTo(viewer, 'u')} and u.id = any(${sql.param(ids)}::uuid[])`
  return readRows<Waiver>(db, at, { shape: waiverShape, from: sql`waiver u`, where }, selection)
}
