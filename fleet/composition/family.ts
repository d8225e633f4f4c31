import type { Member } from '../cluster.ts'
import type { Kind, Part } from '../kinds/kind.ts'
import { type KindKey, kindKeyOf, type ObjectRef } from '../reference.ts'
import { byStanding, type Claimant, isArm } from './claimant.ts'

/** The members of one cluster that count, and how they hang together: those of one claimant, and Azure's own. */
export interface Family {
  /** In the order of their identity, so that no answer depends on how they came. */
  readonly members: readonly Member[]
  /** The Cluster object, when it is among them. */
  readonly cluster: Member | null
  /** The managed cluster as Azure tells it; of several, the one that counts first. */
  readonly arm: Member | null
  /** The object the cluster is composed around: the Cluster, or Azure's where nobody declares it. */
  readonly centre: Member | null
  readonly kindOf: (member: Member) => Kind
  readonly partOf: (member: Member) => Part
  /** The claimant's member that a reference names; never by version (domain.md 1). */
  readonly named: (ref: ObjectRef) => Member | undefined
  readonly controlPlane: Member | undefined
  readonly infrastructure: Member | undefined
  /** The Azure Service Operator's managed cluster behind an AKS control plane. */
  readonly managed: Member | undefined
  /** Owner, else the Cluster that refers to it, else the Cluster it belongs to; null at the top. */
  readonly parentOf: (member: Member) => Member | null
  readonly childrenOf: (member: Member) => readonly Member[]
}

const keyOf = (ref: ObjectRef): string => `${ref.group}\0${ref.kind}\0${ref.namespace}\0${ref.name}`

/** @param kinds those understood, operators' own included. */
export function familyOf(
  claimant: Claimant | undefined,
  azure: readonly Member[],
  kinds: (key: KindKey) => Kind,
): Family {
  const own = claimant?.members ?? []
  const members = inOrder([...own, ...azure])
  const cluster = claimant?.cluster ?? null
  const [arm = null] = [...azure].sort(byStanding)
  const byId = new Map(members.map((member) => [member.id, member]))
  const byRef = new Map(own.map((member) => [keyOf(member.ref), member]))
  const kindOf = ({ ref }: Member) => kinds(kindKeyOf(ref))
  const parts = new Map(members.map((member) => [member.id, kindOf(member).part]))
  const named = (ref: ObjectRef) => byRef.get(keyOf(ref))
  const refs = cluster?.facts.refs
  const only = (part: Part) =>
    members.find(({ id, ref }) => parts.get(id) === part && ref.group.endsWith('cluster.x-k8s.io'))
  // Role follows from the kind for want of a reference: when nobody sees the Cluster object, too.
  const controlPlane = refs?.controlPlane ? named(refs.controlPlane) : only('controlPlane')
  const infrastructure = refs?.infrastructure ? named(refs.infrastructure) : only('infrastructure')
  const managed = members.find(({ ref }) => kindKeyOf(ref) === 'containerservice.azure.com/ManagedCluster')
  const parentOf = (member: Member): Member | null => {
    if (member === cluster) return null
    // Azure's object stands behind whatever drives it.
    if (isArm(member)) return managed ?? controlPlane ?? cluster
    const owner = member.parentId === null ? undefined : byId.get(member.parentId)
    return owner && owner !== member ? owner : cluster
  }
  const children = childrenBy(members, parentOf)
  return {
    members,
    cluster,
    arm,
    centre: cluster ?? arm,
    kindOf,
    partOf: (member) => parts.get(member.id) ?? 'none',
    named,
    controlPlane,
    infrastructure,
    managed,
    parentOf,
    childrenOf: (member) => children.get(member.id) ?? [],
  }
}

/** In the order of their identity, so that no answer depends on how they came. */
export function inOrder(members: readonly Member[]): readonly Member[] {
  const keyed = members.map((member) => ({ member, key: `${keyOf(member.ref)}\0${member.source}` }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ member }) => member)
}

function childrenBy(
  members: readonly Member[],
  parentOf: (member: Member) => Member | null,
): ReadonlyMap<string, readonly Member[]> {
  const children = new Map<string, Member[]>()
  for (const member of members) {
    const parent = parentOf(member)
    if (!parent) continue
    const siblings = children.get(parent.id)
    if (siblings) siblings.push(member)
    else children.set(parent.id, [member])
  }
  return children
}
