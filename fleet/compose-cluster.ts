import type { ClusterFacts, Member } from './cluster.ts'
import { factsOf } from './composition/facts.ts'
import { familyOf } from './composition/family.ts'
import { poolsOf } from './composition/pools.ts'
import { judgeRelatives } from './composition/relatives.ts'
import { rollUp, rootCauseOf, witnessesOf, worstOf } from './composition/roll-up.ts'
import type { Health } from './health.ts'
import type { ClusterName } from './observation.ts'

/**
 * A workload cluster from the objects that belong to it (domain.md 3.4, roll-up). Pure: the same members give the same
 * cluster, in whatever order they come. Members' healths are taken as judged, except those that only relatives can judge.
 */
export function composeCluster(name: ClusterName, members: readonly Member[]): ClusterFacts {
  const judgements = judgeRelatives(familyOf(name, members))
  const family = familyOf(
    name,
    members.map((member) => judged(member, judgements)),
  )
  const witnesses = witnessesOf(family)
  const health = rollUp(family, witnesses)
  const gitops = family.members.filter((member) => family.partOf(member) === 'gitops')
  return {
    name,
    ...factsOf(family),
    health,
    gitops: gitops.length === 0 ? null : worstOf(gitops),
    rootCause: rootCauseOf(family, witnesses, health),
    pools: poolsOf(family),
    judgements,
  }
}

function judged(member: Member, judgements: ReadonlyMap<string, Health>): Member {
  const health = judgements.get(member.id)
  return health ? { ...member, health } : member
}
