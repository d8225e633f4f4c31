import type { ClusterFacts, Member } from './cluster.ts'
import { claimantsOf, isArm, isDeclared } from './composition/claimant.ts'
import { disagreementsOf } from './composition/disagreement.ts'
import { factsOf, nameOf, versionObservedOf } from './composition/facts.ts'
import { familyOf } from './composition/family.ts'
import { poolsOf } from './composition/pools.ts'
import { judgeRelatives } from './composition/relatives.ts'
import { rollUp, rootCauseOf, witnessesOf, worstOf } from './composition/roll-up.ts'
import { alone, type Surroundings } from './composition/surroundings.ts'
import { noDrift } from './drift/difference.ts'
import type { Health } from './health.ts'
import type { ClusterName } from './observation.ts'

/**
 * A workload cluster from the objects that belong to it, whichever sources tell of them (domain.md 3.4, roll-up; design.md part
 * 10): the members of the claimant that counts, and Azure's own object beside them. Other claimants only show as a disagreement.
 * Pure: the same members give the same cluster, in whatever order they come. Members' healths are taken as judged, except those
 * that only relatives can judge.
 * @param name the cluster's name where only parts of it are seen.
 * @param surroundings what is known beside the members; default: nothing.
 */
export function composeCluster(
  name: ClusterName,
  members: readonly Member[],
  _surroundings: Surroundings = alone,
): ClusterFacts {
  const judgements = new Map(claimantsOf(members).flatMap((claimant) => [...judgeRelatives(familyOf(claimant, []))]))
  const known = members.map((member) => judged(member, judgements))
  const [claimant, ...rivals] = claimantsOf(known)
  const family = familyOf(claimant, known.filter(isArm))
  const witnesses = witnessesOf(family)
  const health = rollUp(family, witnesses)
  const gitops = family.members.filter((member) => family.partOf(member) === 'gitops')
  const pools = poolsOf(family, versionObservedOf(family))
  return {
    name: nameOf(family, name),
    source: (family.centre ?? claimant)?.source ?? '',
    ...factsOf(family, pools),
    witnesses: [
      ...(claimant && isDeclared(claimant) ? ['capi' as const] : []),
      ...(family.arm ? ['arm' as const] : []),
    ],
    disagreements: disagreementsOf(family, rivals),
    health,
    gitops: gitops.length === 0 ? null : worstOf(gitops),
    rootCause: rootCauseOf(family, witnesses, health),
    pools,
    endpoint: null,
    managedBy: null,
    rollouts: [],
    topology: null,
    reconcilers: [],
    drift: noDrift,
    judgements,
  }
}

function judged(member: Member, judgements: ReadonlyMap<string, Health>): Member {
  const health = judgements.get(member.id)
  return health ? { ...member, health } : member
}
