import type { Reading } from '../health.ts'
import type { ClusterName, Condition, Facts } from '../observation.ts'
import type { ObjectRef } from '../reference.ts'
import type { Wire } from '../wire.ts'

/** One type of object that Rollcall understands: data plus at most one pure function. */
export interface Kind {
  readonly group: string
  readonly kind: string
  readonly reach: Reach
  /** What it is to a workload cluster. Control plane and infrastructure follow from the Cluster's references, not from here. */
  readonly part: Part
  /** Reads one wire object. Pure, total: never throws, never keeps `unknown`. */
  readonly normalise: (object: KubeObject) => KindReading
  /** Its fields stand beside `metadata`, under no `spec`: `normalise` finds them in `spec` all the same. */
  readonly specless?: boolean
  /** Its health hangs on relatives (children, owner), so that only `composeCluster` can judge it. */
  readonly judgedWithRelatives?: boolean
  /** It speaks of the management cluster itself: what it says concerns every cluster held there. */
  readonly ofSource?: boolean
  /** What owns its objects does not tell whose they are. */
  readonly unowned?: boolean
  /** The wire object without values that are read as digests only, which leave their cluster as such; `normalise` reads the same of it. */
  readonly seal?: (wire: Wire) => Wire
  /** Of a kind that an operator declares: digest of the declaration (fleet/imprint.ts). */
  readonly declaration?: string
}

/** How the shell can list a kind. */
export type Reach =
  /** `versions` in order of preference: the first served one is read (domain.md 6). `'newest'`: by date suffix, for Azure Service Operator. */
  | { readonly by: 'kube'; readonly plural: string; readonly versions: readonly string[] | 'newest' }
  | { readonly by: 'arm'; readonly type: string }

export type Part =
  | 'cluster'
  | 'controlPlane'
  | 'infrastructure'
  /** MachineDeployment, MachinePool: a node pool, and part of the roll-up. */
  | 'workers'
  /** The provider's side of a pool: part of the roll-up, joined to its pool by owner. */
  | 'pool'
  /** Counts, not state, unless no owning set exists (domain.md 3.4). */
  | 'machine'
  | 'gitops'
  /** Inventory only. */
  | 'none'

/** The envelope every Kubernetes object has, already checked; the rest is still as it came. */
export interface KubeObject {
  readonly ref: ObjectRef
  readonly apiVersion: string
  readonly generation: number | null
  readonly createdAt: string | null
  readonly deletingSince: string | null
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly owners: readonly { readonly ref: ObjectRef; readonly controller: boolean }[]
  readonly spec: Readonly<Record<string, unknown>>
  readonly status: Readonly<Record<string, unknown>>
}

/** What a kind makes of one object. */
export interface KindReading {
  readonly reading: Reading
  readonly conditions: readonly Condition[]
  readonly facts: Facts
  /** Overrides the general rule for ownership (domain.md 2), where the kind has its own. */
  readonly owner?: ClusterName | null
  readonly observedGeneration?: number | null
  /** Parts that were malformed; the object is kept, with what could be read. */
  readonly rejected?: readonly string[]
}
