import { type SQL, sql } from 'drizzle-orm'
import { armClusterKind } from '../../fleet/reference.ts'
import { armClaim, capiClaim, endpointClaim } from '../claim.ts'
import { type Db, rowsOf } from '../client.ts'
import { binding, cluster, nodePool } from '../cluster-tables.ts'
import { writeChanges } from '../ingest/write.ts'
import { markDue } from '../judge/due.ts'
import { columnsOf, excluded, names, recordset, uuids, values, writerOf } from '../recordset.ts'
import type { ClusterRow } from './cluster-row.ts'
import type { PoolRow } from './pool-row.ts'
import type { Identity } from './round.ts'
import type { Stored, StoredCluster } from './stored.ts'

const writtenClusters = writerOf(cluster, ['id', 'sourceId'])
const poolColumns = columnsOf(nodePool)
const bindingColumns = columnsOf(binding)
const claimColumns = columnsOf(binding, ['claim', 'clusterId'])
const homeColumns = columnsOf(cluster, ['id', 'sourceId'])
const poolHomeColumns = columnsOf(nodePool, ['id', 'sourceId'])
const poolContent = poolColumns.filter(
  ({ key }) => !['id', 'sourceId', 'firstSeenAt', 'stateSince', 'composedAt'].includes(key),
)

/** Writes clusters; one whose home is another now takes its row along. */
export async function writeClusters(tx: Db, rows: readonly ClusterRow[]): Promise<void> {
  if (rows.length === 0) return
  await tx.execute(sql`update cluster c set source_id = r."sourceId" from ${recordset(homeColumns, rows)}
    where c.id = r.id and c.source_id <> r."sourceId"`)
  await tx.execute(writtenClusters(rows))
}

/** A cluster, and the host it claims by besides its names. */
export interface Claimant {
  readonly row: ClusterRow
  readonly host: string | null
}

/** Keeps each cluster's claims, and gives those that mean another cluster. Nothing is asked of those that are known to be its own. */
export async function writeBindings(
  tx: Db,
  claimants: readonly Claimant[],
  { claims: known }: Stored,
  now: Date,
): Promise<Identity[]> {
  const rows = claimants.flatMap(({ row, host }) =>
    claimsOf({ row, host })
      .filter((claim) => known.get(claim) !== row.id)
      .map((claim) => ({
        claim,
        clusterId: row.id,
        sourceId: row.sourceId,
        evidence: { objectId: row.objectId ?? null, ...(row.resourceUid ? { resourceUid: row.resourceUid } : {}) },
        boundAt: now,
      })),
  )
  if (rows.length === 0) return []
  const held = await holdersOf(tx, rows)
  if (held.length === rows.length) return held.filter(({ id, holder }) => id !== holder).map(asSame)
  // Ordered, so that two sources with one claim wait for each other instead of standing in each other's way.
  await tx.execute(sql`insert into binding (${names(bindingColumns)})
    select ${values(bindingColumns)} from ${recordset(bindingColumns, rows)} order by r.claim
    on conflict (claim) do nothing`)
  return (await holdersOf(tx, rows)).filter(({ id, holder }) => id !== holder).map(asSame)
}

interface Held {
  readonly id: string
  readonly claim: string
  readonly holder: string
}

const asSame = ({ id, claim }: Held): Identity => ({ as: 'same', id, claim })

/** Whom claims mean, of those that are held at all. */
const holdersOf = (tx: Db, rows: readonly object[]): Promise<Held[]> =>
  rowsOf<Held>(
    tx,
    sql`select r."clusterId" as id, b.claim, b.cluster_id as holder from ${recordset(claimColumns, rows)}
      join binding b on b.claim = r.claim order by b.claim`,
  )

function claimsOf({ row: { kind, sourceId, namespace, name, armId }, host }: Claimant): string[] {
  return [
    ...(kind === armClusterKind ? [] : [capiClaim(sourceId, { namespace: namespace ?? '', name: name ?? '' })]),
    ...(armId ? [armClaim(armId)] : []),
    ...(host === null ? [] : [endpointClaim(host)]),
  ]
}

/** Writes the pools of these clusters that are new or differ, and tombstones those they no longer have. */
export async function writePools(
  tx: Db,
  clusters: readonly ClusterRow[],
  rows: readonly PoolRow[],
  now: Date,
): Promise<void> {
  if (clusters.length === 0) return
  const stored = sql.raw(poolContent.map(({ name }) => `p."${name}"`).join(', '))
  await tx.execute(sql`update node_pool p set gone_at = ${now.toISOString()}
    where p.cluster_id = any(${uuids(clusters.map(({ id }) => id))}) and p.gone_at is null
      and not p.id = any(${uuids(rows.map(({ id }) => id ?? ''))})`)
  // A pool follows its cluster's home.
  await tx.execute(sql`update node_pool p set source_id = r."sourceId" from ${recordset(poolHomeColumns, rows)}
    where p.id = r.id and p.source_id <> r."sourceId"
      and not exists (select from node_pool q where q.id = r.id and q.source_id = r."sourceId")`)
  await tx.execute(sql`delete from node_pool p using ${recordset(poolHomeColumns, rows)}
    where p.id = r.id and p.source_id <> r."sourceId"`)
  await tx.execute(sql`insert into node_pool as stored (${names(poolColumns)})
    select ${values(poolColumns)} from ${recordset(poolColumns, rows)}
    where not exists (select from node_pool p where p.id = r.id and p.source_id = r."sourceId"
      and (${stored}) is not distinct from (${values(poolContent)}))
    on conflict (id, source_id) do update set ${excluded(poolContent)}, composed_at = excluded.composed_at,
      state_since = case when stored.state = excluded.state and stored.gone_at is null then stored.state_since else excluded.state_since end`)
}

/** Tombstones clusters with their pools. The last state stays; they no longer drift. */
export async function buryClusters(tx: Db, clusters: readonly StoredCluster[], now: Date): Promise<void> {
  if (clusters.length === 0) return
  const at = now.toISOString()
  const ids = uuids(clusters.map(({ id }) => id))
  await tx.execute(sql`update cluster set gone_at = ${at} where id = any(${ids})`)
  await tx.execute(sql`update node_pool set gone_at = ${at} where cluster_id = any(${ids}) and gone_at is null`)
  await dropDrift(tx, ids)
  await writeChanges(
    tx,
    clusters.map(({ id, sourceId, state }) => ({
      sourceId,
      subject: 'cluster',
      subjectId: id,
      clusterId: id,
      what: 'gone',
      facts: { state: [state, null] },
      observedAt: at,
      receivedAt: at,
    })),
  )
  await markDue(
    tx,
    clusters.map(({ id }) => id),
    now,
  )
}

/** Forgets how clusters drift and what reconciles them. What still acts on them is then their management cluster's own. */
export async function dropDrift(tx: Db, ids: SQL): Promise<void> {
  await tx.execute(sql`delete from drift where subject_id = any(${ids})`)
  await tx.execute(sql`delete from gitops where cluster_id = any(${ids})`)
}
