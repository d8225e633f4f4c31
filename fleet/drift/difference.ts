import type { Evidence, Severity } from '../policy/policy.ts'
import type { ObjectRef } from '../reference.ts'
import type { DriftCode } from './code.ts'

// Differences are facts: what differs, without a clock. Whether and from when one is a finding, the rule `drift` of a policy says.

/** A difference that one object shows by itself. Its kind reads it (`Facts.drift`). */
export interface OwnDifference {
  readonly code: DriftCode
  /** Path of the field that decided, in the object's own words: `status.lastAppliedRevision`. */
  readonly field: string
  /** Null: nothing, or it cannot be put in a word. */
  readonly expected: string | null
  readonly actual: string | null
  /** RFC 3339; when it began, where the object dates it. */
  readonly since?: string
  /** Tolerated so long after it began, in ms, by what the object says of its own pace. A policy may tolerate it for longer. */
  readonly graceMs?: number
  /** What the object says of it; never a secret. */
  readonly message?: string
}

/** What an object cannot or does not look at, so that its silence proves nothing (`Facts.unlooked`). */
export interface OwnGap {
  readonly code: DriftCode
  /** One clause: why nobody looks. */
  readonly why: string
}

/** The object a difference is about. */
export interface About {
  /** `objectIdOf` of it. */
  readonly id: string
  readonly ref: ObjectRef
}

/** A difference between what was declared, applied and runs, of a cluster or a management cluster. */
export interface Difference extends Omit<OwnDifference, 'message'> {
  /** Null: the cluster as a whole. */
  readonly about: About | null
  /** One sentence for a person; the same for as long as the difference is the same. */
  readonly message: string
  /** RFC 3339; when time alone ends it, where it does. */
  readonly until?: string
  /** Worse or milder than its code is by default; a policy that gives a severity wins. */
  readonly severity?: Severity
  /** Concluded from names or conventions; else read from fields that say so. */
  readonly likely?: true
  /** Who says what was expected, and who says what is. At most `evidenceMax`. */
  readonly evidence: readonly Evidence[]
}

/** A code for which nobody can tell whether there is a difference. */
export interface Gap {
  readonly code: DriftCode
  readonly message: string
  /** Of up to `evidenceMax` objects. */
  readonly evidence: readonly Evidence[]
}

/** All that is known of how a cluster, or a management cluster, differs from what was declared of it. */
export interface Drift {
  /** In the order of code, object and field. */
  readonly differences: readonly Difference[]
  readonly gaps: readonly Gap[]
  /** Codes that apply, whether or not there is a difference: of others, nothing can be said here. In the order of `driftCodeNames`. */
  readonly looked: readonly DriftCode[]
}

/** Objects named as evidence of one difference or gap; the message counts them all. */
export const evidenceMax = 10

export const noDrift: Drift = { differences: [], gaps: [], looked: [] }
