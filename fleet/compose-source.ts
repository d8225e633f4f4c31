import type { Member, Reconciler } from './cluster.ts'
import type { Surroundings } from './composition/surroundings.ts'
import { type Drift, noDrift } from './drift/difference.ts'

/** What a management cluster holds that belongs to no living workload cluster. */
export interface SourceMembers {
  readonly source: string
  /** Objects of GitOps tools that act on the management cluster itself, or on a destination that means no known cluster. */
  readonly unclaimed: readonly Member[]
  /** Objects that name a Cluster which is not there: it was seen going away, or was never there. */
  readonly orphans: readonly Member[]
  /** Cluster objects that vanished from a complete listing without having been seen being deleted, and live nowhere else. */
  readonly vanished: readonly { readonly member: Member; readonly goneAt: string }[]
}

/** A management cluster's own reconcilers, and how it differs from what was declared of it. Pure, as `composeCluster`. */
export function composeSource(
  _members: SourceMembers,
  _surroundings: Surroundings,
): { readonly reconcilers: readonly Reconciler[]; readonly drift: Drift } {
  return { reconcilers: [], drift: noDrift }
}
