import type { ClusterFacts, Member } from './cluster.ts'
import { appliersOf } from './composition/chain.ts'
import { type Claimant, claimantsOf, isArm, isCluster } from './composition/claimant.ts'
import { declaredPoolsOf } from './composition/declared-pool.ts'
import { disagreementsOf } from './composition/disagreement.ts'
import { endpointOf, factsOf, nameOf, versionObservedOf } from './composition/facts.ts'
import { familyOf, inOrder } from './composition/family.ts'
import { listingsOf } from './composition/listed-pool.ts'
import { managerOf } from './composition/manager.ts'
import { poolsOf } from './composition/pools.ts'
import { reconcilersOf } from './composition/reconcilers.ts'
import { judgeRelatives } from './composition/relatives.ts'
import { rollUp, rootCauseOf, witnessesOf, worstOf } from './composition/roll-up.ts'
import { rolloutsOf } from './composition/rollout.ts'
import { alone, type Surroundings } from './composition/surroundings.ts'
import { topologyOf } from './composition/topology.ts'
import type { Drift } from './drift/difference.ts'
import { driftOfCluster } from './drift/drift.ts'
import type { Scene } from './drift/scene.ts'
import type { Health } from './health.ts'
import type { ClusterName } from './observation.ts'
import { kindKeyOf } from './reference.ts'

/**
 * A workload cluster from the objects that belong to it, whichever sources tell of them (domain.md 3.4, roll-up; design.md part
 * 10): the members of the claimant that counts, and Azure's own object beside them. Other claimants only show as a disagreement.
 * Pure: the same members give the same cluster, in whatever order they come. Members' healths are taken as judged, except those
 * that only relatives can judge. Objects that only act on a cluster make none (`isCluster`); what they say is composed all the same.
 * @param name the cluster's name where only parts of it are seen.
 * @param surroundings what is known beside the members; default: nothing.
 */
export function composeCluster(
  name: ClusterName,
  members: readonly Member[],
  surroundings: Surroundings = alone,
): ClusterFacts {
  const { kinds } = surroundings
  const judgements = judgementsOf(members, kinds)
  const known = judgements.size === 0 ? members : members.map((member) => judged(member, judgements))
  const setting = sceneOf(known, surroundings)
  const { scene, claimant, isTorn } = setting
  const { family, pools: declared, listings } = scene
  const witnesses = witnessesOf(family)
  const health = rollUp(family, witnesses)
  const gitops = gitopsOf(setting)
  const appliers = appliersOf(gitops, surroundings)
  const pools = poolsOf(family, declared, listings, versionObservedOf(family, family.arm?.fresh === true))
  const drift = isTorn ? driftOfAll(known, surroundings) : driftOfCluster(scene, gitops, appliers)
  const called = nameOf(family, name)
  return {
    name: called,
    source: (family.centre ?? claimant)?.source ?? '',
    ...factsOf(family, pools),
    witnesses: [
      ...(claimant && isCluster(claimant.members, kinds) ? ['capi' as const] : []),
      ...(family.arm ? ['arm' as const] : []),
    ],
    disagreements: scene.disagreements,
    health,
    gitops: gitops.length === 0 ? null : worstOf(gitops),
    rootCause: rootCauseOf(family, witnesses, health),
    pools,
    endpoint: endpointOf(family),
    managedBy: managerOf(family.cluster, surroundings),
    rollouts: rolloutsOf(family, pools),
    topology: topologyOf(family.cluster, surroundings, drift),
    reconcilers: reconcilersOf(appliers, called.name, surroundings.conventions.app),
    drift,
    judgements,
  }
}

/** Healths that only relatives can judge; where there are none, no family is made for them. */
function judgementsOf(members: readonly Member[], kinds: Surroundings['kinds']): ReadonlyMap<string, Health> {
  if (!members.some(({ ref }) => kinds(kindKeyOf(ref)).judgedWithRelatives)) return new Map()
  return new Map(claimantsOf(members).flatMap((claimant) => [...judgeRelatives(familyOf(claimant, [], kinds))]))
}

function judged(member: Member, judgements: ReadonlyMap<string, Health>): Member {
  const health = judgements.get(member.id)
  return health ? { ...member, health } : member
}

const gitopsOf = ({ scene: { family }, guests }: Setting): readonly Member[] => [
  ...family.members.filter((member) => family.partOf(member) === 'gitops'),
  ...guests,
]

interface Setting {
  readonly scene: Scene
  readonly claimant: Claimant | undefined
  /** What acts on the cluster from a source that declares none, as one Argo CD does on many. */
  readonly guests: readonly Member[]
  /** Which of several counts was decided among some that were not heard of lately. */
  readonly isTorn: boolean
}

function sceneOf(members: readonly Member[], surroundings: Surroundings): Setting {
  const claimants = claimantsOf(members)
  const [claimant, ...rivals] = claimants
  const azure = members.filter(isArm)
  const family = familyOf(claimant, azure, surroundings.kinds)
  const pools = declaredPoolsOf(family)
  const listings = listingsOf(family)
  const disagreements = disagreementsOf(family, rivals, pools, listings)
  const visiting = rivals.filter((rival) => !isCluster(rival.members, surroundings.kinds))
  const guests = inOrder(visiting.flatMap((rival) => rival.members))
  const clusters = claimants.map(({ cluster }) => cluster).filter((cluster) => cluster !== null)
  const isTorn = (claimants.length > 1 || azure.length > 1) && members.some(({ fresh }) => !fresh)
  return {
    scene: { family, claimants: clusters, pools, listings, disagreements, surroundings },
    claimant,
    guests,
    isTorn,
  }
}

/** Drift does not move when a source falls silent, though another claimant may count by then. */
function driftOfAll(members: readonly Member[], surroundings: Surroundings): Drift {
  const heard = members.map((member) => (member.fresh ? member : { ...member, fresh: true }))
  const setting = sceneOf(heard, surroundings)
  const gitops = gitopsOf(setting)
  return driftOfCluster(setting.scene, gitops, appliersOf(gitops, surroundings))
}
