import { imageOf } from './azure/node-image.ts'
import { teams, untouched } from './fleet.ts'
import type { Random } from './random.ts'
import type { Site } from './site.ts'
import { type CloudFlavour, cloudFlavours, type PoolModel, type Workload } from './workload.ts'

const dayMs = 86_400_000

/** Which tool drives the flavour, where it runs, and its machines. */
const clouds = {
  AWSManaged: { tool: 'aws', short: 'eks', regions: ['eu-west-1', 'us-east-1'], vmSize: 'm6i.xlarge' },
  GCPManaged: { tool: 'gcp', short: 'gke', regions: ['europe-west1', 'asia-southeast1'], vmSize: 'n2-standard-4' },
} as const satisfies Record<CloudFlavour, object>

/** Old to new, as each provider writes them. */
const versions: Readonly<Record<CloudFlavour, readonly string[]>> = {
  AWSManaged: ['v1.34.6', 'v1.35.2', 'v1.36.1'],
  GCPManaged: ['v1.35.5-gke.1080000', 'v1.36.1-gke.1127000', 'v1.36.2-gke.1043000'],
}

export const cloudVersionAfter = ({ flavour, version }: Workload): string => {
  const known: readonly string[] = flavour === 'AWSManaged' || flavour === 'GCPManaged' ? versions[flavour] : []
  return known[known.indexOf(version) + 1] ?? version
}

/** One of EKS or GKE: the management clusters that can make it, by turns. Null where none can. */
export function cloudPlaceOf(index: number, sites: readonly Site[]): { flavour: CloudFlavour; site: Site } | null {
  const places = sites.flatMap((site) =>
    cloudFlavours.filter((flavour) => site.tools.includes(clouds[flavour].tool)).map((flavour) => ({ flavour, site })),
  )
  // Both providers in the first two, and in every two that follow.
  const ordered = cloudFlavours.map((flavour) => places.filter((place) => place.flavour === flavour))
  const among = ordered[index % ordered.length] ?? []
  return among[Math.floor(index / ordered.length) % among.length] ?? null
}

/** A healthy EKS or GKE cluster: what a platform tries out, of the environment `staging` whichever management cluster has it. */
export function makeCloudWorkload(
  random: Random,
  { flavour, site }: { readonly flavour: CloudFlavour; readonly site: Site },
  index: number,
  now: Date,
): Workload {
  const { short, regions, vmSize } = clouds[flavour]
  const team = random.pick(teams)
  const environment = 'staging'
  const version = versions[flavour][1] ?? ''
  const createdAt = new Date(Math.floor((now.getTime() - random.between(20, 300) * dayMs) / 1000) * 1000)
  return {
    ...untouched,
    deviation: {},
    name: `${team}-${environment}-${short}-${String(index + 1).padStart(3, '0')}`,
    namespace: 'clusters',
    flavour,
    labelling: site.era === 'new' ? 'long' : 'short',
    managedBy: 'flux',
    environment,
    ring: '1',
    region: regions[Math.floor(index / 2) % regions.length] ?? regions[0],
    owner: `team-${team}`,
    contact: `${team}-oncall`,
    costCenter: `cc-${100 + teams.indexOf(team)}`,
    topologyClass: null,
    subscription: random.uuid(),
    supportPlan: 'KubernetesOfficial',
    tier: 'Standard',
    upgradeChannel: 'none',
    nodeOsUpgradeChannel: 'None',
    createdAt,
    version,
    running: version,
    controlPlaneReplicas: 3,
    controlPlaneCurrent: 3,
    pools: ['default', 'apps'].map((name) => poolOf(random, name, { version, vmSize }, now)),
    stage: 'Running',
    since: new Date(createdAt.getTime() + random.between(10, 40) * 60_000),
    trouble: null,
  }
}

function poolOf(
  random: Random,
  name: string,
  { version, vmSize }: { readonly version: string; readonly vmSize: string },
  now: Date,
): PoolModel {
  const replicas = random.between(2, 4)
  return {
    ...{ name, mode: 'User', vmSize, version, running: version, replicas, current: replicas },
    ...{ autoscaled: false, os: 'Linux', image: imageOf('Linux', now, 9) },
  }
}

/** The version before a given one; the same where there is none. */
export const cloudVersionBefore = ({ flavour, version }: Workload): string => {
  const known: readonly string[] = flavour === 'AWSManaged' || flavour === 'GCPManaged' ? versions[flavour] : []
  return known[known.indexOf(version) - 1] ?? version
}
