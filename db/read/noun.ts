import type { ClusterManager, ClusterTopology, Counts, RootCause } from '../../fleet/cluster.ts'
import type { TroubleCode } from '../../fleet/delivery.ts'
import type { Health } from '../../fleet/health.ts'
import type { Condition, Rejection, Revision } from '../../fleet/observation.ts'
import type { FreshnessState, SourceDeclaration } from '../../fleet/source.ts'
import type { RegionMinor } from '../../fleet/support/calendar.ts'
import type { Freshness, HealthView } from './freshness.ts'
import type { GitOpsObject } from './gitops-noun.ts'
import type { Label } from './label.ts'
import type { NotedProvider } from './provider.ts'
import type { RemediatedScope } from './remediation.ts'
import type { Rollout } from './rollout.ts'
import type { Support } from './support.ts'
import type { Drift, Finding } from './verdict-noun.ts'
import type { KubernetesVersion } from './version.ts'
import type { Disagreement, Orphan, OwnershipSource } from './witness.ts'

// What a reader gets. Only the fields that were selected are there: the schema asks for what it answers.

/** A cluster as it is read: composed facts, judged at the reader's clock. */
export interface Cluster {
  readonly id: string
  readonly namespace: string
  readonly name: string
  readonly environment: string | null
  readonly region: string | null
  readonly country: string | null
  readonly geographies: readonly string[]
  readonly provider: string | null
  readonly flavour: string | null
  readonly ring: string | null
  readonly owner: { readonly team: string | null; readonly contact: string | null } | null
  readonly ownershipSource: OwnershipSource | null
  readonly source: Source
  readonly labels: readonly Label[]
  readonly bindings: readonly { readonly kind: string; readonly ref: string }[]
  readonly witnesses: readonly string[]
  readonly disagreements: readonly Disagreement[]
  readonly orphan: Orphan | null
  readonly managementCluster: Source | null
  readonly missingTags: readonly string[]
  readonly armId: string | null
  readonly resourceUid: string | null
  readonly nodeResourceGroup: string | null
  readonly supportPlan: string | null
  readonly tier: string | null
  readonly powerState: string | null
  readonly autoUpgradeChannel: string | null
  readonly nodeOsUpgradeChannel: string | null
  readonly support: Support
  readonly upgradeTargets: readonly string[]
  readonly skewMinors: number | null
  readonly findings: readonly Finding[]
  readonly drift: readonly Drift[]
  readonly driftCount: number
  readonly managedBy: ClusterManager | null
  readonly rollouts: readonly Rollout[]
  readonly rolloutStartedAt: string | null
  readonly topology: ClusterTopology | null
  readonly endpoint: string | null
  readonly remediations: readonly RemediatedScope[]
  readonly gitopsObjects: readonly GitOpsObject[]
  readonly lifecycle: string | null
  readonly topologyClass: string | null
  readonly createdAt: string | null
  readonly firstSeenAt: string
  readonly lastTransitionAt: string
  readonly kubernetes: KubernetesVersion
  readonly controlPlane: Counts
  readonly workers: Counts
  readonly health: HealthView
  readonly gitops: Health | null
  readonly freshness: Freshness
  readonly rootCause: RootCause | null
  readonly conditions: readonly Condition[]
  readonly nodePools: readonly NodePool[]
  readonly objects: readonly Resource[]
}

/** A node pool as it is read. */
export interface NodePool {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly mode: string | null
  readonly kubernetes: KubernetesVersion
  readonly nodeImage: string | null
  readonly imageReleasedAt: string | null
  readonly imageAgeDays: number | null
  readonly os: 'linux' | 'windows' | null
  readonly skewMinors: number | null
  readonly vmSize: string | null
  readonly autoscaled: boolean
  readonly replicas: Counts
  readonly health: HealthView
  readonly freshness: Freshness
  readonly firstSeenAt: string
  readonly lastTransitionAt: string
  readonly cluster: Cluster
}

/** Who owns or parents an object. */
export interface ParentRef {
  readonly id: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** One observed object as it is read. */
export interface Resource {
  readonly id: string
  readonly group: string
  readonly kind: string
  readonly apiVersion: string
  readonly namespace: string
  readonly name: string
  readonly source: Source
  readonly cluster: Cluster | null
  readonly parent: ParentRef | null
  readonly labels: readonly Label[]
  readonly generation: number | null
  readonly observedGeneration: number | null
  readonly health: HealthView
  readonly freshness: Freshness
  readonly conditions: readonly Condition[]
  readonly kubernetes: KubernetesVersion
  readonly replicas: Counts
  readonly revision: Revision
  /** Null: it is not switched off by its own word. */
  readonly pause: PauseView | null
  /** Null of what is not switched off. */
  readonly affected: number | null
  readonly affectedObjects: readonly Resource[]
  readonly phase: string | null
  readonly region: string | null
  readonly armId: string | null
  readonly providerId: string | null
  readonly createdAt: string | null
  readonly deletingSince: string | null
  readonly changedAt: string | null
  readonly lastTransitionAt: string
}

/** Reconciling switched off; since our first sight where the object does not date it. */
export interface PauseView {
  readonly field: string
  readonly since: string | null
  readonly actor: string | null
  readonly reason: string | null
}

/** How many of a source's clusters are known how well. `lastKnown` is everything but fresh and gone. */
export interface ClusterCount {
  readonly total: number
  readonly fresh: number
  readonly stale: number
  readonly unreadable: number
  readonly neverReported: number
  readonly lastKnown: number
}

/** How far one kind of a source has been read. */
export interface SourceReading {
  readonly kind: string
  readonly version: string | null
  readonly state: FreshnessState
  readonly caughtUpAt: string | null
  readonly verifiedAt: string | null
  readonly lastAttemptAt: string | null
  readonly lastSuccessAt: string | null
  readonly trouble: { readonly code: TroubleCode; readonly message: string; readonly at: string | null } | null
  readonly rejectedCount: number
  readonly rejected: readonly Rejection[]
}

/** What a subscription sees of a region: the Kubernetes versions that Azure offers there. */
export interface SourceRegion {
  readonly region: string
  readonly readAt: string | null
  readonly attemptAt: string
  readonly trouble: string | null
  readonly minors: readonly RegionMinor[]
}

/** Who pushes what a source says. */
export interface SourcePush {
  readonly agent: string
  readonly openedAt: string
  readonly heardAt: string | null
}

/** A source as it is read. */
export interface Source {
  readonly id: string
  readonly name: string
  readonly type: SourceDeclaration['type']
  readonly parent: { readonly id: string; readonly name: string } | null
  readonly armId: string | null
  readonly region: string | null
  readonly labels: readonly Label[]
  readonly serverVersion: string | null
  readonly freshness: Freshness
  readonly registeredAt: string
  readonly lastAttemptAt: string | null
  readonly lastSuccessAt: string | null
  readonly staleAt: string | null
  readonly lastErrorCode: TroubleCode | null
  readonly lastErrorMessage: string | null
  readonly lastErrorAt: string | null
  readonly consecutiveFailures: number
  readonly expectedInterval: number
  readonly staleAfter: number
  readonly nextAttemptAt: string | null
  readonly polled: boolean
  readonly push: SourcePush | null
  readonly clusterCount: ClusterCount
  readonly readings: readonly SourceReading[]
  readonly regions: readonly SourceRegion[]
  readonly providers: readonly NotedProvider[]
}
