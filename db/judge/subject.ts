import { type SQL, sql } from 'drizzle-orm'
import { type Conventions, defaultConventions } from '../../fleet/convention.ts'
import { noDrift } from '../../fleet/drift/difference.ts'
import type { Component, Subject, SubjectPool } from '../../fleet/policy/subject.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { providerKinds } from '../../fleet/support/provider-release.ts'
import { cluster, nodePool } from '../cluster-tables.ts'
import { drift } from '../drift-tables.ts'
import { isProvider, providerName, providerVersion } from '../provider.ts'
import { cellsOf, eachOf, madeOf, type Query, queries } from '../query.ts'
import { texts, uuids } from '../recordset.ts'
import { silenceOf } from './silence.ts'
import { sourceSubjectsOf } from './source-subject.ts'

/** Where components of a type are read from. */
const kindsOf: Readonly<Record<Component['type'], readonly KindKey[]>> = {
  chart: ['helm.toolkit.fluxcd.io/HelmRelease', 'addons.cluster.x-k8s.io/HelmReleaseProxy'],
  provider: providerKinds,
}

/**
 * What rules read of living clusters, and of management clusters themselves (`sourceSubjectId`), by id; what is gone is not among
 * them. `conventions` tell the labels of management clusters; clusters have theirs read.
 */
export function subjectsOf(
  clusterIds: readonly string[],
  conventions: Conventions = defaultConventions,
): Query<ReadonlyMap<string, Subject>> {
  const ids = uuids(clusterIds)
  const told = queries({
    clusters: clustersOf(ids),
    providers: providersOf(ids),
    read: readKindsOf(ids),
    sources: sourceSubjectsOf(clusterIds, conventions),
    silentOf: silenceOf(clusterIds),
  })
  return madeOf(told, ({ clusters, providers, read, sources, silentOf }) => {
    const providersAt = new Map(providers)
    const readAt = Map.groupBy(read, ([source]) => source)
    const subjects = [
      ...clusters.map((row) => ({
        ...row,
        components: [...row.components, ...(providersAt.get(row.source) ?? [])],
        readComponents: componentTypes.filter((type) =>
          readAt.get(row.source)?.some(([, kind]) => kindsOf[type].includes(kind)),
        ),
      })),
      ...sources,
    ]
    return new Map(subjects.map((subject) => [subject.clusterId, { ...subject, silent: silentOf(subject.drift) }]))
  })
}

const componentTypes = ['chart', 'provider'] as const

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
  name: nodePool.name,
  versionDeclared: nodePool.versionDeclared,
  versionObserved: nodePool.versionObserved,
  nodeImage: nodePool.nodeImage,
}

const factCells = cellsOf(facts)
const poolCells = cellsOf(poolFacts)
const driftCells = cellsOf({ differences: drift.differences, gaps: drift.gaps, looked: drift.looked })

type Cells = readonly unknown[]

const clustersOf = (ids: SQL) =>
  eachOf(
    sql`select json_build_array(${factCells.cells}, case when drift.subject_id is not null then ${driftCells.cells} end,
        (select json_agg(${poolCells.cells} order by node_pool.name, node_pool.id) from node_pool
          where node_pool.cluster_id = cluster.id and node_pool.gone_at is null))
      from cluster left join drift on drift.subject_id = cluster.id and drift.source_id = cluster.source_id
      where cluster.id = any(${ids}) and cluster.gone_at is null`,
    ([own, drift, pools]: [Cells, Cells | null, Cells[] | null]) => {
      const row = factCells.read(own)
      return {
        ...row,
        drift: drift === null ? noDrift : driftCells.read(drift),
        scope: 'cluster' as const,
        createdAt: row.createdAt?.toISOString() ?? null,
        firstSeenAt: row.firstSeenAt.toISOString(),
        pools: (pools ?? []).map((pool): SubjectPool => poolCells.read(pool)),
      }
    },
  )

const homesOf = (ids: SQL): SQL => sql`select source_id from cluster where id = any(${ids})`

const noted = sql.raw(`json_agg(json_build_array(${providerName}, ${providerVersion}) order by ${providerName}, o.id)`)
const areProviders = sql.raw(isProvider)

/** What makes the clusters of a source concerns all of them. */
const providersOf = (ids: SQL) =>
  eachOf(
    sql`select json_build_array(o.source_id, ${noted}) from object o
      where o.source_id in (${homesOf(ids)}) and ${areProviders} and o.gone_at is null group by o.source_id`,
    ([source, providers]: [string, [string, string | null][]]) =>
      [source, providers.map(([name, version]): Component => ({ type: 'provider', name, version }))] as const,
  )

/** Which of the kinds that components are read from are read, by source. */
const readKindsOf = (ids: SQL) =>
  eachOf(
    sql`select json_build_array(source_id, kind) from reading where source_id in (${homesOf(ids)})
      and kind = any(${texts(Object.values(kindsOf).flat())})
      and last_success_at is not null and trouble_code is distinct from 'NotInstalled'`,
    ([source, kind]: [string, KindKey]) => [source, kind] as const,
  )
