import { sql } from 'drizzle-orm'
import { formerClaim } from '../claim.ts'
import { type Db, rowsOf } from '../client.ts'
import { texts, uuids } from '../recordset.ts'
import type { Round, Taken } from './round.ts'

/**
 * Of the marked clusters, those whose home is the round's source: one that has no row yet, too. A cluster is written by the rounds of
 * its home alone, so marks on others are handed over to it. Objects that still name the former id of a cluster follow it.
 */
export async function atHome(tx: Db, { source }: Round, taken: readonly Taken[]): Promise<readonly Taken[]> {
  if (taken.length === 0) return taken
  const ids = uuids(taken.map(({ id }) => id))
  const former = texts(taken.map(({ id }) => formerClaim(id)))
  const elsewhere = await rowsOf<{ id: string }>(
    tx,
    sql`with moved as (
        select substr(claim, 4)::uuid as id, cluster_id from binding where claim = any(${former})),
      repointed as (
        update object o set cluster_id = m.cluster_id from moved m where o.cluster_id = m.id and o.source_id = ${source}),
      away as (
        select id, cluster_id, ${source} as home from moved
        union all select id, id, source_id from cluster
          where id = any(${ids}) and source_id <> ${source} and id not in (select id from moved)),
      handed as (
        insert into unsettled (source_id, cluster_id, owner_namespace, owner_name)
        select a.home, a.cluster_id, t.namespace, t.name from away a
        join unnest(${ids}, ${texts(taken.map(({ name }) => name.namespace))}, ${texts(taken.map(({ name }) => name.name))})
          as t(id, namespace, name) on t.id = a.id)
      select id from away`,
  )
  const gone = new Set(elsewhere.map(({ id }) => id))
  return taken.filter(({ id }) => !gone.has(id))
}
