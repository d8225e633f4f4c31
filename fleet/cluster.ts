import type { Health, State } from './health.ts'
import type { ClusterName, Facts } from './observation.ts'
import type { ObjectRef } from './reference.ts'

/** One object of a cluster, as the store hands it to `composeCluster`. */
export interface Member {
  readonly id: string
  readonly ref: ObjectRef
  readonly parentId: string | null
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
  /** The Cluster object; null while only its parts are seen (an orphan's cluster). */
  readonly objectId: string | null
  readonly labels: Readonly<Record<string, string>>
  /** `aks`, `eks`, `gke`, `azure`, `aws`, `gcp`, … (who runs the control plane); null when nothing tells. */
  readonly provider: string | null
  /** How it is made: `AzureASOManaged`, `AzureManaged`, `AzureSelfManaged`, … by the control plane's and infrastructure's kinds. */
  readonly flavour: string | null
  readonly region: string | null
  readonly armId: string | null
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
  readonly vmSize: string | null
  readonly autoscaled: boolean
  readonly replicas: Counts
  readonly health: Health
}
