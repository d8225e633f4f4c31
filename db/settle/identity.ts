import { sql } from 'drizzle-orm'
import { armClaim, formerClaim, mintedId } from '../claim.ts'
import { type Db, rowsOf } from '../client.ts'
import { writeChanges } from '../ingest/write.ts'
import { markDue } from '../judge/due.ts'
import { answer } from '../query.ts'
import { texts, uuids } from '../recordset.ts'
import { withLimits } from '../transaction.ts'
import { markClusters, markDestinations, markSources } from './mark.ts'
import type { Identity } from './round.ts'
import { type StoredCluster, storedOf } from './stored.ts'
import { buryClusters, dropDrift } from './write.ts'

/**
 * Acts on what composing found out about who is who. Objects, claims and rows of several sources move, so nobody may read or write any
 * of them meanwhile: every reading of these sources is held. What was found is looked up again under that lock.
 */
export async function identify(tx: Db, found: Identity, now: Date): Promise<void> {
  if (found.as === 'renewed') return renew(tx, found, now)
  if (found.as === 'parted') return part(tx, found, now)
  const other = await meaningOf(tx, found.claim)
  if (other !== null && other !== found.id) await unite(tx, found, other, now)
}

async function meaningOf(tx: Db, claim: string): Promise<string | null> {
  const [row] = await rowsOf<{ id: string }>(tx, sql`select cluster_id as id from binding where claim = ${claim}`)
  return row?.id ?? null
}

/** Two clusters are one: the older id stays (design.md part 10), the other keeps finding it. */
async function unite(
  tx: Db,
  { id, claim }: Extract<Identity, { as: 'same' }>,
  other: string,
  now: Date,
): Promise<void> {
  await holdSources(tx, [id, other])
  if ((await meaningOf(tx, claim)) !== other) return
  const stored = [...(await answer(tx, storedOf([id, other]))).clusters.values()].toSorted(byAge)
  const [winner, loser] = stored
  if (winner === undefined) return
  if (loser === undefined) return other === winner.id ? undefined : takeOver(tx, { id, claim, other })
  // The claim of a cluster that is gone passes to the one that was made anew.
  if (loser.resourceUid !== null && winner.goneAt !== null && ![null, loser.resourceUid].includes(winner.resourceUid))
    return takeOver(tx, { id, claim, other })
  const at = now.toISOString()
  await tx.execute(sql`update object set cluster_id = ${winner.id} where cluster_id = ${loser.id}`)
  await tx.execute(sql`update binding set cluster_id = ${winner.id} where cluster_id = ${loser.id}`)
  await tx.execute(sql`insert into binding (claim, cluster_id, source_id, evidence, bound_at)
    values (${formerClaim(loser.id)}, ${winner.id}, ${loser.sourceId}, ${JSON.stringify({ objectId: loser.objectId })}, ${at})`)
  await tx.execute(sql`update node_pool set cluster_id = ${winner.id}, gone_at = coalesce(gone_at, ${at})
    where cluster_id = ${loser.id}`)
  await tx.execute(sql`delete from cluster where id = ${loser.id}`)
  const strayed = await rowsOf<{ source: string }>(
    tx,
    sql`delete from stray where cluster_id = ${loser.id} returning source_id as source`,
  )
  await markSources(
    tx,
    strayed.map(({ source }) => source),
  )
  await dropDrift(tx, uuids([loser.id]))
  const { sourceId, id: subjectId } = loser
  const news = { sourceId, subject: 'cluster', subjectId, clusterId: winner.id, what: 'gone' } as const
  await writeChanges(tx, [{ ...news, facts: { id: [loser.id, winner.id] }, observedAt: at, receivedAt: at }])
  await markAtHome(tx, winner.id)
  await markDue(tx, [winner.id, loser.id], now)
}

const byAge = (a: StoredCluster, b: StoredCluster): number =>
  a.firstSeenAt.getTime() - b.firstSeenAt.getTime() || (a.id < b.id ? -1 : 1)

/** A claim whose cluster has nothing left passes on; else that cluster's row is still to come, and the claim is looked at again. */
async function takeOver(
  tx: Db,
  given: { readonly id: string; readonly claim: string; readonly other: string },
): Promise<void> {
  const passed = await rowsOf(
    tx,
    sql`update binding set cluster_id = ${given.id} where claim = ${given.claim}
      and not exists (select from object where cluster_id = ${given.other} and gone_at is null) returning claim`,
  )
  if (passed.length === 0) return markAtHome(tx, given.id)
  const told = await rowsOf<{ source: string }>(
    tx,
    sql`select distinct o.source_id as source from destination d
      join object o on o.acts_at = d.acts_at and o.gone_at is null and d.source_id in ('', o.source_id) where d.claim = ${given.claim}`,
  )
  await markDestinations(
    tx,
    told.map(({ source }) => source),
  )
}

/**
 * A claim and what it stands for go their own way: under the id they had before they were taken for the cluster's, if they had one.
 * What it means goes along: left with a cluster that no longer means it, it would bring the two together again.
 */
async function part(tx: Db, { id, claim, means }: Extract<Identity, { as: 'parted' }>, now: Date): Promise<void> {
  await holdSources(tx, [id])
  await markAtHome(tx, id)
  await markDestined(tx, id)
  const meaning = await meaningOf(tx, claim)
  const minted = mintedId(claim)
  const own = minted === id ? mintedId(`${claim}#apart`) : minted
  // Somebody else may have moved the claim already, but not yet all that stands behind it.
  const next = meaning === null || meaning === id ? own : meaning
  if (next === own) await standAlone(tx, next)
  await tx.execute(sql`update binding set cluster_id = ${next}, bound_at = ${now.toISOString()}
    where claim = any(${texts([claim, ...means])}) and cluster_id = ${id}`)
  await tx.execute(sql`with moved as (
      update object set cluster_id = ${next} where cluster_id = ${id} and gone_at is null
        and ${claim} in ('arm:' || name, 'capi:' || source_id || '/' || owner_namespace || '/' || owner_name)
      returning source_id, owner_namespace, owner_name)
    insert into unsettled (source_id, cluster_id, owner_namespace, owner_name)
    select distinct source_id, ${next}::uuid, owner_namespace, owner_name from moved`)
}

/** The same id in Azure, another incarnation: the old cluster is closed and a new one opened (azure.md 3.3). */
async function renew(
  tx: Db,
  { id, armId, resourceUid }: Extract<Identity, { as: 'renewed' }>,
  now: Date,
): Promise<void> {
  await holdSources(tx, [id])
  const before = (await answer(tx, storedOf([id]))).clusters.get(id)
  if (!before || before.resourceUid === null || before.resourceUid === resourceUid) return
  const next = mintedId(`${armClaim(armId)}#${resourceUid}`)
  await standAlone(tx, next)
  await tx.execute(sql`update object set cluster_id = ${next} where cluster_id = ${id} and gone_at is null`)
  await tx.execute(sql`update binding set cluster_id = ${next}, bound_at = ${now.toISOString()}
    where cluster_id = ${id} and not starts_with(claim, 'id:')`)
  if (before.goneAt === null) await buryClusters(tx, [before], now)
  await tx.execute(sql`insert into unsettled (source_id, cluster_id, owner_namespace, owner_name)
    values (${before.sourceId}, ${next}, ${before.namespace}, ${before.name})`)
}

/** An id that was taken for another cluster's stands for a cluster of its own again: nothing that means it may be led astray. */
async function standAlone(tx: Db, id: string): Promise<void> {
  await tx.execute(sql`delete from binding where claim = ${formerClaim(id)}`)
}

async function markAtHome(tx: Db, id: string): Promise<void> {
  await markClusters(tx, sql`c.id = ${id}`)
}

/** The claim may have been what a destination means. */
async function markDestined(tx: Db, id: string): Promise<void> {
  const rows = await rowsOf<{ source: string }>(
    tx,
    sql`select distinct source_id as source from object where cluster_id = ${id} and acts_at is not null and gone_at is null`,
  )
  await markDestinations(
    tx,
    rows.map(({ source }) => source),
  )
}

/** In one order everywhere: sources, then kinds, as rounds and deliveries take them. */
async function holdSources(tx: Db, ids: readonly string[]): Promise<void> {
  await rowsOf(
    tx,
    sql`with held as (select from reading where source_id in (
          select source_id from object where cluster_id = any(${uuids(ids)})
          union select source_id from cluster where id = any(${uuids(ids)}))
        order by source_id, kind for update)
      select ${withLimits}, (select count(*) from held)`,
  )
}
