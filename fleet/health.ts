/** The normal state (domain.md 3.3). `Stale` and `Suspended` keep the state underneath. */
export const states = [
  'Healthy',
  'Progressing',
  'Degraded',
  'Failed',
  'Suspended',
  'Deleting',
  'Unknown',
  'Stale',
] as const
export type State = (typeof states)[number]

/** What a state alone does not say. `helmDrift`, `outOfSync` and `tofuDrift` are drift codes the object itself shows. */
export const flags = [
  'stuck',
  'reconciling',
  'awaitingApproval',
  'observeOnly',
  'legacyFailure',
  'partlyStale',
  'helmDrift',
  'outOfSync',
  'tofuDrift',
] as const
export type Flag = (typeof flags)[number]

export interface Health {
  readonly state: State
  /** The reason of the condition that decided, or its type where it has none. */
  readonly reason: string
  readonly message: string
  /** RFC 3339; when the deciding condition last moved at its source (a lower bound for legacy and Flux conditions). */
  readonly since: string | null
  /** The state underneath `Suspended` or `Stale`. */
  readonly underlying: State | null
  readonly flags: readonly Flag[]
  /** RFC 3339; the earliest instant at which the clock alone would change this answer. */
  readonly holdsUntil: string | null
}

/**
 * One possible answer of a reading. Rungs are tried in order; a rung with `until` holds only before that instant, one with
 * `from` only since then. So "newborn for 5 minutes, then Unknown" is two rungs, and "a problem once it lasts 15 minutes"
 * is one that stands in its own place on the ladder.
 */
export interface Rung {
  readonly state: Exclude<State, 'Suspended'>
  readonly reason: string
  readonly message?: string
  readonly since?: string | null
  readonly flags?: readonly Flag[]
  readonly from?: Until
  readonly until?: Until
}

/** An instant: fixed (RFC 3339), or so many ms after something only the store can date. */
export type Until = { readonly at: string } | { readonly after: Anchor; readonly ms: number }

/**
 * What Rollcall dates itself: first sight of the present generation; first sight of an unbroken shortage of replicas, or of an
 * operation, whose provider dates it badly or not at all.
 */
export type Anchor = 'generationSeenAt' | 'shortSince'

/** What an object says of its health, without a clock: digested and stored, and judged as often as the clock asks. */
export interface Reading {
  /** Paused or suspended: the answer of the rungs becomes `underlying`. */
  readonly suspended?: { readonly reason: string; readonly message: string; readonly since: string | null }
  /** Never empty; the last rung has neither `from` nor `until`. */
  readonly rungs: readonly Rung[]
  /** Flags that hold whatever rung answers. */
  readonly flags: readonly Flag[]
  /** Fewer ready replicas than wanted, or an operation under way: the store then dates `shortSince`. */
  readonly short: boolean
  /** RFC 3339; when that may have begun by the object itself. It counts where Rollcall did not see it begin. */
  readonly shortSince?: string | null
}

/** What the judge must be told besides the reading. Absent anchors mean "first seen now". */
export interface HealthContext {
  readonly generationSeenAt?: Date
  readonly shortSince?: Date
  /** When the reading stops being trustworthy: last successful read + the source's `staleAfter`. Omitted where freshness is judged apart. */
  readonly staleAt?: Date
}
