import type { Member, Reconciler } from './cluster.ts'
import { appliersOf } from './composition/chain.ts'
import { reconcilersOf } from './composition/reconcilers.ts'
import type { Surroundings } from './composition/surroundings.ts'
import type { Drift } from './drift/difference.ts'
import { driftOfSource } from './drift/source.ts'
import { kindKeyOf } from './reference.ts'

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

/**
 * A management cluster's own reconcilers, and how it differs from what was declared of it. Pure, as `composeCluster`: the order of
 * the members plays no part. Reconcilers that name a Cluster which is not there are among its own.
 */
export function composeSource(
  members: SourceMembers,
  surroundings: Surroundings,
): { readonly reconcilers: readonly Reconciler[]; readonly drift: Drift } {
  const lost = members.orphans.filter(({ ref }) => surroundings.kinds(kindKeyOf(ref)).part === 'gitops')
  const gitops = [...members.unclaimed, ...lost].sort((a, b) => (a.id < b.id ? -1 : 1))
  const appliers = appliersOf(gitops, surroundings)
  return {
    reconcilers: reconcilersOf(appliers, null, surroundings.conventions.app),
    drift: driftOfSource(members, gitops, appliers, surroundings),
  }
}
