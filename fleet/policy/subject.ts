import type { Drift } from '../drift/difference.ts'
import type { KindKey } from '../reference.ts'

/** What rules read of one cluster, or of a management cluster itself: facts without a clock. */
export interface Subject {
  /** `source`: a management cluster itself, which only rules over drift judge. Its `clusterId` is derived from the source, its name the source's. */
  readonly scope: 'cluster' | 'source'
  readonly clusterId: string
  /** The source that holds the cluster. */
  readonly source: string
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly environment: string | null
  readonly ring: string | null
  readonly owner: string | null
  readonly contact: string | null
  readonly provider: string | null
  readonly flavour: string | null
  readonly region: string | null
  /** ISO 3166-1 alpha-2, in upper case. */
  readonly country: string | null
  /** `EU`, `Europe`, `Americas` … (fleet/geography/geography.ts). */
  readonly geographies: readonly string[]
  /** The source that reads it in Azure; null where none does: what only Azure knows is then not known. */
  readonly azure: string | null
  readonly createdAt: string | null
  readonly firstSeenAt: string
  readonly versionDeclared: string | null
  readonly versionObserved: string | null
  readonly supportPlan: string | null
  readonly tier: string | null
  readonly upgradeChannel: string | null
  readonly nodeOsUpgradeChannel: string | null
  readonly pools: readonly SubjectPool[]
  /** Pools that Azure lists and that could not be read: what a rule would say of them is not known. Null: nobody lists any. */
  readonly unreadPools: number | null
  readonly components: readonly Component[]
  readonly drift: Drift
  /** Who of those that the drift rests on is not heard. Sorted; empty for nearly all. It changes no fact, only what can be seen of them. */
  readonly silent: readonly Silence[]
  /** The types that somebody reads where the cluster is held: of others, absence is not known. */
  readonly readComponents: readonly Component['type'][]
}

/** A kind of a source that was not heard for longer than the source's limit. */
export interface Silence {
  readonly source: string
  readonly kind: KindKey
  /** RFC 3339; when the limit passed. */
  readonly since: string
}

export interface SubjectPool {
  readonly name: string
  readonly versionDeclared: string | null
  readonly versionObserved: string | null
  readonly nodeImage: string | null
}

/** Software beside Kubernetes that runs on, or makes, a cluster. */
export interface Component {
  readonly type: 'chart' | 'provider'
  readonly name: string
  /** As written; null when it is not known. */
  readonly version: string | null
}
