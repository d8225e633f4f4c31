import type { Profile } from './api/discovery.ts'
import { drawImage } from './azure/node-image.ts'
import { type Random, randomOf } from './random.ts'
import type { Tool } from './resource.ts'
import type { Site, SiteOptions } from './site.ts'
import { type Flavour, flavours, type PoolModel, type Workload } from './workload.ts'

const places = [
  ['weu', 'westeurope', 'prod', '2'],
  ['neu', 'northeurope', 'prod', '1'],
  ['eus', 'eastus', 'prod', '2'],
  ['sea', 'southeastasia', 'dev', '0'],
  ['frc', 'francecentral', 'prod', '3'],
  ['wus', 'westus2', 'staging', '1'],
  ['jpe', 'japaneast', 'prod', '3'],
  ['uks', 'uksouth', 'staging', '1'],
] as const

/** What is installed on the i-th management cluster beside Cluster API, CAPZ and Flux, by turns. */
const toolsets: readonly (readonly Tool[])[] = [['tofu'], ['argocd'], ['helm', 'aws', 'gcp'], ['argocd']]

/** The i-th management cluster: Cluster API 1.14 and 1.9 by turns, on a current API server and on an old one. */
export function siteOptionsOf(i: number, seed: string, profile?: Profile): SiteOptions {
  const [code, region, environment, ring] = places[i % places.length] ?? places[0]
  const round = Math.floor(i / places.length)
  const era = i % 2 === 0 ? 'new' : 'old'
  return {
    name: `${code}-${environment}${round === 0 ? '' : `-${round + 1}`}`,
    region,
    labels: { environment, ring },
    era,
    profile: profile ?? (era === 'new' ? 'current' : '1.20'),
    tools: toolsets[i % toolsets.length] ?? [],
    seed,
  }
}

export const teams = ['payments', 'search', 'identity', 'media', 'logistics', 'data', 'edge', 'games'] as const
const sizes = ['Standard_D4s_v5', 'Standard_D8s_v5', 'Standard_E4s_v5', 'Standard_D16ds_v5'] as const
/** Old to new, out of support to newest (azure/offer.ts). 1.32.10 sorts before 1.32.9 as text, and is newer. */
const versions = [
  ...['v1.31.13', 'v1.32.9', 'v1.32.10', 'v1.33.7', 'v1.33.11', 'v1.34.8', 'v1.34.9'],
  ...['v1.35.5', 'v1.35.6', 'v1.36.1', 'v1.36.2'],
]
/** Most clusters are kept up. */
const old = versions.indexOf('v1.35.5')
const drawVersion = (random: Random): string =>
  random.pick(random.chance(0.35) ? versions.slice(0, old) : versions.slice(old))
const dayMs = 86_400_000

/** The next version somebody would upgrade to: one further in the list, at most one minor. */
export const versionAfter = (version: string): string => versions[versions.indexOf(version) + 1] ?? version

/** One subscription for each environment, and one for whatever belongs to none. */
export const subscriptionOf = (seed: string, environment: string): string =>
  randomOf(`${seed}/subscription ${environment}`).uuid()

/** A healthy cluster, everything about it drawn from `random`. */
export function makeWorkload(random: Random, site: Site, index: number, now: Date): Workload {
  const team = random.pick(teams)
  const flavour = flavours[Math.floor(index / 4) % flavours.length] ?? 'AzureASOManaged'
  const environment = site.labels.environment ?? 'dev'
  const version = drawVersion(random)
  const createdAt = new Date(
    Math.floor((now.getTime() - random.between(3, 700) * dayMs - random.below(dayMs)) / 1000) * 1000,
  )
  return {
    name: `${team}-${environment}-${String(index + 1).padStart(3, '0')}`,
    namespace: random.chance(0.5) ? 'clusters' : `team-${team}`,
    flavour,
    labelling: site.era === 'new' ? 'long' : 'short',
    managedBy: 'flux',
    environment,
    ring: site.labels.ring ?? '0',
    region: site.region,
    owner: `team-${team}`,
    contact: `${team}-oncall`,
    costCenter: `cc-${100 + teams.indexOf(team)}`,
    topologyClass: null,
    subscription: subscriptionOf(site.seed, environment),
    ...planOf(random, flavour, environment, version),
    createdAt,
    version,
    running: version,
    controlPlaneReplicas: environment === 'dev' ? 1 : 3,
    controlPlaneCurrent: environment === 'dev' ? 1 : 3,
    pools: poolsOf(random, version, now),
    stage: 'Running',
    since: new Date(createdAt.getTime() + random.between(10, 40) * 60_000),
    trouble: null,
    ...untouched,
    deviation: {},
  }
}

/** What nobody did to a cluster that is at rest. */
export const untouched = {
  paused: false,
  pausedAt: null,
  pausedBy: null,
  lagging: false,
  deletedAt: null,
  releaseChannel: null,
  held: null,
  deviation: {},
  remediatedAt: [],
  strays: [],
} as const satisfies Partial<Workload>

/** Long-term support is bought for some old versions, and only the newer way can ask for it: CAPZ's own words lack the tier. */
function planOf(random: Random, flavour: Flavour, environment: string, version: string) {
  const lts = random.chance(0.5) && flavour === 'AzureASOManaged' && version < 'v1.34'
  return {
    supportPlan: lts ? ('AKSLongTermSupport' as const) : ('KubernetesOfficial' as const),
    tier: lts ? ('Premium' as const) : environment === 'prod' ? ('Standard' as const) : ('Free' as const),
    upgradeChannel: environment === 'dev' ? 'patch' : random.pick(['none', 'none', 'patch', 'stable']),
    nodeOsUpgradeChannel: random.chance(0.1) ? 'None' : random.pick(['NodeImage', 'NodeImage', 'SecurityPatch']),
  }
}

function poolsOf(random: Random, version: string, now: Date): PoolModel[] {
  return ['system', 'apps', 'batch'].slice(0, random.between(1, 3)).map((name) => {
    const replicas = name === 'system' ? random.between(2, 3) : random.between(1, 6)
    return {
      name,
      mode: name === 'system' ? 'System' : 'User',
      vmSize: random.pick(sizes),
      version,
      running: version,
      replicas,
      current: replicas,
      autoscaled: name === 'batch',
      os: 'Linux',
      image: drawImage(random, 'Linux', now),
    }
  })
}

/** The same managed cluster on a second management cluster: it was moved, and the paused original stayed behind. */
export const twinOf = (workload: Workload, now: Date): Workload => ({
  ...structuredClone(workload),
  paused: true,
  pausedAt: new Date(now.getTime() - 3 * dayMs),
  pausedBy: 'clusterctl',
})
