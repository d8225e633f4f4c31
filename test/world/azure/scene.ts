import { versionAfter } from '../fleet.ts'
import { turnsOf } from '../scene.ts'
import type { Site } from '../site.ts'
import { armIdOf, bare, type Flavour, type Workload } from '../workload.ts'
import * as act from './act.ts'
import { imageOf } from './node-image.ts'
import { type AksResource, capzTags, idOf, settingsAsked } from './resource.ts'
import { type AzureState, platform } from './state.ts'

type Change = (azure: AzureState, armId: string, workload: Workload) => void

const does =
  (...acts: readonly act.Act[]): Change =>
  (azure, armId) => {
    for (const one of acts) azure.change(armId, one)
  }

const upgraded: Change = (azure, armId, workload) =>
  azure.change(armId, act.upgradedTo(bare(versionAfter(versionAfter(workload.version)))))
const upgrading: Change = (azure, armId, workload) =>
  azure.change(armId, act.upgradingTo(bare(versionAfter(workload.version))))
const missing: Change = (azure, armId) => azure.delete(armId)
const recreated: Change = (azure, armId) => azure.recreate(armId)
const scaled: Change = (azure, armId, { pools: [pool] }) =>
  azure.change(armId, act.scaled(pool?.name ?? '', (pool?.replicas ?? 0) + 3))
/** Asked for hours ago, and still not there. */
const stuck: Change = (azure, armId, workload) => {
  const since = new Date(azure.now.getTime() - 5 * 3_600_000)
  upgrading(azure, armId, workload)
  const resource = azure.resource(armId)
  if (resource.systemData !== null) resource.systemData = { ...resource.systemData, lastModifiedAt: since }
}

/**
 * By flavour: what happens in Azure to the k-th cluster of it, without Cluster API (scene.ts has the rounds). Where a cluster
 * has trouble of its own there, it is of a kind that goes with it.
 */
const scenes: Readonly<Record<Flavour, Readonly<Record<number, Change>>>> = {
  AzureSelfManaged: {},
  AzureManaged: {
    2: upgraded,
    3: does(act.failed('ControlPlaneAddOnsNotReady', 'Pods not in Running status: coredns-6d9f')),
    7: does(act.stopped),
    8: missing,
    11: scaled,
    14: does(act.retagged({ owner: 'team-somebody', 'managed-by': 'hand' })),
    15: does(act.stopped),
    16: does(act.failed('QuotaExceeded', 'Operation results in exceeding approved Total Regional Cores quota.')),
    17: upgrading,
    18: does(act.canceled, act.set('oidcIssuerProfile.enabled', 'false')),
    19: recreated,
    20: does(act.longTermSupport),
    21: does(act.inState('Reticulating')),
    22: does(act.askedByMinor, act.poolAt('system', '1.35.5')),
    23: does(act.poolFailed('system')),
  },
  AzureASOManaged: {
    0: does(act.askedByMinor),
    7: does(act.retagged({ owner: 'team-found', contact: 'found-oncall' })),
    12: does(act.set('networkProfile.networkPolicy', 'cilium')),
    14: does(act.reimaged(2)),
    16: missing,
    23: stuck,
  },
  AWSManaged: {},
  GCPManaged: {},
}

/** What happened in Azure before the world begins: out-of-band changes, clusters that nobody declares, management clusters. */
export function setTheAzureScene(azure: AzureState, workloads: readonly Workload[], sites: readonly Site[]): void {
  for (const { workload, turn } of turnsOf(workloads)) {
    const change = scenes[workload.flavour][turn]
    change?.(azure, armIdOf(workload), workload)
  }
  for (const resource of undeclared(azure, workloads)) azure.add(resource)
  for (const [i, site] of sites.entries()) if (isOnAks(i)) azure.add(managementOf(azure, site, i > 0))
}

/** Every other management cluster is an AKS cluster itself: the first is for a fleet file to name, the others carry the tag. */
const isOnAks = (i: number): boolean => i % 2 === 0
/** Azure allows no slash in a tag's name. */
export const managementTag = 'rollcall-management'

const managementGroup = 'rg-management'

/** Of the AKS cluster that a management cluster is, or would be: not every one is. */
export const managementArmId = (azure: AzureState, site: Site): string =>
  idOf({ subscription: azure.subscription(`sub-${platform}`).id, resourceGroup: managementGroup, name: site.name })

function managementOf(azure: AzureState, site: Site, tagged: boolean): AksResource {
  return {
    ...blank(azure, platform, site.name, site.region),
    resourceGroup: managementGroup,
    tags: { ...site.labels, owner: 'team-platform', ...(tagged ? { [managementTag]: 'true' } : {}) },
    tier: 'Standard',
    entra: true,
  }
}

/** One for every sixteen that somebody declares, and at least one beside them. */
function undeclared(azure: AzureState, workloads: readonly Workload[]): readonly AksResource[] {
  const [first] = workloads
  if (first === undefined) return []
  const { environment, region } = first
  const old = new Date(azure.now.getTime() - 400 * 86_400_000)
  const byHand = { createdBy: 'kim@example.com', createdAt: old, lastModifiedAt: old }
  const leftBehind = blank(azure, environment, 'orphan-capz', region)
  const made: readonly AksResource[] = [
    // CAPZ made it, and its Cluster was removed without it.
    { ...leftBehind, tags: { ...capzTags('orphan-capz'), environment, owner: 'team-data' } },
    { ...blank(azure, platform, 'playground', 'eastus'), systemData: byHand, tags: { owner: 'kim' } },
    { ...blank(azure, platform, 'forgotten', 'brazilsouth', '1.30.14'), systemData: byHand, power: 'Stopped' },
    { ...blank(azure, environment, 'by-terraform', region), tags: { environment, 'cost-center': 'cc-700' } },
    // Nobody asked for an upgrade channel, a plan, or a tag.
    {
      ...blank(azure, environment, 'Bare-Cluster', region),
      supportPlan: null,
      upgradeChannel: null,
      nodeOsUpgradeChannel: null,
    },
  ]
  return made.slice(0, Math.max(1, Math.floor(workloads.length / 16)))
}

const at = (version: string) => ({ version, running: version })

function blank(azure: AzureState, environment: string, name: string, region: string, version = '1.35.6'): AksResource {
  const pool = { name: 'nodepool1', mode: 'System', os: 'Linux', vmSize: 'Standard_D4s_v5', ...at(version) } as const
  return {
    subscription: azure.subscription(`sub-${environment}`).id,
    resourceGroup: `rg-${name}`,
    name,
    region,
    nodeResourceGroup: `MC_rg-${name}_${name}_${region}`,
    uid: azure.uidOf(name),
    dns: name.toLowerCase(),
    tags: {},
    supportPlan: 'KubernetesOfficial',
    tier: 'Free',
    ...at(version),
    provisioningState: 'Succeeded',
    error: null,
    power: 'Running',
    upgradeChannel: 'patch',
    nodeOsUpgradeChannel: 'NodeImage',
    pools: [
      {
        ...pool,
        count: 3,
        autoscaled: false,
        image: imageOf('Linux', azure.now, 9),
        provisioningState: 'Succeeded',
        power: 'Running',
      },
    ],
    settings: { ...settingsAsked },
    systemData: null,
    entra: false,
  }
}
