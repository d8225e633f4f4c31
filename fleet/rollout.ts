import type { ObjectRef } from './reference.ts'

// What Cluster API's objects say of changes under way, and of the topology behind them.

/** A rollout under way: of a control plane, of workers, or of a managed cluster. */
export interface Rollout {
  /** RFC 3339; when it began, where the object dates it. */
  readonly startedAt?: string
  /** What holds it up, where the object says so. */
  readonly blockedBy?: string
}

export interface Remediation {
  /** RFC 3339. */
  readonly at: string
  readonly reason: string
  /** Of a control plane: the machine that was replaced. */
  readonly machine?: string
}

/** What a Cluster says of its topology, and a ClusterClass of what it offers (domain.md 4.3). */
export interface Topology {
  /** Of a Cluster: the class is in `refs.class`. Of a ClusterClass: its own generation, which is the closest thing it has to a version. */
  readonly classVersion?: string
  /** Names of the sets of workers. A Cluster: those it declares, with replicas where it sets them. */
  readonly workers?: readonly {
    readonly name: string
    readonly kind: 'machineDeployment' | 'machinePool'
    readonly replicas?: number
  }[]
  /** Templates that a class names, in the order it names them. */
  readonly templates?: readonly ObjectRef[]
  /** The template an object was cloned from (`cluster.x-k8s.io/cloned-from-*`). */
  readonly clonedFrom?: { readonly groupKind: string; readonly name: string }
  /** Of workers and templates' clones: whether the topology controller says they are its own. */
  readonly owned?: boolean
  /** Of a set of workers: its name in the topology. */
  readonly workerName?: string
  /** Name → a short digest of the value a Cluster gives, or of a class's default ('' where it has none). Values themselves may be secrets. */
  readonly variables?: Readonly<Record<string, string>>
}
