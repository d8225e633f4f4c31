import { clusterIdOf } from '../../fleet/azure/cluster-id.ts'
import type { ClusterFacts } from '../../fleet/cluster.ts'
import { armClusterKind, clusterKind } from '../../fleet/reference.ts'
import { armClaim, capiClaim } from '../claim.ts'
import type { Membership } from './members.ts'
import type { Identity } from './round.ts'

/**
 * What no longer belongs to a cluster: a Cluster or a managed cluster in Azure with another ARM id than the cluster has had so far,
 * as long as somebody still has that one; else with another than the Cluster that counts. A Cluster made anew under an old name, for
 * another managed cluster, thus gets an id of its own. Where one declares no ARM id, nothing speaks against what once brought them together.
 */
export function partingsOf(
  { id, armId }: { readonly id: string; readonly armId: string | null },
  facts: ClusterFacts,
  members: readonly Membership[],
): readonly Identity[] {
  const declared = declaredIds(members)
  const known = clusterIdOf(armId ?? '')?.key
  const kept =
    known !== undefined && [...declared.values()].some((ids) => ids.has(known))
      ? new Set([known])
      : facts.kind === clusterKind && declared.get(capiClaim(facts.source, facts.name))
  if (!kept) return []
  const others = [...declared].filter(([, ids]) => ![...ids].some((key) => kept.has(key)))
  return others.map(([claim, ids]) => ({ as: 'parted', id, claim, means: [...ids].map(armClaim) }))
}

/** The managed clusters that each claim means, by ARM id. */
function declaredIds(members: readonly Membership[]): ReadonlyMap<string, ReadonlySet<string>> {
  const declared = new Map<string, Set<string>>()
  for (const { row, member } of members) {
    const key = clusterIdOf(member.facts.armId ?? '')?.key
    const claim = claimOfRow(row)
    if (key === undefined || claim === null) continue
    declared.set(claim, (declared.get(claim) ?? new Set()).add(key))
  }
  return declared
}

function claimOfRow({ kind, name, sourceId, ownerNamespace, ownerName }: Membership['row']): string | null {
  if (kind === armClusterKind) return armClaim(name)
  return ownerName === null ? null : capiClaim(sourceId, { namespace: ownerNamespace ?? '', name: ownerName })
}
