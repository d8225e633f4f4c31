import { type SQL, sql } from 'drizzle-orm'
import { type Conventions, defaultConventions } from '../../fleet/convention.ts'
import { noDrift } from '../../fleet/drift/difference.ts'
import type { Component, Subject, SubjectPool } from '../../fleet/policy/subject.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { type Db, rowsOf } from '../client.ts'
import { cluster, nodePool } from '../cluster-tables.ts'
import { drift } from '../drift-tables.ts'
import { texts, uuids } from '../recordset.ts'
import { readSilence } from './silence.ts'
import { readSourceSubjects } from './source-subject.ts'

/** What clusterctl notes of itself on a management cluster. It concerns every cluster held there. */
const providerKind: KindKey = 'clusterctl.cluster.x-k8s.io/Provider'

/** Where components of a type are read from. */
const kindsOf: Readonly<Record<Component['type'], readonly KindKey[]>> = {
  chart: ['helm.toolkit.fluxcd.io/HelmRelease', 'addons.cluster.x-k8s.io/HelmReleaseProxy'],
  provider: [providerKind],
}

/**
 * What rules read of living clusters, and of management clusters themselves (`sourceSubjectId`), by id; what is gone is not among
 * them. `conventions` tell the labels of management clusters; clusters have theirs read. Six statements.
 */
export async function readSubjects(
  db: Db,
  clusterIds: readonly string[],
  conventions: Conventions = defaultConventions,
): Promise<ReadonlyMap<string, Subject>> {
  const ids = uuids(clusterIds)
  const [clusters, pools, providers, read, sources, silentOf] = await Promise.all([
    db
      .select({ ...facts, drift: { differences: drift.differences, gaps: drift.gaps, looked: drift.looked } })
      .from(cluster)
      .leftJoin(drift, sql`${drift.subjectId} = ${cluster.id} and ${drift.sourceId} = ${cluster.sourceId}`)
      .where(sql`id = any(${ids}) and gone_at is null`),
    db
      .select(poolFacts)
      .from(nodePool)
      .where(sql`cluster_id = any(${ids}) and gone_at is null`)
      .orderBy(nodePool.name, nodePool.id),
    rowsOf<{ source: string; name: string; version: string | null }>(
      db,
      sql`select source_id as source, name, facts #>> '{more,version}' as version from object
        where source_id in (${homesOf(ids)}) and kind = ${providerKind} and gone_at is null order by name, id`,
    ),
    rowsOf<{ source: string; kind: KindKey }>(
      db,
      sql`select source_id as source, kind from reading where source_id in (${homesOf(ids)})
        and kind = any(${texts(Object.values(kindsOf).flat())})
        and last_success_at is not null and trouble_code is distinct from 'NotInstalled'`,
    ),
    readSourceSubjects(db, clusterIds, conventions),
    readSilence(db, clusterIds),
  ])
  const poolsOf = Map.groupBy(pools, ({ clusterId }) => clusterId)
  const providersOf = Map.groupBy(providers, ({ source }) => source)
  const readOf = Map.groupBy(read, ({ source }) => source)
  const subjects = [
    ...clusters.map((row) => ({
      ...row,
      scope: 'cluster' as const,
      drift: row.drift ?? noDrift,
      createdAt: row.createdAt?.toISOString() ?? null,
      firstSeenAt: row.firstSeenAt.toISOString(),
      pools: (poolsOf.get(row.clusterId) ?? []).map(({ clusterId: _, ...pool }): SubjectPool => pool),
      components: [...row.components, ...(providersOf.get(row.source) ?? []).map(componentOf)],
      readComponents: componentTypes.filter((type) =>
        readOf.get(row.source)?.some(({ kind }) => kindsOf[type].includes(kind)),
      ),
    })),
    ...sources,
  ]
  return new Map(subjects.map((subject) => [subject.clusterId, { ...subject, silent: silentOf(subject.drift) }]))
}

const componentTypes = ['chart', 'provider'] as const

const homesOf = (ids: SQL): SQL => sql`select source_id from cluster where id = any(${ids})`

const componentOf = ({ name, version }: { readonly name: string; readonly version: string | null }): Component => ({
  type: 'provider',
  name,
  version,
})

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
  unreadPools: cluster.unreadPools,
}

const poolFacts = {
  clusterId: nodePool.clusterId,
  name: nodePool.name,
  versionDeclared: nodePool.versionDeclared,
  versionObserved: nodePool.versionObserved,
  nodeImage: nodePool.nodeImage,
}
