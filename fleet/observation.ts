import type { OwnDifference, OwnGap } from './drift/difference.ts'
import type { Destination, GitOps, ManagedBy, Pause } from './gitops.ts'
import type { Reading } from './health.ts'
import type { KindKey, ObjectRef } from './reference.ts'
import type { Remediation, Rollout, Topology } from './rollout.ts'

/** One object after `normalise`: facts in our words, without a clock. */
export interface Observation {
  readonly id: string
  readonly ref: ObjectRef
  readonly kind: KindKey
  readonly apiVersion: string
  readonly uid: string | null
  /** Opaque; compared for equality only, and not part of the digest. */
  readonly resourceVersion: string | null
  readonly generation: number | null
  readonly observedGeneration: number | null
  /** RFC 3339. */
  readonly createdAt: string | null
  readonly deletingSince: string | null
  /** RFC 3339; the newest instant the object itself speaks of (conditions, managedFields, creation). Not part of the digest. */
  readonly changedAt: string | null
  readonly labels: Readonly<Record<string, string>>
  /** The workload cluster this object says it belongs to (domain.md 2: spec.clusterName, then label, then owner reference). */
  readonly owner: ClusterName | null
  /** `objectIdOf` the controlling owner (else the first owner); ties what names no cluster, and gives the path to a root cause. */
  readonly parentId: string | null
  readonly reading: Reading
  readonly conditions: readonly Condition[]
  readonly facts: Facts
  /** A UUID over everything above but `resourceVersion` and `changedAt`: equal digests mean nothing to write. */
  readonly digest: string
}

/** A Cluster API Cluster within its source. */
export interface ClusterName {
  readonly namespace: string
  readonly name: string
}

export type ConditionStatus = 'True' | 'False' | 'Unknown'

export interface Condition {
  readonly type: string
  readonly status: ConditionStatus
  readonly reason: string | null
  readonly message: string | null
  /** Only legacy Cluster API and Azure Service Operator conditions carry one. */
  readonly severity: string | null
  readonly observedGeneration: number | null
  /** RFC 3339. */
  readonly lastTransitionAt: string | null
  /** Shown, but not judged: the old set of an object that also has the new one (domain.md 3.1). */
  readonly legacy: boolean
}

/** What a kind read from an object, in neutral words. Absent means "not reported", never 0 or "". */
export interface Facts {
  /** The version the object asks for, as written (`v1.33.4`, `1.33`). */
  readonly versionDeclared?: string
  /** The version that runs; the lowest where several do. */
  readonly versionObserved?: string
  /** Every version that runs, old to new, where the object lists them. */
  readonly versions?: readonly { readonly version: string; readonly replicas: number | null }[]
  readonly replicas?: Replicas
  readonly revision?: Revision
  readonly phase?: string
  /** As the source wrote it; compare in lower case (azure.md 3.3). */
  readonly armId?: string
  readonly providerId?: string
  /** Region or location, as the provider names it. */
  readonly region?: string
  readonly endpoint?: string
  /** Roles a Cluster assigns by reference: role never follows from a group or a kind. */
  readonly refs?: {
    readonly infrastructure?: ObjectRef
    readonly controlPlane?: ObjectRef
    readonly class?: ObjectRef
  }
  /** The cluster a GitOps object acts on, where the API tells (domain.md 2.5); its namespace is the object's own. */
  readonly actsOn?: ClusterName
  /** Where else a GitOps object acts: what the API does not resolve (domain.md 2.5, 2.6). Absent: where it lives, or `actsOn`. */
  readonly actsAt?: Destination
  /** The source object whose revision a GitOps object applies. */
  readonly appliesFrom?: ObjectRef
  /** Further objects of the same source whose facts decide whether this one drifts: a Cluster's class, what applied it. */
  readonly reliesOn?: readonly ObjectRef[]
  /** What only objects of GitOps tools have. */
  readonly gitops?: GitOps
  /** Who applied the object from Git, by its labels and annotations; absent: nothing says so. */
  readonly managedBy?: ManagedBy
  /** Switched off, by the object itself. */
  readonly pause?: Pause
  /** A change of version or machines is under way, by the object's own word. */
  readonly rollout?: Rollout
  /** The machine was marked to be replaced, or was the last one that its set replaced. */
  readonly remediation?: Remediation
  readonly topology?: Topology
  /** Azure's settings by ARM path (`networkProfile.networkPlugin`), of an allow-list: as Azure has them; `declared.settings` as asked for. */
  readonly settings?: Readonly<Record<string, string>>
  /** Differences that the object shows by itself, in the order of the kind's rules. */
  readonly drift?: readonly OwnDifference[]
  /** What the object does not look at. */
  readonly unlooked?: readonly OwnGap[]
  /** What the objects' owner runs on: decides which support calendar applies. */
  readonly provider?: string
  /** Azure's name for this incarnation (azure.md 2.1). */
  readonly resourceUid?: string
  readonly nodeResourceGroup?: string
  readonly createdBy?: string
  /** As AKS writes them (azure.md 2.1), and as it has them now: what the object asks for is under `declared`. */
  readonly supportPlan?: string
  readonly tier?: string
  readonly powerState?: string
  readonly upgradeChannel?: string
  readonly nodeOsUpgradeChannel?: string
  /** Azure's tags, where they are not the object's own labels. */
  readonly tags?: Readonly<Record<string, string>>
  /** Node pools that a cluster's object lists. */
  readonly pools?: readonly ListedPool[]
  /** So many entries of that list could not be read as a pool; a list that is none counts as one. Absent: none. */
  readonly unreadPools?: number
  readonly declared?: Declared
  readonly pool?: Pool
  /** Provider-reported health of children, where a kind's own health hangs on them: kind and name within the namespace. */
  readonly children?: readonly {
    readonly kind: string
    readonly group: string
    readonly name: string
    readonly ready: boolean
  }[]
  readonly controlPlaneInitialized?: boolean
  readonly infrastructureProvisioned?: boolean
  /** Kind-specific scalars worth showing, by the kind's own field name. */
  readonly more?: Readonly<Record<string, string | number | boolean>>
}

/** Absent counters were not reported; managed control planes have none at all. */
export interface Replicas {
  readonly desired?: number
  readonly current?: number
  readonly ready?: number
  readonly available?: number
  readonly upToDate?: number
}

/** GitOps revisions, as written by Flux or Argo CD. */
export interface Revision {
  readonly desired?: string
  readonly attempted?: string
  readonly applied?: string
}

/** What only node pools have. */
export interface Pool {
  /** The pool's name at its provider, where it differs from the object's. */
  readonly name?: string
  readonly mode?: string
  readonly nodeImage?: string
  readonly vmSize?: string
  readonly autoscaled?: boolean
  /** As Azure writes it: `Linux`, `Windows`. */
  readonly os?: string
}

/** A node pool as its cluster's object lists it (AKS: `agentPoolProfiles`). */
export interface ListedPool extends Pool {
  readonly name: string
  readonly versionDeclared?: string
  readonly versionObserved?: string
  /** Nodes it is to have now: where it is autoscaled, the autoscaler's choice between the two others. */
  readonly count?: number
  readonly countMin?: number
  readonly countMax?: number
  /** Of the pool alone: `provisioningState` and `powerState.code`. */
  readonly state?: string
  readonly powerState?: string
}

/** What an object asks for, where it keeps that apart from what it found; only what it says (domain.md 4.4). */
export interface Declared {
  readonly tier?: string
  readonly supportPlan?: string
  readonly upgradeChannel?: string
  readonly nodeOsUpgradeChannel?: string
  readonly tags?: Readonly<Record<string, string>>
  /** Names of the node pools it lists. */
  readonly pools?: readonly string[]
  /** Of a node pool's object. */
  readonly pool?: Pool
  /** As `Facts.settings`. */
  readonly settings?: Readonly<Record<string, string>>
}

/** An object, or a part of one, that could not be read. Shown on the source; never fails its neighbours. */
export interface Rejection {
  /** Absent when the object does not even say who it is: its kind then proves no absence. */
  readonly ref?: ObjectRef
  /** One sentence: the field and what is wrong with it. */
  readonly why: string
}
