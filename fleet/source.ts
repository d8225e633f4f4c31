import type { ServedKind, Trouble } from './delivery.ts'
import type { KindKey } from './reference.ts'

/** What the fleet file says of one source, or the source that found it. */
export interface SourceDeclaration {
  /** Unique and stable: the source's id everywhere. */
  readonly id: string
  readonly type: 'managementCluster' | 'azure'
  /** The source that reads this one along with itself, or found it; null: it stands for itself. */
  readonly parentId: string | null
  /** False: it is read by its parent's polls or, where it has no parent, pushes by itself. */
  readonly polled: boolean
  /** Where Azure knows it, in lower case: a subscription, or the managed cluster behind a management cluster. */
  readonly armId: string | null
  readonly region: string | null
  readonly labels: Readonly<Record<string, string>>
  /** Between two polls, or two signs of life of one that pushes. */
  readonly everyMs: number
  /** How long a last success is trusted; default `max(3 × every, 2 min)` (design.md part 13, domain.md 3.3). */
  readonly staleAfterMs: number
}

/** How often a management cluster is polled, unless the fleet file says otherwise: with every tick (functions/tick.ts). */
export const defaultEveryMs = 60_000

/** `max(3 × interval, 2 min)`. */
export const defaultStaleAfterMs = (everyMs: number): number => Math.max(3 * everyMs, 120_000)

/** How far one kind of one source has been read. */
export interface KindProgress {
  readonly kind: KindKey
  readonly version: string | null
  /** What the server last said it serves; null when it does not. */
  readonly served: ServedKind | null
  /** resourceVersion to catch up from; null = only a full LIST will do. */
  readonly cursor: string | null
  readonly caughtUpAt: Date | null
  /** The instant the last complete LIST speaks of: its start. */
  readonly verifiedAt: Date | null
  /** A LIST that an earlier invocation began. */
  readonly open: {
    readonly runId: string
    readonly startedAt: Date
    readonly token: string
    readonly limit: number
    readonly page: number
  } | null
  readonly trouble: Trouble | null
}

/** The five words for how an answer stands to now; none of them is green but the first. */
export type FreshnessState = 'FRESH' | 'STALE' | 'UNREADABLE' | 'NEVER_REPORTED' | 'GONE'

/** Who asks, and what of the fleet they may see. Every read takes one. */
export interface Viewer {
  readonly name: string
  /** `everything` until tenants come; the seam for label selectors over clusters (design.md part 12). */
  readonly scope: 'everything'
}
