import { sql } from 'drizzle-orm'
import { clusterIdOf } from '../../fleet/azure/cluster-id.ts'
import type { Member } from '../../fleet/cluster.ts'
import { isCluster } from '../../fleet/composition/claimant.ts'
import type { Facts, Replicas } from '../../fleet/observation.ts'
import type { Db } from '../client.ts'
import { judgeAt } from '../ingest/judge.ts'
import { uuids } from '../recordset.ts'
import { refOf } from '../reference.ts'
import { type Ground, groundOf } from './ground.ts'
import { healthIn } from './health.ts'
import { objectsOf, type StoredObject } from './objects.ts'
import type { Round, Taken } from './round.ts'

export interface Membership {
  readonly row: StoredObject
  readonly member: Member
}

/** The living members of clusters, by cluster, and what is known beside them. */
export interface Gathered {
  readonly members: ReadonlyMap<string, readonly Membership[]>
  readonly around: ReadonlyMap<string, Member>
  readonly ground: Ground
}

/**
 * The living members of clusters, with what they rely on, in a constant number of statements. They come from every source that is bound
 * to the cluster; those of a source that was taken out of the fleet file count only where nobody else is left.
 */
export async function gather(tx: Db, round: Round, taken: readonly Taken[]): Promise<Gathered> {
  const ids = uuids(taken.map(({ id }) => id))
  const rows = await objectsOf(
    tx,
    sql`where cluster_id = any(${ids}) and gone_at is null order by kind, namespace, name, source_id`,
  )
  const ground = await groundOf(tx, round, [...new Set(rows.map(({ sourceId }) => sourceId))], rows.flatMap(armKeyOf))
  const around = await aroundOf(tx, round, ground, rows)
  const members = new Map<string, Membership[]>(taken.map(({ id }) => [id, []]))
  for (const row of rows) members.get(row.clusterId ?? '')?.push({ row, member: memberOf(row, round, ground) })
  for (const [id, all] of members) {
    const declared = all.filter(({ row }) => ground.sourceOf(row.sourceId)?.removedAt == null)
    if (declared.length === all.length) continue
    // Merely acted upon by others, it is as it was seen last: else it would end, lose what acts on it, and begin anew.
    const told = declared.map(({ member }) => member)
    if (isCluster(told, round.kinds)) members.set(id, declared)
  }
  return { members, around, ground }
}

/** Repositories of charts of releases: what is further away decides nothing. */
const depthMax = 4

/** What objects rely on, and what that relies on, as far as it is there, by id. One statement per step: most rely on nothing. */
export async function aroundOf(
  tx: Db,
  round: Round,
  ground: Ground,
  rows: readonly Pick<StoredObject, 'reliesOn'>[],
): Promise<ReadonlyMap<string, Member>> {
  const around = new Map<string, Member>()
  const asked = new Set<string>()
  let step: readonly Pick<StoredObject, 'reliesOn'>[] = rows
  for (let depth = 0; depth < depthMax; depth++) {
    const next = [...new Set(step.flatMap(({ reliesOn }) => reliesOn ?? []))].filter((id) => !asked.has(id))
    if (next.length === 0) break
    for (const id of next) asked.add(id)
    const found = await objectsOf(tx, sql`where id = any(${uuids(next)}) and gone_at is null`)
    for (const row of found) around.set(row.id, memberOf(row, round, ground))
    step = found
  }
  return around
}

/** An object as composing sees it. */
export function memberOf(row: StoredObject, { now, kinds }: Round, ground: Ground): Member {
  // The stored health of what relatives judge is their judgement; fed back, it would judge itself. They are told its own.
  const own = row.reading && kinds(row.kind).judgedWithRelatives ? judgeAt(row.reading, row, now) : healthIn(row)
  return {
    id: row.id,
    source: row.sourceId,
    ref: refOf(row),
    parentId: row.parentId,
    owner: row.ownerName === null ? null : { namespace: row.ownerNamespace ?? '', name: row.ownerName },
    labels: row.labels,
    facts: factsOf(row),
    health: own,
    createdAt: row.createdAt?.toISOString() ?? null,
    fresh: !ground.isStale(row.sourceId, row.kind) && !isUnread(row, ground, now),
  }
}

/** The managed cluster in Azure that an object means, as an ARM id in lower case; none for parts of one, and for most. */
export function armKeyOf({ facts }: Pick<StoredObject, 'facts'>): string[] {
  const key = clusterIdOf(facts.armId ?? '')?.key
  return key === undefined ? [] : [key]
}

/** Whether an object was not read for longer than its source's limit, though its kind was (db/ingest/unread.ts). */
function isUnread({ lastReadAt, sourceId }: StoredObject, { sourceOf }: Ground, now: Date): boolean {
  return lastReadAt !== null && lastReadAt.getTime() + (sourceOf(sourceId)?.staleAfterMs ?? 0) <= now.getTime()
}

/** Facts as they were observed: the columns and the rest together again. */
function factsOf(row: StoredObject): Facts {
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
