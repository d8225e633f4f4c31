import type { NodeImage, NodeOs } from './azure/node-image.ts'

/** How a workload cluster is made. */
export const flavours = ['AzureSelfManaged', 'AzureManaged', 'AzureASOManaged'] as const
export type Flavour = (typeof flavours)[number]

/** What is happening to it. `Running` includes clusters in trouble. */
export type Stage = 'Creating' | 'Running' | 'Upgrading' | 'Scaling' | 'Deleting'

/** Ways to fail, and what a reader of its objects should then say of the cluster. */
export const troubles = {
  /** Cluster API cannot reach the workload cluster's API server. */
  Unreachable: { health: 'Degraded', flavours: ['AzureSelfManaged', 'AzureManaged', 'AzureASOManaged'] },
  /** Too many machines are unhealthy; the health check has stopped remediating. */
  UnhealthyMachines: { health: 'Degraded', flavours: ['AzureSelfManaged'] },
  /** A virtual machine could not be made. */
  MachineFailed: { health: 'Degraded', flavours: ['AzureSelfManaged'] },
  /** Azure refuses for good until somebody changes the spec. */
  QuotaExceeded: { health: 'Failed', flavours: ['AzureASOManaged'] },
  /** Something the spec refers to is missing; retried. */
  ReferenceNotFound: { health: 'Degraded', flavours: ['AzureASOManaged'] },
  /** The provider's control plane reports an error, and retries. */
  ControlPlaneError: { health: 'Degraded', flavours: ['AzureManaged'] },
  /** The topology could not be applied. */
  TopologyFailed: { health: 'Degraded', flavours: ['AzureSelfManaged'] },
  /** Nobody reports: no conditions at all, long after creation. */
  NotReported: { health: 'Unknown', flavours: ['AzureSelfManaged', 'AzureManaged', 'AzureASOManaged'] },
} as const satisfies Record<string, { health: ExpectedHealth; flavours: readonly Flavour[] }>
export type Trouble = keyof typeof troubles

export type ExpectedHealth = 'Healthy' | 'Progressing' | 'Degraded' | 'Failed' | 'Suspended' | 'Deleting' | 'Unknown'

export type SupportPlan = 'KubernetesOfficial' | 'AKSLongTermSupport'
export type Tier = 'Free' | 'Standard' | 'Premium'

/** A pool of nodes, as it is meant and as it is. */
export interface PoolModel {
  readonly name: string
  readonly mode: 'System' | 'User'
  readonly vmSize: string
  version: string
  running: string
  replicas: number
  /** Nodes that are there. */
  current: number
  /** The autoscaler decides on replicas. */
  readonly autoscaled: boolean
  readonly os: NodeOs
  /** Means nothing to a cluster of machines. */
  image: NodeImage
}

/** A workload cluster: what its owners want and what is so. Its objects are drawn from this alone. */
export interface Workload {
  readonly name: string
  readonly namespace: string
  readonly flavour: Flavour
  /** Which labels say whose and what it is. */
  readonly labelling: 'long' | 'short'
  readonly environment: string
  readonly ring: string
  readonly region: string
  /** Null: nobody labelled it. */
  owner: string | null
  /** Whom its owners want to be asked; goes with the owner. */
  contact: string | null
  /** A label that every cluster must have; null: this one lacks it. */
  costCenter: string | null
  /** The ClusterClass, for clusters with a topology. */
  topologyClass: string | null
  /** Its id; many clusters share one. */
  readonly subscription: string
  /** What AKS is asked for; means nothing to a cluster of machines. */
  supportPlan: SupportPlan
  tier: Tier
  upgradeChannel: string
  nodeOsUpgradeChannel: string
  createdAt: Date
  /** The control plane's version, as asked for and as it runs: `v1.33.4`. */
  version: string
  running: string
  controlPlaneReplicas: number
  controlPlaneCurrent: number
  readonly pools: PoolModel[]
  stage: Stage
  /** When stage, trouble or pause last changed. */
  since: Date
  trouble: Trouble | null
  paused: boolean
  /** The controllers have not looked at the newest generation yet. */
  lagging: boolean
  deletedAt: Date | null
}

/** The state that domain.md 3 gives a cluster in this condition. */
export function expectedHealthOf(workload: Workload): ExpectedHealth {
  if (workload.stage === 'Deleting') return 'Deleting'
  if (workload.paused) return 'Suspended'
  if (workload.trouble !== null) return troubles[workload.trouble].health
  if (workload.stage !== 'Running' || workload.lagging) return 'Progressing'
  return 'Healthy'
}

/** The resource group and the ARM id of a managed cluster. */
export const resourceGroupOf = (workload: Workload): string => `rg-${workload.name}`
export const armIdOf = (workload: Workload): string =>
  `/subscriptions/${workload.subscription}/resourceGroups/${resourceGroupOf(workload)}/providers/Microsoft.ContainerService/managedClusters/${workload.name}`

/** Where AKS keeps a managed cluster's virtual machines. */
export const nodeResourceGroupOf = (workload: Workload): string =>
  `MC_${resourceGroupOf(workload)}_${workload.name}_${workload.region}`

export const initialized = (workload: Workload): boolean => workload.stage !== 'Creating'
export const workersWanted = (workload: Workload): number =>
  workload.pools.reduce((sum, pool) => sum + pool.replicas, 0)
export const workersThere = (workload: Workload): number => workload.pools.reduce((sum, pool) => sum + pool.current, 0)
export const isManaged = (workload: Workload): boolean => workload.flavour !== 'AzureSelfManaged'

/** What its owners write on it beside name and place: labels of the Cluster, tags in Azure. */
export function tagsOf({ environment, owner, contact, costCenter }: Workload): Record<string, string> {
  const tags = { environment, owner, contact, 'cost-center': costCenter }
  return Object.fromEntries(Object.entries(tags).flatMap(([key, value]) => (value === null ? [] : [[key, value]])))
}

/** Azure writes versions without a `v`. */
export const bare = (version: string): string => version.replace(/^v/, '')
