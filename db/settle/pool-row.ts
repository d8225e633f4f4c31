import type { NodePool } from '../../fleet/cluster.ts'
import type { nodePool } from '../cluster-tables.ts'
import { count, healthCells, replicaCells, versionCells } from '../ingest/row.ts'
import type { Row } from '../recordset.ts'
import type { ClusterRow } from './cluster-row.ts'

export type PoolRow = Row<typeof nodePool>

/** Rows of a cluster's node pools. `stateSince` and `firstSeenAt` hold for new ones and are kept for known ones (db/settle/write.ts). */
export function poolRows({ id, sourceId }: ClusterRow, pools: readonly NodePool[], now: Date): PoolRow[] {
  const at = now.toISOString()
  return pools.map((pool) => ({
    id: pool.id,
    sourceId,
    clusterId: id,
    name: pool.name,
    kind: pool.kind,
    mode: pool.mode,
    ...versionCells(pool.versionDeclared, pool.versionObserved),
    nodeImage: pool.nodeImage,
    imageReleasedAt: pool.imageReleasedAt,
    os: pool.os,
    skewMinors: count(pool.skewMinors),
    vmSize: pool.vmSize,
    autoscaled: pool.autoscaled,
    ...replicaCells(pool.replicas),
    ...healthCells(pool.health),
    stateSince: at,
    firstSeenAt: at,
    composedAt: at,
    goneAt: null,
  }))
}
