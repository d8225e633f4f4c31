import type { Drift } from './drift/difference.ts'
import type { GitOps, Pause } from './gitops.ts'
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
  /** `host:port` of its API server. */
  readonly endpoint: string | null
  /** What applied its Cluster object from Git, and at which revision that is; null: nothing says so. */
  readonly managedBy: ClusterManager | null
  /** Rollouts under way, the oldest first. */
  readonly rollouts: readonly ClusterRollout[]
  readonly topology: ClusterTopology | null
  /** Reconcilers that act on it. */
  readonly reconcilers: readonly Reconciler[]
  readonly drift: Drift
  /** Health of members that only their relatives can judge (`judgedWithRelatives`), by object id. */
  readonly judgements: ReadonlyMap<string, Health>
}

/** What applied a Cluster object from Git. */
export interface ClusterManager {
  readonly tool: string
  readonly kind: string | null
  readonly namespace: string | null
  readonly name: string
  /** What it applied last; null when it is not seen. */
  readonly revision: string | null
}

/** A change of version or machines under way (Q13). */
export interface ClusterRollout {
  /** The object that rolls out. */
  readonly objectId: string
  readonly kind: string
  readonly name: string
  /** Versions; null where it is no change of version, or they are not known. */
  readonly from: string | null
  readonly to: string | null
  /** RFC 3339; null: the object does not date it. */
  readonly startedAt: string | null
  readonly upToDate: number | null
  readonly desired: number | null
  readonly blockedBy: string | null
}

/** How a cluster stands to its ClusterClass (domain.md 4.3). */
export interface ClusterTopology {
  readonly class: string
  readonly classNamespace: string
  /** The class's generation; null when it is not seen. */
  readonly classVersion: string | null
  /** Something of the cluster was cloned from a template that the class no longer names; null: cannot be told. */
  readonly rebaseNeeded: boolean | null
  /** Variables to which the cluster gives another value than the class's default; null when the class is not seen. */
  readonly variablesDiffCount: number | null
}

/** An object that applies something to a cluster from Git, with what it applies from (Q17). */
export interface Reconciler {
  readonly objectId: string
  readonly ref: ObjectRef
  readonly tool: GitOps['tool']
  /** What it applies, called the same on every cluster: the label of the conventions, the chart, else its name without the cluster's. */
  readonly app: string
  readonly ready: 'True' | 'False' | 'Unknown' | null
  readonly reason: string | null
  readonly message: string | null
  readonly suspended: boolean
  readonly pause: Pause | null
  /** What its source offers, or what it is told to run. Null: not known. */
  readonly expectedRevision: string | null
  /** RFC 3339; since when that is so. */
  readonly expectedAt: string | null
  readonly attemptedRevision: string | null
  readonly appliedRevision: string | null
  /** RFC 3339; when it was applied, where the object dates it. */
  readonly appliedAt: string | null
  /** Whether the two are the same (domain.md 4.1); null: cannot be told. */
  readonly behind: boolean | null
  readonly intervalMs: number | null
  readonly repository: string | null
  readonly path: string | null
  readonly chart: string | null
  /** Version of the chart, or of the app, where it has one: what outliers are told by. */
  readonly version: string | null
  /** The object it applies from. */
  readonly appliesFromId: string | null
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
