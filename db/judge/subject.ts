import { sql } from 'drizzle-orm'
import type { Subject, SubjectPool } from '../../fleet/policy/subject.ts'
import type { Db } from '../client.ts'
import { cluster, nodePool } from '../cluster-tables.ts'
import { uuids } from '../recordset.ts'

/** What rules read of living clusters, by id; a cluster that is gone is not among them. Two statements. */
export async function readSubjects(db: Db, clusterIds: readonly string[]): Promise<ReadonlyMap<string, Subject>> {
  const ids = uuids(clusterIds)
  const [clusters, pools] = await Promise.all([
    db.select(facts).from(cluster).where(sql`id = any(${ids}) and gone_at is null`),
    db
      .select(poolFacts)
      .from(nodePool)
      .where(sql`cluster_id = any(${ids}) and gone_at is null`)
      .orderBy(nodePool.name, nodePool.id),
  ])
  const poolsOf = new Map<string, SubjectPool[]>(clusters.map(({ clusterId }) => [clusterId, []]))
  for (const { clusterId, ...pool } of pools) poolsOf.get(clusterId)?.push(pool)
  return new Map(
    clusters.map((row): [string, Subject] => [
      row.clusterId,
      {
        ...row,
        createdAt: row.createdAt?.toISOString() ?? null,
        firstSeenAt: row.firstSeenAt.toISOString(),
        pools: poolsOf.get(row.clusterId) ?? [],
      },
    ]),
  )
}

const facts = {
  clusterId: cluster.id,
  source: cluster.sourceId,
  namespace: cluster.namespace,
  name: cluster.name,
  labels: cluster.labels,
  environment: cluster.environment,
  ring: cluster.ring,
  owner: cluster.owner,
  contact: cluster.contact,
  provider: cluster.provider,
  flavour: cluster.flavour,
  region: cluster.region,
  country: cluster.country,
  geographies: cluster.geographies,
  createdAt: cluster.createdAt,
  firstSeenAt: cluster.firstSeenAt,
  versionDeclared: cluster.versionDeclared,
  versionObserved: cluster.versionObserved,
  supportPlan: cluster.supportPlan,
  tier: cluster.tier,
  upgradeChannel: cluster.upgradeChannel,
  nodeOsUpgradeChannel: cluster.nodeOsUpgradeChannel,
  azure: cluster.armSourceId,
  components: cluster.components,
}

const poolFacts = {
  clusterId: nodePool.clusterId,
  name: nodePool.name,
  versionDeclared: nodePool.versionDeclared,
  versionObserved: nodePool.versionObserved,
  nodeImage: nodePool.nodeImage,
}
