import type { Dimension, DriftCode } from '../../fleet/drift/code.ts'
import type { Cause, Evidence, Waiver as Excuse, Outcome, RuleType, Severity } from '../../fleet/policy/policy.ts'
import type { Freshness } from './freshness.ts'
import type { Cluster, Source } from './noun.ts'

// What the rules say, as a reader gets it. Only the fields that were selected are there.

/** One rule of one policy over one cluster, or one difference, as last judged: what findings and drift share. */
export interface VerdictView {
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
  /** Null, with all down to `suppressedBy`, of rules over other things than drift. */
  readonly code: DriftCode | null
  readonly dimension: Dimension | null
  /** Null: the cluster as a whole, or nothing differs. */
  readonly subject: DriftSubject | null
  readonly field: string | null
  readonly expected: string | null
  readonly actual: string | null
  readonly suppressedBy: Suppression | null
  readonly holdsUntil: string | null
  /** What it was judged by is no longer heard of. */
  readonly stale: boolean
  readonly freshness: Freshness
  readonly judgedAt: string
}

/** A verdict on a cluster. */
export interface Finding extends VerdictView {
  readonly cluster: Cluster
}

/** A verdict on what differs from what was declared, or on that nobody can tell. */
export interface Drift extends VerdictView {
  readonly code: DriftCode
  readonly dimension: Dimension
  /** Null: it is of the management cluster itself. */
  readonly cluster: Cluster | null
  readonly source: Source
  readonly confidence: 'CERTAIN' | 'LIKELY'
}

/** The object that differs; it need not be there. */
export interface DriftSubject {
  readonly id: string
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** What in a policy says that a difference is nobody's business. */
export interface Suppression {
  readonly policy: string
  readonly rule: string
  readonly ignore: string
  /** Null where the policy has another word by now. */
  readonly reason: string | null
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
