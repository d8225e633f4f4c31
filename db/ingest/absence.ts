import { type SQL, sql } from 'drizzle-orm'
import { clusterKind } from '../../fleet/reference.ts'
import { type Db, rowsOf } from '../client.ts'
import { texts, uuids } from '../recordset.ts'
import { type Mark, ownMark, reliedOnAmong } from './mark.ts'
import type { Progress } from './progress.ts'
import type { Read } from './read.ts'
import { markUnsettled, writeChanges } from './write.ts'

/** Tombstones what was seen deleted. Returns how many. */
export async function markGone(tx: Db, read: Read, known: Progress): Promise<number> {
  if (read.gone.length === 0) return 0
  // A deletion seen at the very instant of the last write is newer than it: an object is written before it is deleted.
  return bury(tx, read, known, sql`o.id = any(${uuids(read.gone)}) and o.observed_at <= ${read.at.toISOString()}`)
}

/**
 * Tombstones what a complete LIST, or a repair of buckets, did not name. What was written by others after the run began is newer than
 * its snapshot and stays. Call it before the sightings are emptied. `not in` becomes a hash table; an anti-join was seen to become a
 * loop in a loop.
 */
export async function markAbsent(tx: Db, read: Read, known: Progress): Promise<number> {
  const { source, kind, proof } = read.delivery
  if (proof.as === 'buckets') {
    const inBuckets = sql`left(o.id::text, 2) = any(${texts(proof.buckets)})`
    const named = sql`o.id in (select unnest(${uuids(read.present)}))`
    return bury(tx, read, known, sql`o.observed_at < ${read.at.toISOString()} and ${inBuckets} and not ${named}`)
  }
  if (proof.as !== 'end') return 0
  return bury(
    tx,
    read,
    known,
    sql`o.observed_at < ${read.at.toISOString()} and o.id not in (
      select unnest(ids) from sighting where source_id = ${source} and kind = ${kind} and run_id = ${proof.run.id})`,
  )
}

/** Whether a LIST can tell what is absent: one snapshot, and every page here. A replaced run has no sightings left. */
export async function isWhole(tx: Db, { delivery }: Read): Promise<boolean> {
  const { source, kind, proof } = delivery
  if (proof.as !== 'end' || !proof.consistent) return false
  if (proof.page === 0) return true
  const [pages] = await rowsOf<{ all: boolean }>(
    tx,
    sql`select count(*) = ${proof.page + 1}::int and min(page) = 0 and max(page) = ${proof.page}::int as all from sighting
      where source_id = ${source} and kind = ${kind} and run_id = ${proof.run.id}`,
  )
  return pages?.all === true
}

interface Buried {
  readonly id: string
  readonly clusterId: string | null
  readonly namespace: string
  readonly name: string
  readonly state: string
  readonly isUnclaimed: boolean
}

/** A tombstone keeps the last state and conditions: a timeline ends, it does not vanish. */
async function bury(tx: Db, read: Read, known: Progress, which: SQL): Promise<number> {
  const { delivery, at, receivedAt } = read
  const rows = await rowsOf<Buried>(
    tx,
    sql`update object o set gone_at = ${at.toISOString()}, observed_at = ${at.toISOString()}, received_at = ${receivedAt.toISOString()}
      where o.source_id = ${delivery.source} and o.kind = ${delivery.kind} and o.gone_at is null and ${which}
      returning o.id, o.cluster_id as "clusterId", o.owner_namespace as namespace, o.owner_name as name, o.state,
        o.cluster_id is null and o.facts ? 'gitops' as "isUnclaimed"`,
  )
  const marks = rows.flatMap(({ clusterId, namespace, name }): Mark[] =>
    clusterId ? [{ clusterId, ownerNamespace: namespace, ownerName: name }] : [],
  )
  // A Cluster that vanished, and objects of GitOps tools that acted on no cluster we know, concern the management cluster itself.
  if (rows.some(({ isUnclaimed }) => isUnclaimed || delivery.kind === clusterKind)) marks.push(ownMark(delivery.source))
  await writeChanges(
    tx,
    rows.map(({ id, clusterId, state }) => ({
      sourceId: delivery.source,
      subject: 'object',
      subjectId: id,
      clusterId,
      what: 'gone',
      facts: { state: [state, null] },
      observedAt: at.toISOString(),
      receivedAt: receivedAt.toISOString(),
    })),
  )
  await markUnsettled(
    tx,
    delivery.source,
    marks,
    reliedOnAmong(
      rows.map(({ id }) => id),
      read,
      known,
    ),
  )
  return rows.length
}
