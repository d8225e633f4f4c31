import { sql } from 'drizzle-orm'
import type { Member } from '../../fleet/cluster.ts'
import type { Facts, Replicas } from '../../fleet/observation.ts'
import { type Db, rowsOf } from '../client.ts'
import { judgeAt } from '../ingest/judge.ts'
import { texts, uuids } from '../recordset.ts'
import { refOf } from '../reference.ts'
import { object } from '../tables.ts'
import { healthIn } from './health.ts'
import type { Round, Taken } from './round.ts'

export interface Membership {
  readonly row: typeof object.$inferSelect
  readonly member: Member
}

/**
 * The living members of clusters, by cluster, in a constant number of statements. They come from every source that is bound to the
 * cluster; those of a source that was taken out of the fleet file count only where nobody else is left.
 */
export async function membersOf(
  tx: Db,
  { now, kinds }: Round,
  taken: readonly Taken[],
): Promise<Map<string, Membership[]>> {
  const rows = await tx
    .select()
    .from(object)
    .where(sql`cluster_id = any(${uuids(taken.map(({ id }) => id))}) and gone_at is null`)
    .orderBy(object.kind, object.namespace, object.name, object.sourceId)
  const sources = await silencesOf(tx, [...new Set(rows.map(({ sourceId }) => sourceId))])
  const members = new Map<string, Membership[]>(taken.map(({ id }) => [id, []]))
  for (const row of rows) {
    // The stored health of what relatives judge is their judgement; fed back, it would judge itself. They are told its own.
    const own = row.reading && kinds(row.kind).judgedWithRelatives ? judgeAt(row.reading, row, now) : healthIn(row)
    const member: Member = {
      id: row.id,
      source: row.sourceId,
      ref: refOf(row),
      parentId: row.parentId,
      owner: row.ownerName === null ? null : { namespace: row.ownerNamespace ?? '', name: row.ownerName },
      labels: row.labels,
      facts: factsOf(row),
      health: own,
      createdAt: row.createdAt?.toISOString() ?? null,
      fresh: !sources.stale.has(`${row.sourceId} ${row.kind}`) && !isUnread(row, sources.patience, now),
    }
    members.get(row.clusterId ?? '')?.push({ row, member })
  }
  for (const [id, all] of members) {
    const declared = all.filter(({ row }) => !sources.removed.has(row.sourceId))
    if (declared.length > 0 && declared.length < all.length) members.set(id, declared)
  }
  return members
}

/** Whether an object was not read for longer than its source's limit, though its kind was (db/ingest/unread.ts). */
function isUnread(
  { lastReadAt, sourceId }: Membership['row'],
  patience: ReadonlyMap<string, number>,
  now: Date,
): boolean {
  return lastReadAt !== null && lastReadAt.getTime() + (patience.get(sourceId) ?? 0) <= now.getTime()
}

/** Which kinds of these sources fell silent, as `source kind`, which sources are no longer in the fleet file, and their limits in ms. */
async function silencesOf(tx: Db, ids: readonly string[]) {
  const stale = await rowsOf<{ key: string }>(
    tx,
    sql`select source_id || ' ' || kind as key from reading where source_id = any(${texts(ids)}) and stale`,
  )
  const sources = await rowsOf<{ id: string; removed: boolean; patience: string | number }>(
    tx,
    sql`select id, removed_at is not null as removed, stale_after_ms as patience from source where id = any(${texts(ids)})`,
  )
  return {
    stale: new Set(stale.map(({ key }) => key)),
    removed: new Set(sources.filter(({ removed }) => removed).map(({ id }) => id)),
    patience: new Map(sources.map(({ id, patience }) => [id, Number(patience)])),
  }
}

/** Facts as they were observed: the columns and the rest together again. */
function factsOf(row: typeof object.$inferSelect): Facts {
  const replicas = reported<Replicas>({
    desired: row.replicasDesired,
    current: row.replicasCurrent,
    ready: row.replicasReady,
    available: row.replicasAvailable,
    upToDate: row.replicasUpToDate,
  })
  const revision = reported<NonNullable<Facts['revision']>>({
    desired: row.revisionDesired,
    attempted: row.revisionAttempted,
    applied: row.revisionApplied,
  })
  const versions = reported<Pick<Facts, 'versionDeclared' | 'versionObserved'>>({
    versionDeclared: row.versionDeclared,
    versionObserved: row.versionObserved,
  })
  return { ...row.facts, ...versions, ...(replicas ? { replicas } : {}), ...(revision ? { revision } : {}) }
}

function reported<T extends object>(values: { readonly [K in keyof T]-?: T[K] | null }): T | null {
  const there = Object.entries(values).filter(([, value]) => value !== null)
  // What is left out here is optional in T: absent means not reported.
  return there.length === 0 ? null : (Object.fromEntries(there) as T)
}
