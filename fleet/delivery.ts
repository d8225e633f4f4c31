import type { Rejection } from './observation.ts'
import type { KindKey, ObjectRef } from './reference.ts'

/**
 * What one source told us of one kind at one moment. A poll and a push differ only in what they can vouch for (`proof`).
 * Everything enters the store as one of these.
 */
export interface Delivery {
  readonly source: string
  readonly kind: KindKey
  /**
   * When the source's answer was true, by our clock: of a LIST before its first request, of a watch at its end. Never the
   * server's clock: one that runs ahead would stay fresh after its death, one behind would make every reading late.
   */
  readonly observedAt: Date
  /** Wire objects, unread. */
  readonly objects: readonly unknown[]
  /** Seen deleted (a DELETED event), not merely absent. */
  readonly gone: readonly ObjectRef[]
  /** Known to exist, but not readable (over the size limit). Unreadable is not absent. */
  readonly rejected: readonly Rejection[]
  readonly proof: Proof
}

export type Proof =
  /** Says nothing beyond its objects: a pushed change. */
  | { readonly as: 'delta' }
  /** Names all objects of these buckets (fleet/push/print.ts): the repair of what a sender and the store found to differ. */
  | { readonly as: 'buckets'; readonly buckets: readonly string[] }
  /**
   * One page of a full LIST. `startedAt` is the run's: what was written later by others is not absent. Without a `next` it was pushed:
   * nobody here can take the LIST up.
   */
  | { readonly as: 'page'; readonly run: Run; readonly page: number; readonly next: Continuation | null }
  /** The last page of a full LIST: what the run did not name is gone, if `consistent`. */
  | {
      readonly as: 'end'
      readonly run: Run
      readonly page: number
      readonly cursor: string
      /** False after an inconsistent continuation (410 twice): nothing is then derived from absence. */
      readonly consistent: boolean
    }
  /** Everything since the last cursor: a catch-up watch that ended as it should. */
  | { readonly as: 'caughtUp'; readonly cursor: string }

export interface Run {
  readonly id: string
  readonly startedAt: Date
}

/** Where the next invocation takes up a LIST that did not fit this one. */
export interface Continuation {
  readonly token: string
  readonly limit: number
}

/** Our answer to a delivery. Counts of objects. */
export interface Receipt {
  readonly observed: number
  readonly changed: number
  readonly gone: number
  readonly rejected: readonly Rejection[]
}

/** Why a kind (or a whole source) could not be read: data for the people who own it, not an exception. */
export interface Trouble {
  readonly code: TroubleCode
  /** One sentence naming what, where, and what to do. Never a token, never a body. */
  readonly message: string
  /** The server's Retry-After, in ms. */
  readonly retryAfterMs?: number
}

export const troubleCodes = [
  /** 404 on the group or version: normal, not trouble for the source. */
  'NotInstalled',
  /** 401, or an expired credential. */
  'Unauthorized',
  /** 403. */
  'Forbidden',
  /** 429, or 503 with Retry-After. */
  'Throttled',
  /** Other 5xx, a conversion webhook among them. */
  'ServerError',
  /** DNS, refused, reset, TLS. */
  'Unreachable',
  'Timeout',
  /** An answer that is not what the API promises, a list that never ends, a body over the cap. */
  'BadAnswer',
  /** Some of what there is could not be read; the rest could. */
  'Partial',
  /** kubeconfig without CA, missing context, exec plugin refused … */
  'Misconfigured',
  /** The server is another one than before, or one that another source already reads. */
  'WrongServer',
] as const
export type TroubleCode = (typeof troubleCodes)[number]

/** A kind as discovery found it served on one source. */
export interface ServedKind {
  readonly kind: KindKey
  /** The one to read. */
  readonly version: string
  /** Those that would do where a conversion webhook fails. */
  readonly otherVersions: readonly string[]
  readonly plural: string
  readonly namespaced: boolean
}

/** When, and by what, a server last said what it serves. */
export interface Discovery {
  readonly at: Date
  /** With it, the server says in a few bytes that nothing changed; null where it offers none (before 1.26). */
  readonly etag: string | null
  /** Digest of what was asked for: kinds, and the order of preference of their versions. */
  readonly asked: string
}
