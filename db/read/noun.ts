import type { Counts, RootCause } from '../../fleet/cluster.ts'
import type { TroubleCode } from '../../fleet/delivery.ts'
import type { Health } from '../../fleet/health.ts'
import type { Condition, Rejection, Revision } from '../../fleet/observation.ts'
import type { Cause, Evidence, Waiver as Excuse, Outcome, RuleType, Severity } from '../../fleet/policy/policy.ts'
import type { FreshnessState, SourceDeclaration } from '../../fleet/source.ts'
import type { RegionMinor } from '../../fleet/support/calendar.ts'
import type { Freshness, HealthView } from './freshness.ts'
import type { Label } from './label.ts'
import type { Support } from './support.ts'
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

/** One rule of one policy over one cluster, as last judged. */
export interface Finding {
  readonly id: string
  readonly policy: { readonly name: string; readonly version: string }
  readonly rule: string
  readonly type: RuleType
  readonly severity: Severity
  readonly outcome: Outcome
  readonly message: string
  readonly evidence: readonly EvidenceView[]
  readonly since: string
  readonly cause: Cause
  readonly violatedSince: string | null
  readonly graceUntil: string | null
  readonly waiver: Waiver | null
  readonly holdsUntil: string | null
  /** What it was judged by is no longer heard of. */
  readonly stale: boolean
  readonly freshness: Freshness
  readonly cluster: Cluster
  readonly judgedAt: string
}

/** What a verdict rests on, with when that was last confirmed. */
export interface EvidenceView extends Omit<Evidence, 'from'> {
  readonly source: string | null
  readonly observedAt: string | null
}

/** Who is excused from what, until when. */
export interface Waiver {
  readonly id: string
  readonly policy: string | null
  readonly rule: string | null
  readonly selector: WaiverSelector
  readonly owner: string
  readonly reason: string
  readonly approvedBy: string | null
  readonly createdAt: string
  readonly expiresAt: string
  readonly revokedAt: string | null
  readonly revokedBy: string | null
  readonly origin: Excuse['origin']
  readonly active: boolean
  readonly findings: readonly Finding[]
}

/** As stored: what is not given does not narrow. */
export type WaiverSelector = Excuse['selector']

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
  readonly phase: string | null
  readonly region: string | null
  readonly armId: string | null
  readonly providerId: string | null
  readonly createdAt: string | null
  readonly deletingSince: string | null
  readonly changedAt: string | null
  readonly lastTransitionAt: string
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
  readonly clusterCount: ClusterCount
  readonly readings: readonly SourceReading[]
  readonly regions: readonly SourceRegion[]
}
