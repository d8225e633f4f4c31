import type { Site } from '../site.ts'
import type { TrueCluster } from '../truth.ts'
import {
  bare,
  type ExpectedHealth,
  nodeResourceGroupOf,
  type SupportPlan,
  type Tier,
  tagsOf,
  type Workload,
} from '../workload.ts'
import { disagreementsOf, rivalry, type TrueDisagreement } from './disagreement.ts'
import { azureHealthOf, worstOf } from './health.ts'
import { dayOf, daysUntil, minorNumber, minorOf, newestMinor, offerOf, upstreamEndOf } from './offer.ts'
import { type AksResource, keyOf } from './resource.ts'

/** One cluster of the fleet, as somebody should find it who reads every management cluster and all of Azure. */
export interface FleetCluster {
  /** Where Cluster API declares it: the one whose word counts first; empty where nobody does. */
  readonly claims: readonly { readonly source: string; readonly namespace: string; readonly name: string }[]
  readonly namespace: string
  readonly name: string
  readonly witnesses: readonly ('capi' | 'arm')[]
  /** Lower case; null for clusters of machines. */
  readonly armId: string | null
  /** A management cluster is none: that it is read says whose it is. */
  readonly orphan: 'UNDECLARED' | 'MISSING' | null
  /** The management cluster that it is itself; null for workload clusters. */
  readonly managementCluster: string | null
  readonly provider: 'aks' | 'azure'
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

/** Days are `YYYY-MM-DD`; null where no calendar has them. */
interface TrueSupport {
  readonly calendar: 'aks' | 'upstream'
  readonly minor: string
  readonly plan: 'standard' | 'lts'
  readonly phase: 'Preview' | 'Supported' | 'SupportedLts' | 'PlatformSupport' | 'OutOfSupport'
  readonly inSupport: boolean
  /** Under the plan in force. */
  readonly endsAt: string | null
  readonly daysLeft: number | null
  readonly standardEnd: string | null
  readonly ltsEnd: string | null
  /** Past its standard end and within long-term support, whether it has the plan or not. */
  readonly ltsOnly: boolean
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
}
const euCountries: readonly string[] = ['NL', 'IE', 'FR']

export interface Declared {
  readonly site: Site
  readonly workload: Workload
  /** What its management cluster alone tells. */
  readonly truth: TrueCluster
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
  const byArmId = Map.groupBy(declared, ({ truth }, i) => truth.armId ?? `self-managed ${i}`)
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
    versionDeclared: bare(first?.workload.version ?? resource?.version ?? ''),
    versionObserved,
    ...azureFactsOf(parts),
    support: supportOf(parts, versionObserved),
    pools,
    skewMinors: skews.length === 0 ? null : ahead < 0 ? ahead : Math.max(...skews),
    disagreements: [...rivalry(declared), ...(first && resource ? disagreementsOf(first.workload, resource) : [])],
  }
}

function identityOf({ declared, resource, managementCluster }: Parts) {
  const [first] = declared
  const armId = first?.truth.armId ?? (resource === null ? null : keyOf(resource))
  const orphan = first === undefined ? ('UNDECLARED' as const) : ('MISSING' as const)
  return {
    claims: declared.map(({ truth: { source, namespace, name } }) => ({ source, namespace, name })),
    namespace: first?.workload.namespace ?? resource?.resourceGroup.toLowerCase() ?? '',
    name: first?.workload.name ?? resource?.name ?? '',
    witnesses: [...(first ? (['capi'] as const) : []), ...(resource ? (['arm'] as const) : [])],
    armId,
    orphan: armId === null || (first && resource) || managementCluster !== null ? null : orphan,
    managementCluster,
    provider: armId === null ? ('azure' as const) : ('aks' as const),
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
  const pools = resource?.pools ?? first?.workload.pools ?? []
  return pools.map((pool) => {
    // Nobody tells of machines that are not there yet.
    const unborn = !managed && 'current' in pool && pool.current === 0
    const releasedAt = managed ? pool.image.releasedAt : null
    return {
      name: pool.name,
      os: pool.os === 'Windows' ? 'windows' : 'linux',
      running: unborn ? null : bare(pool.running),
      skewMinors: unborn ? null : minorNumber(controlPlane) - minorNumber(pool.running),
      nodeImage: managed ? pool.image.name : null,
      imageReleasedAt: releasedAt,
      imageAgeDays: releasedAt === null ? null : -daysUntil(releasedAt, now),
    }
  })
}

function supportOf({ declared: [first], resource, now }: Parts, version: string): TrueSupport {
  const minor = minorOf(version)
  const day = dayOf(now)
  if (first !== undefined && first.truth.armId === null) {
    const endsAt = upstreamEndOf(version)
    const inSupport = endsAt !== null && day <= endsAt
    const phase = inSupport ? 'Supported' : 'OutOfSupport'
    const daysLeft = endsAt === null ? null : daysUntil(endsAt, now)
    const upstream = { calendar: 'upstream', minor, plan: 'standard', phase, inSupport, endsAt, daysLeft } as const
    return { ...upstream, standardEnd: endsAt, ltsEnd: null, ltsOnly: false }
  }
  const { standardEnd = null, ltsEnd = null, preview = false } = offerOf(version) ?? {}
  const bought = resource ?? first?.workload
  const lts = bought?.supportPlan === 'AKSLongTermSupport' && bought.tier === 'Premium'
  const within = (end: string | null) => end !== null && day <= end
  const phase = preview
    ? 'Preview'
    : lts && within(ltsEnd)
      ? 'SupportedLts'
      : within(standardEnd)
        ? 'Supported'
        : minorNumber(version) === newestMinor - 3
          ? 'PlatformSupport'
          : 'OutOfSupport'
  const endsAt = lts ? ltsEnd : standardEnd
  return {
    calendar: 'aks',
    minor,
    plan: lts ? 'lts' : 'standard',
    phase,
    inSupport: phase === 'Supported' || phase === 'SupportedLts',
    endsAt,
    daysLeft: endsAt === null ? null : daysUntil(endsAt, now),
    standardEnd,
    ltsEnd,
    ltsOnly: !within(standardEnd) && within(ltsEnd),
  }
}
