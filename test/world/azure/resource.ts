import { isDeepStrictEqual } from 'node:util'
import {
  bare,
  initialized,
  nodeResourceGroupOf,
  type PoolModel,
  resourceGroupOf,
  type SupportPlan,
  type Tier,
  tagsOf,
  type Workload,
} from '../workload.ts'
import type { NodeImage, NodeOs } from './node-image.ts'

/** An AKS cluster as Azure has it. Others may change it without asking Cluster API. */
export interface AksResource {
  readonly subscription: string
  readonly resourceGroup: string
  readonly name: string
  readonly region: string
  readonly nodeResourceGroup: string
  /** Of this incarnation (`resourceUID`). */
  uid: string
  /** First label of its API server's name. */
  dns: string
  tags: Record<string, string>
  /** Null: not reported, which means the official one. */
  supportPlan: SupportPlan | null
  tier: Tier
  /** As asked for: `1.33.11`, or `1.33` alone. */
  version: string
  running: string
  /** Any word: Azure promises no list (azure.md 2.2). */
  provisioningState: string
  error: { readonly code: string; readonly message: string } | null
  power: 'Running' | 'Stopped'
  /** Null: not reported, which means none. */
  upgradeChannel: string | null
  nodeOsUpgradeChannel: string | null
  pools: AksPool[]
  /** By path below `properties`. */
  settings: Readonly<Record<keyof typeof settingsAsked, string>>
  /** Who made it and who changed it last, where Azure tells. */
  systemData: { readonly createdBy: string; readonly createdAt: Date; readonly lastModifiedAt: Date } | null
  /** Its API server takes Entra tokens, and no certificates. */
  readonly entra: boolean
}

export interface AksPool {
  readonly name: string
  readonly mode: 'System' | 'User'
  readonly os: NodeOs
  readonly vmSize: string
  version: string
  running: string
  count: number
  readonly autoscaled: boolean
  image: NodeImage
  provisioningState: string
  power: 'Running' | 'Stopped'
}

/** ARM's id of it, as people write it. */
export const idOf = (one: { subscription: string; resourceGroup: string; name: string }): string =>
  `/subscriptions/${one.subscription}/resourceGroups/${one.resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${one.name}`

export const keyOf = (one: { subscription: string; resourceGroup: string; name: string }): string =>
  idOf(one).toLowerCase()

/** The application that CAPZ and Azure Service Operator are to Entra. */
const capzIdentity = '5c8b1f0e-0000-4000-8000-6f1e0a7d3c11'

/** More tags of its own on whatever CAPZ makes; the newer way adds none (azure.md 3.2). */
export const capzTags = (name: string): Record<string, string> => ({
  Name: name,
  [`sigs.k8s.io_cluster-api-provider-azure_cluster_${name}`]: 'owned',
  'sigs.k8s.io_cluster-api-provider-azure_role': 'common',
})

/** Settings that Cluster API asks for, of every cluster alike. */
export const settingsAsked = {
  'networkProfile.networkPlugin': 'azure',
  'networkProfile.networkPolicy': 'azure',
  'networkProfile.loadBalancerSku': 'standard',
  'oidcIssuerProfile.enabled': 'true',
} as const

/** What Azure has after it was asked for exactly what this workload says. */
export function resourceOf(workload: Workload, uid: string): AksResource {
  return {
    subscription: workload.subscription,
    resourceGroup: resourceGroupOf(workload),
    name: workload.name,
    region: workload.region,
    nodeResourceGroup: nodeResourceGroupOf(workload),
    uid,
    dns: workload.name,
    tags: { ...tagsOf(workload), ...(workload.flavour === 'AzureManaged' ? capzTags(workload.name) : {}) },
    supportPlan: workload.supportPlan,
    tier: workload.tier,
    version: bare(workload.version),
    running: bare(workload.running),
    provisioningState: stateOf(workload),
    error: null,
    power: 'Running',
    upgradeChannel: workload.upgradeChannel,
    nodeOsUpgradeChannel: workload.nodeOsUpgradeChannel,
    pools: workload.pools.map((pool) => poolOf(workload, pool)),
    settings: settingsAsked,
    // The older way's resources come from an older api-version, without it.
    systemData:
      workload.flavour === 'AzureManaged'
        ? null
        : { createdBy: capzIdentity, createdAt: workload.createdAt, lastModifiedAt: workload.since },
    entra: false,
  }
}

function stateOf(workload: Workload): string {
  if (workload.stage === 'Deleting') return 'Deleting'
  if (!initialized(workload)) return 'Creating'
  return workload.version === workload.running ? 'Succeeded' : 'Upgrading'
}

function poolOf(workload: Workload, pool: PoolModel): AksPool {
  const { name, mode, os, vmSize, autoscaled, image } = pool
  // What Azure refused leaves everything as it was.
  const refused = workload.trouble === 'QuotaExceeded' || workload.trouble === 'ReferenceNotFound'
  const busy =
    pool.version !== pool.running ? 'Upgrading' : pool.current !== pool.replicas && !refused ? 'Scaling' : 'Succeeded'
  return {
    ...{ name, mode, os, vmSize, autoscaled, image },
    version: bare(pool.version),
    running: bare(pool.running),
    // The target, from the moment it is accepted (azure.md 2.1).
    count: refused ? pool.current : pool.replicas,
    provisioningState: initialized(workload) ? busy : 'Creating',
    power: 'Running',
  }
}

/**
 * Brings to a resource what changed between two wishes of its owners, and leaves the rest as it is: whoever changed
 * something else meanwhile finds it unchanged.
 */
export function follow(resource: AksResource, before: AksResource, after: AksResource): void {
  const scalars = ({
    pools: _pools,
    tags: _tags,
    systemData: _systemData,
    uid: _uid,
    dns: _dns,
    settings: _settings,
    ...rest
  }: AksResource) => rest
  bring(resource, scalars(before), scalars(after))
  bring(resource.tags, before.tags, after.tags)
  for (const wanted of after.pools) {
    const was = before.pools.find(({ name }) => name === wanted.name)
    const pool = resource.pools.find(({ name }) => name === wanted.name)
    if (was === undefined) resource.pools.push({ ...wanted })
    else if (pool !== undefined) bring(pool, was, wanted)
  }
  if (resource.provisioningState !== 'Failed') resource.error = null
  if (resource.systemData !== null && after.systemData !== null)
    resource.systemData = { ...resource.systemData, lastModifiedAt: after.systemData.lastModifiedAt }
}

/** Copies to `target` the fields of `after` that are not as they were in `before`. */
function bring(target: object, before: object, after: object): void {
  const was = new Map<string, unknown>(Object.entries(before))
  const is = new Map<string, unknown>(Object.entries(after))
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    if (isDeepStrictEqual(was.get(key), is.get(key))) continue
    if (is.has(key)) Object.assign(target, { [key]: is.get(key) })
    else Reflect.deleteProperty(target, key)
  }
}
