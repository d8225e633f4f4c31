import { sql } from 'drizzle-orm'
import { armClaim, capiClaim } from '../claim.ts'
import type { Db } from '../client.ts'
import { binding, cluster, nodePool } from '../cluster-tables.ts'
import { writeChanges } from '../ingest/write.ts'
import { columnsOf, excluded, names, recordset, uuids, values } from '../recordset.ts'
import type { ClusterRow } from './cluster-row.ts'
import type { PoolRow } from './pool-row.ts'

const clusterColumns = columnsOf(cluster)
const poolColumns = columnsOf(nodePool)
const bindingColumns = columnsOf(binding)
const clusterContent = clusterColumns.filter(({ key }) => key !== 'id' && key !== 'sourceId')
const poolContent = poolColumns.filter(
  ({ key }) => !['id', 'sourceId', 'firstSeenAt', 'stateSince', 'composedAt'].includes(key),
)

export async function writeClusters(tx: Db, rows: readonly ClusterRow[]): Promise<void> {
  if (rows.length === 0) return
  await tx.execute(sql`insert into cluster (${names(clusterColumns)})
    select ${values(clusterColumns)} from ${recordset(clusterColumns, rows)}
    on conflict (id, source_id) do update set ${excluded(clusterContent)}`)
}

/** Keeps each cluster's claims. A claim that already means another cluster is left with it. */
export async function writeBindings(tx: Db, clusters: readonly ClusterRow[], now: Date): Promise<void> {
  const rows = clusters.flatMap(({ id, sourceId, namespace, name, armId, objectId }) =>
    [capiClaim(sourceId, { namespace: namespace ?? '', name: name ?? '' }), ...(armId ? [armClaim(armId)] : [])].map(
      (claim) => ({ claim, clusterId: id, sourceId, evidence: { objectId: objectId ?? null }, boundAt: now }),
    ),
  )
  if (rows.length === 0) return
  // Ordered, so that two sources with one claim wait for each other instead of standing in each other's way.
  await tx.execute(sql`insert into binding (${names(bindingColumns)})
    select ${values(bindingColumns)} from ${recordset(bindingColumns, rows)} order by r.claim
    on conflict (claim) do nothing`)
}

/** Writes the pools of these clusters that are new or differ, and tombstones those they no longer have. */
export async function writePools(
  tx: Db,
  source: string,
  clusters: readonly ClusterRow[],
  rows: readonly PoolRow[],
  now: Date,
): Promise<void> {
  if (clusters.length === 0) return
  const stored = sql.raw(poolContent.map(({ name }) => `p."${name}"`).join(', '))
  await tx.execute(sql`update node_pool p set gone_at = ${now.toISOString()}
    where p.cluster_id = any(${uuids(clusters.map(({ id }) => id))}) and p.source_id = ${source} and p.gone_at is null
      and not p.id = any(${uuids(rows.map(({ id }) => id ?? ''))})`)
  await tx.execute(sql`insert into node_pool as stored (${names(poolColumns)})
    select ${values(poolColumns)} from ${recordset(poolColumns, rows)}
    where not exists (select from node_pool p where p.id = r.id and p.source_id = r."sourceId"
      and (${stored}) is not distinct from (${values(poolContent)}))
    on conflict (id, source_id) do update set ${excluded(poolContent)}, composed_at = excluded.composed_at,
      state_since = case when stored.state = excluded.state and stored.gone_at is null then stored.state_since else excluded.state_since end`)
}

/** Tombstones clusters with their pools. The last state stays. */
export async function buryClusters(
  tx: Db,
  source: string,
  clusters: readonly (typeof cluster.$inferSelect)[],
  now: Date,
): Promise<void> {
  if (clusters.length === 0) return
  const at = now.toISOString()
  const ids = uuids(clusters.map(({ id }) => id))
  await tx.execute(sql`update cluster set gone_at = ${at} where id = any(${ids}) and source_id = ${source}`)
  await tx.execute(sql`update node_pool set gone_at = ${at}
    where cluster_id = any(${ids}) and source_id = ${source} and gone_at is null`)
  await writeChanges(
    tx,
    clusters.map(({ id, state }) => ({
      sourceId: source,
      subject: 'cluster',
      subjectId: id,
      clusterId: id,
      what: 'gone',
      facts: { state: [state, null] },
      observedAt: at,
      receivedAt: at,
    })),
  )
}
