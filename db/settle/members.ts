import { sql } from 'drizzle-orm'
import type { Member } from '../../fleet/cluster.ts'
import type { Facts, Replicas } from '../../fleet/observation.ts'
import { type Db, rowsOf } from '../client.ts'
import { judgeAt } from '../ingest/judge.ts'
import { uuids } from '../recordset.ts'
import { refOf } from '../reference.ts'
import { object } from '../tables.ts'
import { healthIn } from './health.ts'
import type { Round, Taken } from './round.ts'

export interface Membership {
  readonly row: typeof object.$inferSelect
  readonly member: Member
}

/** The living members of clusters, by cluster, in one statement. */
export async function membersOf(tx: Db, round: Round, taken: readonly Taken[]): Promise<Map<string, Membership[]>> {
  const { source, now, kinds } = round
  const stale = await staleKinds(tx, source)
  const rows = await tx
    .select()
    .from(object)
    .where(sql`cluster_id = any(${uuids(taken.map(({ id }) => id))}) and source_id = ${source} and gone_at is null`)
    .orderBy(object.kind, object.namespace, object.name)
  const members = new Map<string, Membership[]>(taken.map(({ id }) => [id, []]))
  for (const row of rows) {
    // The stored health of what relatives judge is their judgement; fed back, it would judge itself. They are told its own.
    const own = row.reading && kinds(row.kind).judgedWithRelatives ? judgeAt(row.reading, row, now) : healthIn(row)
    const member: Member = {
      id: row.id,
      ref: refOf(row),
      parentId: row.parentId,
      labels: row.labels,
      facts: factsOf(row),
      health: own,
      createdAt: row.createdAt?.toISOString() ?? null,
      fresh: !stale.has(row.kind),
    }
    members.get(row.clusterId ?? '')?.push({ row, member })
  }
  return members
}

async function staleKinds(tx: Db, source: string): Promise<ReadonlySet<string>> {
  const rows = await rowsOf<{ kind: string }>(tx, sql`select kind from reading where source_id = ${source} and stale`)
  return new Set(rows.map(({ kind }) => kind))
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
