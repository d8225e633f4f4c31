import { type SQL, sql } from 'drizzle-orm'
import { armClusterKind, clusterKind } from '../../fleet/reference.ts'
import { sourceSubjectId } from '../claim.ts'
import { type Db, rowsOf } from '../client.ts'
import { destinationsMark, type Mark, ownMark } from '../ingest/mark.ts'
import { markToleratedDue } from '../judge/due.ts'
import { columnsOf, names, recordset, texts, values } from '../recordset.ts'
import { unsettled } from '../tables.ts'
import type { Round, Taken } from './round.ts'

const markColumns = columnsOf(unsettled)

/** Over `reading r` and `source s`: whether a kind has been silent for longer than the source's limit. */
export const isStaleAt = (at: string): SQL =>
  sql`coalesce(r.last_success_at + s.stale_after_ms * interval '1 millisecond' <= ${at}, false)`

/** Over `reading r`: how far the kind can be read at all (fleet/composition/surroundings.ts). */
const extent = `case when r.trouble_code = 'NotInstalled' then 'notInstalled'
  when r.last_success_at is not null then 'read' else 'unreadable' end`
export const extentOf = sql.raw(extent)

/** Over `reading r`: what clusters are told of a kind. Of Cluster objects, also that they cannot be read any more. */
export const tellingOf =
  sql.raw(`case when r.kind = '${clusterKind}' and r.last_success_at is not null and r.trouble_code <> 'NotInstalled'
  then 'troubled' else ${extent} end`)

/** Over `reading`: what clusters are made around. */
export const makesClusters = sql.raw(`kind in ('${clusterKind}', '${armClusterKind}')`)

export const toldOf = sql.raw(`coalesce(r.told, 'notInstalled')`)

/**
 * Notes kinds that fell silent for longer than the source's limit, or came back, and marks the clusters that hold objects of them. A
 * kind that was read for the first time, or is no longer installed, may concern everything of its source: what is missing can be
 * told only now, or no longer. What Cluster objects can be read decides who is declared by nobody, whoever tells of it.
 * What is tolerated while such a kind is not heard is judged again.
 */
export async function markTurned(tx: Db, { source, now }: Round): Promise<void> {
  const isStale = isStaleAt(now.toISOString())
  const [turned] = await rowsOf<{ declares: boolean; flipped: boolean }>(
    tx,
    sql`with present as (
      select r.kind, ${isStale} as stale, r.stale <> ${isStale} as flipped, ${tellingOf} as told, ${tellingOf} <> ${toldOf} as differs,
        ${extentOf} <> case ${toldOf} when 'troubled' then 'read' else ${toldOf} end as opened
      from reading r join source s on s.id = r.source_id where r.source_id = ${source}),
    turned as (
      update reading r set stale = p.stale, told = p.told from present p
      where r.source_id = ${source} and r.kind = p.kind and (p.flipped or p.differs)
      returning r.kind, p.flipped, p.differs, p.opened),
    marked as (insert into unsettled (source_id, cluster_id, owner_namespace, owner_name)
    select distinct o.source_id, o.cluster_id, o.owner_namespace, o.owner_name from object o join turned on turned.kind = o.kind
    where o.source_id = ${source} and o.cluster_id is not null and o.gone_at is null
    union select o.source_id, o.cluster_id, o.owner_namespace, o.owner_name from object o
    where o.source_id = ${source} and o.cluster_id is not null and o.gone_at is null and exists (select from turned where opened)
    union select ${source}, ${sourceSubjectId(source)}::uuid, '', '' where exists (select from turned where opened))
    select exists (select from turned where kind = ${clusterKind} and differs) or exists (select from turned where opened)
        and not exists (select from reading where source_id = ${source} and kind = ${clusterKind} and last_success_at is not null) as declares,
      exists (select from turned where flipped) as flipped`,
  )
  if (turned?.declares) await markUnclaimed(tx)
  if (turned?.flipped) await markToleratedDue(tx, source, now)
}

/** Marks clusters. `which`: a condition over `cluster c`. */
export async function markClusters(tx: Db, which: SQL): Promise<void> {
  await tx.execute(sql`insert into unsettled (source_id, cluster_id, owner_namespace, owner_name)
    select c.source_id, c.id, c.namespace, c.name from cluster c where ${which}`)
}

/**
 * Marks clusters that Azure alone knows, and management clusters with reconcilers that act on an unknown server: who declares them hangs
 * on whose Cluster objects can be read. That a source has none is known once anything else of it was read.
 */
export async function markUnclaimed(tx: Db): Promise<void> {
  await markClusters(tx, sql`c.kind = ${armClusterKind} and c.gone_at is null`)
  const acting = await rowsOf<{ id: string }>(
    tx,
    sql`select distinct source_id as id from object where acts_at like 'server:%' and cluster_id is null and gone_at is null`,
  )
  await markSources(
    tx,
    acting.map(({ id }) => id),
  )
}

/** Marks clusters, and the management cluster itself, whose facts the clock may have changed. */
export async function markDue(tx: Db, { source, now }: Round): Promise<void> {
  const at = now.toISOString()
  await tx.execute(sql`insert into unsettled (source_id, cluster_id, owner_namespace, owner_name)
    select source_id, id, namespace, name from cluster
    where source_id = ${source} and holds_until <= ${at} and gone_at is null
    union all select source_id, subject_id, '', '' from drift where source_id = ${source} and holds_until <= ${at}`)
}

/** Marks management clusters themselves. */
export async function markSources(tx: Db, sources: Iterable<string>): Promise<void> {
  await markOf(tx, sources, ownMark)
}

/** Has everything that objects of these sources act on by a destination looked up again. */
export async function markDestinations(tx: Db, sources: Iterable<string>): Promise<void> {
  await markOf(tx, sources, destinationsMark)
}

async function markOf(tx: Db, sources: Iterable<string>, mark: (source: string) => Mark): Promise<void> {
  const rows = [...new Set(sources)].sort().map((sourceId) => ({ sourceId, ...mark(sourceId) }))
  if (rows.length === 0) return
  await tx.execute(
    sql`insert into unsettled (${names(markColumns)}) select ${values(markColumns)} from ${recordset(markColumns, rows)}`,
  )
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
    where source_id = ${source} and ${makesClusters} and composed_at is null and last_success_at is not null
      and not exists (select from unsettled where source_id = ${source})`)
}

/**
 * Marks these sources themselves, which have no drift once they were taken out of the fleet file; and clusters that other sources
 * testify to as well: theirs is the word that counts once a source was taken out of the fleet file, and no longer once it came back.
 * Clusters that nobody else knows stay as they were seen last.
 */
export async function markShared(tx: Db, sources: readonly string[]): Promise<void> {
  if (sources.length === 0) return
  await markSources(tx, sources)
  await markUnclaimed(tx)
  await markClusters(
    tx,
    sql`c.id in (select cluster_id from object where source_id = any(${texts(sources)}) and gone_at is null)
      and exists (select from object o where o.cluster_id = c.id and o.gone_at is null and o.source_id <> all(${texts(sources)}))`,
  )
}
