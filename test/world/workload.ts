import type { NodeImage, NodeOs } from './azure/node-image.ts'

/** How a workload cluster is made, in Azure. */
export const flavours = ['AzureSelfManaged', 'AzureManaged', 'AzureASOManaged'] as const
/** And elsewhere: EKS and GKE. */
export const cloudFlavours = ['AWSManaged', 'GCPManaged'] as const
export type CloudFlavour = (typeof cloudFlavours)[number]
export type Flavour = (typeof flavours)[number] | CloudFlavour

/** Who runs the control plane. */
export const providers = {
  AzureSelfManaged: 'azure',
  AzureManaged: 'aks',
  AzureASOManaged: 'aks',
  AWSManaged: 'eks',
  GCPManaged: 'gke',
} as const satisfies Record<Flavour, string>

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
  /** Somebody deleted it in Azure, and Azure Service Operator has found that out. */
  GoneInAzure: { health: 'Degraded', flavours: ['AzureASOManaged', 'AzureManaged'] },
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
  /** Who applies its Cluster object from Git; null: somebody did it by hand. */
  managedBy: 'flux' | 'argocd' | null
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
  /** Of GKE, which upgrades by itself; null: nobody asked for one. */
  releaseChannel: 'regular' | null
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
  /** When it was paused, and which field manager did it; null: nobody remembers. */
  pausedAt: Date | null
  pausedBy: string | null
  /** The controllers have not looked at the newest generation yet. */
  lagging: boolean
  deletedAt: Date | null
  /** Of the topology: asked for, and not yet passed on to anything. */
  held: string | null
  readonly deviation: TopologyDeviation
  /** Machines of the first pool that are being replaced, by when their health check gave them up. */
  remediatedAt: readonly Date[]
  /** Machines that somebody made without anything to manage them. */
  readonly strays: readonly string[]
}

/** How a cluster with a topology deviates from what its ClusterClass and its topology say. */
export interface TopologyDeviation {
  /** Its control plane and its infrastructure were cloned from templates that the class named before. */
  olderTemplates?: boolean
  /** Variables it sets, by name; those of the class that it leaves out keep their defaults. */
  variables?: Readonly<Record<string, string | number>>
  /** A pool that somebody made beside the topology. */
  unmanagedPool?: string
  /** Workers that the topology names, and nobody has made. */
  missingPool?: string
  /** Replicas the topology sets for the first pool, where that differs from what its MachineDeployment asks for. */
  replicas?: number
}

/** The state that domain.md 3 gives a cluster in this condition. */
export function expectedHealthOf(workload: Workload): ExpectedHealth {
  if (workload.stage === 'Deleting') return 'Deleting'
  if (workload.paused) return 'Suspended'
  if (workload.trouble !== null) return troubles[workload.trouble].health
  if (workload.stage !== 'Running' || workload.lagging || workload.held !== null) return 'Progressing'
  if (workload.remediatedAt.length > 0) return 'Progressing'
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
/** Its control plane is Azure's: ARM knows it. */
export const isAks = ({ flavour }: Workload): boolean => providers[flavour] === 'aks'
export const isInAzure = ({ flavour }: Workload): boolean =>
  providers[flavour] === 'aks' || providers[flavour] === 'azure'
/** It has machines of its own. */
export const isSelfManaged = ({ flavour }: Workload): boolean => flavour === 'AzureSelfManaged'
/** Pools of the topology, which are all but those that somebody made beside it. */
export const isOfTopology = ({ topologyClass, deviation }: Workload, pool: PoolModel): boolean =>
  topologyClass !== null && pool.name !== deviation.unmanagedPool

/** What its owners write on it beside name and place: labels of the Cluster, tags in Azure. */
export function tagsOf({ environment, owner, contact, costCenter }: Workload): Record<string, string> {
  const tags = { environment, owner, contact, 'cost-center': costCenter }
  return Object.fromEntries(Object.entries(tags).flatMap(([key, value]) => (value === null ? [] : [[key, value]])))
}

/** Azure writes versions without a `v`. */
export const bare = (version: string): string => version.replace(/^v/, '')
