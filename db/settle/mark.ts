import { sql } from 'drizzle-orm'
import { armClusterKind, clusterKind } from '../../fleet/reference.ts'
import { type Db, rowsOf } from '../client.ts'
import { texts } from '../recordset.ts'
import type { Round, Taken } from './round.ts'

/** Notes kinds that fell silent for longer than the source's limit, or came back, and marks the clusters that hold objects of them. */
export async function markTurned(tx: Db, { source, now }: Round): Promise<void> {
  await tx.execute(sql`with turned as (
      update reading r set stale = not r.stale from source s
      where s.id = r.source_id and r.source_id = ${source}
        and r.stale <> coalesce(r.last_success_at + s.stale_after_ms * interval '1 millisecond' <= ${now.toISOString()}, false)
      returning r.kind)
    insert into unsettled (source_id, cluster_id, owner_namespace, owner_name)
    select distinct o.source_id, o.cluster_id, o.owner_namespace, o.owner_name from object o join turned on turned.kind = o.kind
    where o.source_id = ${source} and o.cluster_id is not null and o.gone_at is null`)
}

/** Marks clusters whose own health the clock may have changed. */
export async function markDue(tx: Db, { source, now }: Round): Promise<void> {
  await tx.execute(sql`insert into unsettled (source_id, cluster_id, owner_namespace, owner_name)
    select source_id, id, namespace, name from cluster
    where source_id = ${source} and holds_until <= ${now.toISOString()} and gone_at is null`)
}

/** Takes all marks of up to `max` clusters, the longest marked first. */
export async function takeMarks(tx: Db, { source }: Round, max: number): Promise<Taken[]> {
  const rows = await rowsOf<{ id: string; namespace: string; name: string }>(
    tx,
    sql`with taken as (
        delete from unsettled where source_id = ${source} and cluster_id in (
          select cluster_id from unsettled where source_id = ${source} group by cluster_id order by min(mark) limit ${max})
        returning cluster_id, owner_namespace, owner_name)
      select distinct on (cluster_id) cluster_id as id, owner_namespace as namespace, owner_name as name from taken order by cluster_id`,
  )
  return rows.map(({ id, namespace, name }) => ({ id, name: { namespace, name } }))
}

/** Notes, once, that all of a complete reading of what clusters are made around has been composed: from then on the source reports clusters. */
export async function markComposed(tx: Db, { source, now }: Round): Promise<void> {
  await tx.execute(sql`update reading set composed_at = ${now.toISOString()}
    where source_id = ${source} and kind in (${clusterKind}, ${armClusterKind}) and composed_at is null and last_success_at is not null
      and not exists (select from unsettled where source_id = ${source})`)
}

/**
 * Marks clusters of these sources that other sources testify to as well: theirs is the word that counts once a source was taken out of
 * the fleet file, and no longer once it came back. Clusters that nobody else knows stay as they were seen last.
 */
export async function markShared(tx: Db, sources: readonly string[]): Promise<void> {
  if (sources.length === 0) return
  await tx.execute(sql`insert into unsettled (source_id, cluster_id, owner_namespace, owner_name)
    select c.source_id, c.id, c.namespace, c.name from cluster c
    where c.id in (select cluster_id from object where source_id = any(${texts(sources)}) and gone_at is null)
      and exists (select from object o where o.cluster_id = c.id and o.gone_at is null and o.source_id <> all(${texts(sources)}))`)
}
