import type { Conventions } from '../../fleet/convention.ts'
import type { Kind } from '../../fleet/kinds/kind.ts'
import type { ClusterName } from '../../fleet/observation.ts'
import type { KindKey } from '../../fleet/reference.ts'

export type { Conventions }

/** What of a source is to be settled; `marked`: only what is marked anyway. */
export type Why = 'marked' | 'aged' | 'due' | 'turned' | 'uncomposed'

/** What one transaction of `settle` works on. */
export interface Round {
  readonly source: string
  readonly why: ReadonlySet<Why>
  readonly now: Date
  readonly kinds: (key: KindKey) => Kind
  readonly conventions?: Conventions
}

/** A cluster to compose again. */
export interface Taken {
  readonly id: string
  readonly name: ClusterName
}

/**
 * What composing found out about who is who. It concerns several sources, so it is acted upon in a transaction of its own
 * (db/settle/identity.ts).
 */
export type Identity =
  /** The cluster holds a claim that means another one: they are one. */
  | { readonly as: 'same'; readonly id: string; readonly claim: string }
  /** The claim no longer means the cluster, but what has these claims. */
  | { readonly as: 'parted'; readonly id: string; readonly claim: string; readonly means: readonly string[] }
  /** Azure names another incarnation than before: the cluster was made anew. */
  | { readonly as: 'renewed'; readonly id: string; readonly armId: string; readonly resourceUid: string }
