import { type SQL, sql } from 'drizzle-orm'
import { clusterIdOf } from '../../fleet/azure/cluster-id.ts'
import type { Member } from '../../fleet/cluster.ts'
import { isCluster } from '../../fleet/composition/claimant.ts'
import type { Facts, Replicas } from '../../fleet/observation.ts'
import { judgeAt } from '../ingest/judge.ts'
import { listOf, madeOf, type Query, queries } from '../query.ts'
import { uuids } from '../recordset.ts'
import { refOf } from '../reference.ts'
import { type Ground, groundOf } from './ground.ts'
import { healthIn } from './health.ts'
import { objectsOf, type StoredObject } from './objects.ts'
import type { Round } from './round.ts'

export interface Membership {
  readonly row: StoredObject
  readonly member: Member
}

/** The living members of clusters, by cluster, and what is known beside them. */
export interface Gathered {
  readonly members: ReadonlyMap<string, readonly Membership[]>
  readonly around: ReadonlyMap<string, Member>
  readonly ground: Ground
  /** The living management cluster that a managed cluster in Azure is, by ARM id in lower case. */
  readonly managementClusters: ReadonlyMap<string, string>
}

/**
 * The living members of clusters, with what they rely on. They come from every source that is bound to the cluster; those of a source
 * that was taken out of the fleet file count only where nobody else is left.
 */
export function gathered(round: Round, clusterIds: readonly string[]): Query<Gathered> {
  const living = sql`cluster_id = any(${uuids(clusterIds)}) and gone_at is null`
  const told = queries({
    rows: objectsOf(sql`where ${living} order by kind, namespace, name, source_id`),
    relied: reliedOnBy(sql`select relies_on from object where ${living}`),
    ground: groundOf(round, sql`select source_id from object where ${living}`),
    // ARM ids are written in many ways, and read in one place (`armKeyOf`): where there is any, all are told.
    armIds: listOf(
      sql`select json_build_array(arm_id, id) from source where type = 'managementCluster' and removed_at is null
        and arm_id is not null and exists (select from object where ${living} and facts ? 'armId')`,
      (pair: readonly [string, string]) => pair,
    ),
  })
  return madeOf(told, ({ rows, relied, ground, armIds }) => ({
    members: membersOf(rows, round, ground),
    around: aroundOf(relied, round, ground),
    ground,
    managementClusters: new Map(armIds),
  }))
}

function membersOf(rows: readonly StoredObject[], round: Round, ground: Ground): Gathered['members'] {
  const members = new Map<string, Membership[]>()
  for (const [id, own] of Map.groupBy(rows, ({ clusterId }) => clusterId ?? '')) {
    const all = own.map((row) => ({ row, member: memberOf(row, round, ground) }))
    const declared = all.filter(({ row }) => ground.sourceOf(row.sourceId)?.removedAt == null)
    // Merely acted upon by others, it is as it was seen last: else it would end, lose what acts on it, and begin anew.
    const told = declared.map(({ member }) => member)
    members.set(id, declared.length < all.length && isCluster(told, round.kinds) ? declared : all)
  }
  return members
}

/** Repositories of charts of releases: what is further away decides nothing. */
const depthMax = 4

/** What objects rely on, and what that relies on, as far as it is there. `lists`: a select of their `relies_on`. */
export const reliedOnBy = (lists: SQL): Query<StoredObject[]> =>
  objectsOf(sql`where gone_at is null and id in (
    with recursive relied as (
      select unnest(l.relies_on) as id, 1 as depth from (${lists}) l
      union select unnest(o.relies_on), r.depth + 1 from relied r
      join object o on o.id = r.id and o.gone_at is null where r.depth < ${depthMax})
    select id from relied)`)

/** The same by id, as composing sees it. */
export const aroundOf = (relied: readonly StoredObject[], round: Round, ground: Ground): ReadonlyMap<string, Member> =>
  new Map(relied.map((row) => [row.id, memberOf(row, round, ground)]))

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
