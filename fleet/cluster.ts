import type { Health, State } from './health.ts'
import type { ClusterName, Facts } from './observation.ts'
import type { Component } from './policy/subject.ts'
import type { KindKey, ObjectRef } from './reference.ts'

/** One object of a cluster, as the store hands it to `composeCluster`. */
export interface Member {
  readonly id: string
  /** Who tells of it. */
  readonly source: string
  readonly ref: ObjectRef
  readonly parentId: string | null
  /** The Cluster it belongs to, its own word or its ancestor's; tells apart what several Clusters of one source have. */
  readonly owner?: ClusterName | null
  readonly labels: Readonly<Record<string, string>>
  readonly facts: Facts
  readonly health: Health
  readonly createdAt: string | null
  /** False when the source could not read this kind for longer than its limit: it then takes no part in the roll-up. */
  readonly fresh: boolean
}

/** A cluster as its objects tell it: everything the `cluster` and `node_pool` tables keep. */
export interface ClusterFacts {
  readonly name: ClusterName
  /** The source whose word counts first: that of the Cluster object, else of the managed cluster in Azure. */
  readonly source: string
  /** Of the object the cluster is composed around: a Cluster, or a managed cluster that only Azure knows. */
  readonly kind: KindKey
  /** That object; null while only its parts are seen (an orphan's cluster). */
  readonly objectId: string | null
  /** Those of the layers below as one: a key of an upper layer hides the same key of a lower one. */
  readonly labels: Readonly<Record<string, string>>
  /** The Cluster's own labels, then Azure's tags. What people agreed on is read layer by layer (`layeredConventions`). */
  readonly labelLayers: readonly Readonly<Record<string, string>>[]
  /** `aks`, `eks`, `gke`, `azure`, `aws`, `gcp`, … (who runs the control plane); null when nothing tells. */
  readonly provider: string | null
  /** How it is made: `AzureASOManaged`, `AzureManaged`, `AzureSelfManaged`, … by the control plane's and infrastructure's kinds. */
  readonly flavour: string | null
  readonly region: string | null
  readonly armId: string | null
  /** Azure's name for this incarnation (azure.md 2.1); null when nobody tells. */
  readonly resourceUid: string | null
  readonly nodeResourceGroup: string | null
  readonly createdBy: string | null
  /** As AKS writes them (azure.md 2.1). */
  readonly supportPlan: string | null
  readonly tier: string | null
  readonly powerState: string | null
  readonly upgradeChannel: string | null
  readonly nodeOsUpgradeChannel: string | null
  readonly components: readonly Component[]
  /** Who testifies, by kind of claim: `capi`, `arm`. */
  readonly witnesses: readonly ('capi' | 'arm')[]
  readonly disagreements: readonly Disagreement[]
  /** Minors that the oldest node pool is behind the control plane, below 0 where the newest is ahead. Null: not known. */
  readonly skewMinors: number | null
  /** So many of its node pools are listed, and could not be read: whatever holds for `pools` may not hold for them. Null: nobody lists pools. */
  readonly unreadPools: number | null
  readonly phase: string | null
  readonly topologyClass: string | null
  readonly createdAt: string | null
  readonly versionDeclared: string | null
  readonly versionObserved: string | null
  readonly controlPlane: Counts
  readonly workers: Counts
  readonly health: Health
  /** State and reason of GitOps reconcilers mapped to the cluster, apart from the infrastructure's (domain.md 3.4). Null when there are none. */
  readonly gitops: Health | null
  /** Null when the roll-up is Healthy. */
  readonly rootCause: RootCause | null
  readonly pools: readonly NodePool[]
  /** Health of members that only their relatives can judge (`judgedWithRelatives`), by object id. */
  readonly judgements: ReadonlyMap<string, Health>
}

/** A field on which witnesses of one cluster say different things. */
export interface Disagreement {
  /** `kubernetes.observed`, `region`, `nodePools.batch.replicas` … */
  readonly field: string
  readonly values: readonly {
    readonly source: string
    /** The object that says so. */
    readonly objectId: string
    readonly kind: KindKey
    /** Null: it says there is none. */
    readonly value: string | null
  }[]
}

export interface Counts {
  readonly desired: number | null
  readonly current: number | null
  readonly ready: number | null
  readonly available: number | null
  readonly upToDate: number | null
}

/** The deepest failing object and the way to it, Cluster first. */
export interface RootCause {
  readonly path: readonly {
    readonly id: string
    readonly ref: ObjectRef
    readonly state: State
    readonly reason: string
  }[]
  readonly message: string
}

/** Nodes of one configuration: a MachineDeployment or MachinePool, with what its provider's pool adds. */
export interface NodePool {
  /** The worker object's id: a pool keeps its identity as long as that object keeps its name. */
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly mode: string | null
  readonly versionDeclared: string | null
  readonly versionObserved: string | null
  readonly nodeImage: string | null
  /** `YYYY-MM-DD` and family, by the image's name; null when it does not tell. */
  readonly imageReleasedAt: string | null
  readonly os: 'linux' | 'windows' | null
  readonly skewMinors: number | null
  readonly vmSize: string | null
  readonly autoscaled: boolean
  readonly replicas: Counts
  readonly health: Health
}
