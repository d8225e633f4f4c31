import { type SQL, sql } from 'drizzle-orm'
import { rowsOf, type Store } from '../../db/client.ts'
import { registerDestinations } from '../../db/destination.ts'
import { ingest } from '../../db/ingest.ts'
import { type Settled, settle } from '../../db/settle.ts'
import { registerSources } from '../../db/source.ts'
import type { Delivery } from '../../fleet/delivery.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { clear } from '../engine.ts'
import { at, listed, pushed } from './wire.ts'
import { sourceOf } from './witnesses.ts'

/** A store that hears of management clusters, and is asked how they and their clusters drift. */
export function driftsOf(store: () => Store, { staleAfterMs = 180_000 } = {}) {
  const rows = <Row = Record<string, unknown>>(statement: SQL) => rowsOf<Row>(store().db, statement)
  const take = (delivery: Delivery) => ingest(store().db, delivery, { receivedAt: delivery.observedAt })
  const register = (sources: readonly string[], minute = 0) =>
    registerSources(
      store().db,
      sources.map((id) => ({ ...sourceOf(id), staleAfterMs })),
      at(minute),
    )
  return {
    rows,
    take,
    register,
    begin: async (sources: readonly string[]) => {
      await clear(store())
      await register(sources)
    },
    destinations: (declared: Parameters<typeof registerDestinations>[1]) => registerDestinations(store().db, declared),
    /** All objects of a kind there are. */
    lists: (minute: number, kind: KindKey, objects: readonly unknown[], source = 'weu') =>
      take(listed(at(minute), objects, { kind, source })),
    /** Some objects as they are now. */
    pushes: (minute: number, kind: KindKey, objects: readonly unknown[], source = 'weu') =>
      take(pushed(at(minute), objects, { kind, source })),
    settled: (minute: number): Promise<Settled> => settle(store().db, at(minute)),
    /** Differences as lines: `<cluster or source>: <code> <about>`. */
    drift: async (): Promise<string[]> =>
      (
        await rows<{ line: string }>(sql`select coalesce(k.name, d.source_id) || ': ' || (e ->> 'code') ||
            coalesce(' ' || (e #>> '{about,ref,name}'), '') as line
          from drift d cross join jsonb_array_elements(d.differences) e left join cluster k on k.id = d.subject_id
          where e ->> 'code' <> 'unmanagedByGit' order by 1`)
      ).map(({ line }) => line),
    /** The same of what nobody can tell. */
    gaps: async (): Promise<string[]> =>
      (
        await rows<{ line: string }>(sql`select coalesce(k.name, d.source_id) || ': ' || (e ->> 'code') as line
          from drift d cross join jsonb_array_elements(d.gaps) e left join cluster k on k.id = d.subject_id order by 1`)
      ).map(({ line }) => line),
    /** Reconcilers as lines: `<name> <revision> on <cluster>`. */
    gitops: async (): Promise<string[]> =>
      (
        await rows<{
          line: string
        }>(sql`select g.name || ' ' || coalesce(g.applied_revision, '-') || ' on ' || coalesce(k.name, '-') as line
          from gitops g left join cluster k on k.id = g.cluster_id order by 1`)
      ).map(({ line }) => line),
    clusters: async (): Promise<string[]> =>
      (await rows<{ name: string }>(sql`select name from cluster where gone_at is null order by name`)).map(
        ({ name }) => name,
      ),
    /** Every row that composing writes, in its version. */
    versions: () =>
      rows(sql`select 'k' as t, id::text || xmin::text as row from cluster union all select 'd', subject_id::text || xmin::text from drift
        union all select 'g', id::text || xmin::text from gitops union all select 's', cluster_id::text || xmin::text from stray
        union all select 'o', id::text || xmin::text from object order by 1, 2`),
  }
}
