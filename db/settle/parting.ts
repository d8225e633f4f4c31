import { clusterIdOf } from '../../fleet/azure/cluster-id.ts'
import type { ClusterFacts } from '../../fleet/cluster.ts'
import { armClusterKind, clusterKind } from '../../fleet/reference.ts'
import { armClaim, capiClaim } from '../claim.ts'
import type { Membership } from './members.ts'
import type { Identity } from './round.ts'

/**
 * What no longer belongs to a cluster: another's Cluster, or a managed cluster in Azure, whose ARM id is not the one that the cluster
 * itself declares. Where either declares none, nothing speaks against what once brought them together.
 */
export function partingsOf(id: string, facts: ClusterFacts, members: readonly Membership[]): readonly Identity[] {
  if (facts.kind !== clusterKind) return []
  const declared = declaredIds(members)
  const home = capiClaim(facts.source, facts.name)
  const own = declared.get(home)
  if (own === undefined) return []
  const others = [...declared].filter(([claim, ids]) => claim !== home && ![...ids].some((key) => own.has(key)))
  return others.map(([claim]) => ({ as: 'parted', id, claim }))
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
