import type { Profile } from './api/discovery.ts'
import type { Random } from './random.ts'
import type { Site, SiteOptions } from './site.ts'
import { flavours, type PoolModel, type Workload } from './workload.ts'

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
    seed,
  }
}

const teams = ['payments', 'search', 'identity', 'media', 'logistics', 'data', 'edge', 'games'] as const
const sizes = ['Standard_D4s_v5', 'Standard_D8s_v5', 'Standard_E4s_v5', 'Standard_D16ds_v5'] as const
/** 1.32.10 sorts before 1.32.9 as text, and is newer. */
const versions = ['v1.30.14', 'v1.31.9', 'v1.31.10', 'v1.32.9', 'v1.32.10', 'v1.33.4', 'v1.33.5', 'v1.34.1'] as const
const dayMs = 86_400_000

/** The next version somebody would upgrade to: one further in the list, at most one minor. */
export const versionAfter = (version: string): string => {
  const known: readonly string[] = versions
  return known[known.indexOf(version) + 1] ?? version
}

/** A healthy cluster, everything about it drawn from `random`. */
export function makeWorkload(random: Random, site: Site, index: number, now: Date): Workload {
  const team = random.pick(teams)
  const flavour = flavours[Math.floor(index / 4) % flavours.length] ?? 'AzureASOManaged'
  const environment = site.labels.environment ?? 'dev'
  const version = random.pick(versions)
  const createdAt = new Date(
    Math.floor((now.getTime() - random.between(3, 700) * dayMs - random.below(dayMs)) / 1000) * 1000,
  )
  return {
    name: `${team}-${environment}-${String(index + 1).padStart(3, '0')}`,
    namespace: random.chance(0.5) ? 'clusters' : `team-${team}`,
    flavour,
    labelling: site.era === 'new' ? 'long' : 'short',
    environment,
    ring: site.labels.ring ?? '0',
    region: site.region,
    owner: `team-${team}`,
    topologyClass: null,
    subscription: `${random.hex(8)}-0000-4000-8000-${random.hex(12)}`,
    createdAt,
    version,
    running: version,
    controlPlaneReplicas: environment === 'dev' ? 1 : 3,
    controlPlaneCurrent: environment === 'dev' ? 1 : 3,
    pools: poolsOf(random, version),
    stage: 'Running',
    since: new Date(createdAt.getTime() + random.between(10, 40) * 60_000),
    trouble: null,
    paused: false,
    lagging: false,
    deletedAt: null,
  }
}

function poolsOf(random: Random, version: string): PoolModel[] {
  return ['system', 'apps', 'batch'].slice(0, random.between(1, 3)).map((name) => {
    const replicas = name === 'system' ? random.between(2, 3) : random.between(1, 6)
    const mode = name === 'system' ? 'System' : 'User'
    const autoscaled = name === 'batch'
    return {
      name,
      mode,
      vmSize: random.pick(sizes),
      version,
      running: version,
      replicas,
      current: replicas,
      autoscaled,
    }
  })
}

/** The same managed cluster on a second management cluster: it was moved, and the paused original stayed behind. */
export const twinOf = (workload: Workload): Workload => ({ ...structuredClone(workload), paused: true })
