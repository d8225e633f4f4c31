import type { ClusterRollout, Member, NodePool } from '../cluster.ts'
import { compareKubernetes } from '../drift/kubernetes.ts'
import type { Rollout } from '../rollout.ts'
import type { Family } from './family.ts'

/**
 * Changes of version or machines that objects of the cluster say are under way, the oldest first; those that nobody dates come last.
 * @param pools what they run, where an older release of Cluster API leaves that to their machines.
 */
export function rolloutsOf({ members }: Family, pools: readonly NodePool[]): readonly ClusterRollout[] {
  const rollouts = members.flatMap((member) => {
    const { rollout } = member.facts
    if (!rollout) return []
    const pool = pools.find(({ id }) => id === member.id)
    return [rolloutOf(member, rollout, member.facts.versionObserved ?? pool?.versionObserved ?? null)]
  })
  return rollouts.length < 2 ? rollouts : rollouts.sort((a, b) => startOf(a) - startOf(b))
}

const startOf = ({ startedAt }: ClusterRollout): number =>
  startedAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(startedAt)

function rolloutOf(
  { id, ref, facts }: Member,
  { startedAt, blockedBy }: Rollout,
  running: string | null,
): ClusterRollout {
  const { versionDeclared = null, replicas } = facts
  const difference = compareKubernetes(running, versionDeclared)
  const isUpgrade = difference !== null && difference !== 0
  return {
    objectId: id,
    kind: ref.kind,
    name: ref.name,
    from: isUpgrade ? running : null,
    to: isUpgrade ? versionDeclared : null,
    startedAt: startedAt ?? null,
    upToDate: replicas?.upToDate ?? null,
    desired: replicas?.desired ?? null,
    blockedBy: blockedBy ?? null,
  }
}
