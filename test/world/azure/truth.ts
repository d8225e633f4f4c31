import { rolloutInAzure, type TrueRollout } from '../drift/rollout.ts'
import { driftOf, type TrueDrift } from '../drift/truth.ts'
import type { Reconciler } from '../gitops/reconciler.ts'
import { kubeletOf } from '../machine-pool.ts'
import type { Site } from '../site.ts'
import type { TrueCluster } from '../truth.ts'
import {
  bare,
  type ExpectedHealth,
  isAks,
  isSelfManaged,
  nodeResourceGroupOf,
  type PoolModel,
  type SupportPlan,
  type Tier,
  tagsOf,
  type Workload,
} from '../workload.ts'
import { disagreementsOf, rivalry, type TrueDisagreement } from './disagreement.ts'
import { azureHealthOf, worstOf } from './health.ts'
import { daysUntil, minorNumber } from './offer.ts'
import { type AksPool, type AksResource, keyOf } from './resource.ts'
import { supportOf, type TrueSupport } from './support.ts'

/** One cluster of the fleet, as somebody should find it who reads every management cluster and all of Azure. */
export interface FleetCluster extends TrueDrift {
  /** What the management cluster that counts tells of it; null: nobody declares it. */
  readonly declared: TrueCluster | null
  /** Where Cluster API declares it: the one whose word counts first; empty where nobody does. */
  readonly claims: readonly { readonly source: string; readonly namespace: string; readonly name: string }[]
  readonly namespace: string
  readonly name: string
  readonly witnesses: readonly ('capi' | 'arm')[]
  /** Lower case; null for all but AKS. */
  readonly armId: string | null
  /** A management cluster is none: that it is read says whose it is. */
  readonly orphan: 'UNDECLARED' | 'MISSING' | null
  /** The management cluster that it is itself; null for workload clusters. */
  readonly managementCluster: string | null
  readonly provider: TrueCluster['provider']
  readonly environment: string | null
  readonly owner: string | null
  readonly contact: string | null
  readonly costCenter: string | null
  readonly region: string
  readonly country: string
  readonly eu: boolean
  readonly health: ExpectedHealth
  /** Without a `v`. */
  readonly versionDeclared: string
  readonly versionObserved: string
  readonly supportPlan: SupportPlan | null
  readonly tier: Tier | null
  readonly powerState: 'Running' | 'Stopped' | null
  readonly upgradeChannel: string | null
  readonly nodeOsUpgradeChannel: string | null
  readonly resourceUid: string | null
  readonly nodeResourceGroup: string | null
  readonly createdBy: string | null
  readonly support: TrueSupport
  readonly pools: readonly FleetPool[]
  /** Of the worst pool: below 0, a pool is ahead. Null while there are no nodes. */
  readonly skewMinors: number | null
  readonly disagreements: readonly TrueDisagreement[]
  /** By the word of its management cluster, then by Azure's: one rollout may be told of twice. */
  readonly rollouts: readonly TrueRollout[]
}

interface FleetPool {
  readonly name: string
  readonly os: 'linux' | 'windows'
  /** Without a `v`; null while it has no nodes. */
  readonly running: string | null
  readonly skewMinors: number | null
  readonly nodeImage: string | null
  readonly imageReleasedAt: string | null
  readonly imageAgeDays: number | null
}

/** Where the regions of the world are. */
const countries: Readonly<Record<string, string>> = {
  westeurope: 'NL',
  northeurope: 'IE',
  eastus: 'US',
  southeastasia: 'SG',
  francecentral: 'FR',
  westus2: 'US',
  japaneast: 'JP',
  uksouth: 'GB',
  brazilsouth: 'BR',
  'eu-west-1': 'IE',
  'us-east-1': 'US',
  'europe-west1': 'BE',
  'asia-southeast1': 'SG',
}
const euCountries: readonly string[] = ['NL', 'IE', 'FR', 'BE']

export interface Declared {
  readonly site: Site
  readonly workload: Workload
  /** What its management cluster alone tells. */
  readonly truth: TrueCluster
  /** Reconcilers of its management cluster that act on it. */
  readonly reconcilers: readonly Reconciler[]
}

interface Parts {
  readonly declared: readonly Declared[]
  readonly resource: AksResource | null
  readonly managementCluster: string | null
  readonly now: Date
}

/** Every cluster once: declared ones with what Azure has of them, then those that nobody declares. */
export function fleetOf(
  declared: readonly Declared[],
  resources: readonly AksResource[],
  managementClusters: ReadonlyMap<string, string>,
  now: Date,
): readonly FleetCluster[] {
  const byArmId = Map.groupBy(declared, ({ truth }, i) => truth.armId ?? `not in Azure ${i}`)
  const inAzure = new Map(resources.map((resource) => [keyOf(resource), resource]))
  const known = [...byArmId].map(([key, claims]) => {
    return clusterOf({
      declared: claims.toSorted(byStanding),
      resource: inAzure.get(key) ?? null,
      managementCluster: null,
      now,
    })
  })
  const others = resources.filter((resource) => !byArmId.has(keyOf(resource)))
  const undeclared = others.map((resource) =>
    clusterOf({ declared: [], resource, managementCluster: managementClusters.get(keyOf(resource)) ?? null, now }),
  )
  return [...known, ...undeclared]
}

/** The original that was left behind is paused; one that is going counts less too. Both at work: the first by name. */
function byStanding(a: Declared, b: Declared): number {
  const rank = ({ workload }: Declared) => (workload.paused ? 2 : 0) + (workload.stage === 'Deleting' ? 1 : 0)
  return rank(a) - rank(b) || (a.site.name < b.site.name ? -1 : 1)
}

function clusterOf(parts: Parts): FleetCluster {
  const { declared, resource, now } = parts
  const first = declared[0]
  const region = first?.workload.region ?? resource?.region ?? ''
  const country = countries[region] ?? ''
  const versionObserved = resource?.running ?? bare(first?.workload.running ?? '')
  const pools = poolsOf(parts, versionObserved)
  const skews = pools.flatMap((pool) => pool.skewMinors ?? [])
  const ahead = Math.min(...skews)
  return {
    ...identityOf(parts),
    ...ownershipOf(parts),
    ...{ region, country, eu: euCountries.includes(country) },
    health: healthOf(first, resource, now),
    versionDeclared: bare(first?.truth.versionDeclared ?? resource?.version ?? ''),
    versionObserved,
    ...azureFactsOf(parts),
    support: supportOf(
      { provider: first?.truth.provider ?? 'aks', workload: first?.workload ?? null, resource },
      versionObserved,
      now,
    ),
    pools,
    skewMinors: skews.length === 0 ? null : ahead < 0 ? ahead : Math.max(...skews),
    disagreements: [...rivalry(declared), ...(first && resource ? disagreementsOf(first.workload, resource) : [])],
    rollouts: [...(first?.truth.rollouts ?? []), ...(resource === null ? [] : rolloutInAzure(resource))],
    ...driftOfParts(parts),
  }
}

/** What nobody declares cannot differ from a declaration but by being there. */
function driftOfParts({ declared, resource, managementCluster }: Parts): TrueDrift {
  const [first] = declared
  if (first !== undefined) {
    const { workload, site, reconcilers } = first
    const claims = declared.length
    return driftOf({ workload, era: site.era, resource }, reconcilers, { asksAzure: true, claims })
  }
  if (resource === null || managementCluster !== null) return { drift: [], gaps: [] }
  const pools = resource.pools.filter(({ running }) => running !== resource.running)
  const about = { kind: 'managedClusters', namespace: '', name: keyOf(resource) }
  return {
    drift: [{ code: 'aksUnmanaged', about }, ...pools.map(() => ({ code: 'poolVsCluster' as const, about }))],
    gaps: [],
  }
}

function identityOf({ declared, resource, managementCluster }: Parts) {
  const [first] = declared
  const armId = first?.truth.armId ?? (resource === null ? null : keyOf(resource))
  const orphan = first === undefined ? ('UNDECLARED' as const) : ('MISSING' as const)
  return {
    declared: first?.truth ?? null,
    claims: declared.map(({ truth: { source, namespace, name } }) => ({ source, namespace, name })),
    namespace: first?.workload.namespace ?? resource?.resourceGroup.toLowerCase() ?? '',
    name: first?.workload.name ?? resource?.name ?? '',
    witnesses: [...(first ? (['capi'] as const) : []), ...(resource ? (['arm'] as const) : [])],
    armId,
    orphan: armId === null || (first && resource) || managementCluster !== null ? null : orphan,
    managementCluster,
    provider: first?.truth.provider ?? 'aks',
  }
}

/** The Cluster's labels count before Azure's tags. */
function ownershipOf({ declared: [first], resource }: Parts) {
  const labels = { ...resource?.tags, ...(first ? tagsOf(first.workload) : {}) }
  return {
    environment: labels.environment ?? null,
    owner: labels.owner ?? null,
    contact: labels.contact ?? null,
    costCenter: labels['cost-center'] ?? null,
  }
}

function healthOf(first: Declared | undefined, resource: AksResource | null, now: Date): ExpectedHealth {
  const azure = resource === null ? [] : [azureHealthOf(resource, now)]
  return worstOf([...(first ? [first.truth.health] : []), ...azure])
}

/** Azure's word; what was asked for where Azure has nothing. */
function azureFactsOf({ declared: [first], resource }: Parts) {
  if (first?.truth.armId === null) return { ...nothing }
  const { supportPlan, tier, upgradeChannel, nodeOsUpgradeChannel } = resource ?? first?.workload ?? nothing
  return {
    ...{ supportPlan, tier, upgradeChannel, nodeOsUpgradeChannel },
    // Of one that is gone, Azure Service Operator tells what it last saw.
    powerState: resource?.power ?? 'Running',
    resourceUid: resource?.uid ?? null,
    nodeResourceGroup: resource?.nodeResourceGroup ?? (first ? nodeResourceGroupOf(first.workload) : null),
    createdBy: resource?.systemData?.createdBy ?? capzClusterOf(resource?.tags ?? {}),
  }
}

/** CAPZ's tags name the cluster that it made a resource for. */
function capzClusterOf(tags: Readonly<Record<string, string>>): string | null {
  const prefix = 'sigs.k8s.io_cluster-api-provider-azure_cluster_'
  const tag = Object.keys(tags).find((key) => key.startsWith(prefix))
  return tag === undefined ? null : `cluster-api-provider-azure (${tag.slice(prefix.length)})`
}

const nothing = {
  supportPlan: null,
  tier: null,
  powerState: null,
  upgradeChannel: null,
  nodeOsUpgradeChannel: null,
  resourceUid: null,
  nodeResourceGroup: null,
  createdBy: null,
}

function poolsOf({ declared: [first], resource, now }: Parts, controlPlane: string): readonly FleetPool[] {
  const managed = first?.truth.armId !== null
  const pools: readonly (AksPool | PoolModel)[] = resource?.pools ?? first?.workload.pools ?? []
  return pools.map((pool) => {
    const running = 'current' in pool && first ? nodesOf(first, pool) : bare(pool.running)
    const releasedAt = managed ? pool.image.releasedAt : null
    return {
      name: pool.name,
      os: pool.os === 'Windows' ? 'windows' : 'linux',
      running,
      skewMinors: running === null ? null : minorNumber(controlPlane) - minorNumber(running),
      nodeImage: managed ? pool.image.name : null,
      imageReleasedAt: releasedAt,
      imageAgeDays: releasedAt === null ? null : -daysUntil(releasedAt, now),
    }
  })
}

/** What the nodes of a pool run that Azure does not list; null: nobody tells. */
function nodesOf({ site, workload }: Declared, pool: PoolModel): string | null {
  if (isAks(workload)) return bare(pool.running)
  // Nobody tells of machines that are not there yet, and old releases not of those that a provider runs.
  const told = isSelfManaged(workload) || (site.era === 'new' && workload.stage !== 'Creating')
  return told && pool.current > 0 ? bare(kubeletOf(workload, pool)) : null
}
