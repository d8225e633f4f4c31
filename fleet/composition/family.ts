import type { Member } from '../cluster.ts'
import type { Part } from '../kinds/kind.ts'
import { kindOf } from '../kinds/registry.ts'
import type { ClusterName } from '../observation.ts'
import { kindKeyOf, type ObjectRef } from '../reference.ts'

/** The members of one cluster, and how they hang together. */
export interface Family {
  /** In the order of their identity, so that no answer depends on how they came. */
  readonly members: readonly Member[]
  /** The Cluster object, when it is among them. */
  readonly cluster: Member | null
  readonly partOf: (member: Member) => Part
  /** The member a reference names; never by version (domain.md 1). */
  readonly named: (ref: ObjectRef) => Member | undefined
  readonly controlPlane: Member | undefined
  readonly infrastructure: Member | undefined
  /** Owner, else the Cluster that refers to it, else the Cluster it belongs to; null at the top. */
  readonly parentOf: (member: Member) => Member | null
  readonly childrenOf: (member: Member) => readonly Member[]
}

const keyOf = (ref: ObjectRef): string => `${ref.group}\0${ref.kind}\0${ref.namespace}\0${ref.name}`

export function familyOf(name: ClusterName, unordered: readonly Member[]): Family {
  const members = [...unordered].sort((a, b) => (keyOf(a.ref) < keyOf(b.ref) ? -1 : 1))
  const byId = new Map(members.map((member) => [member.id, member]))
  const byRef = new Map(members.map((member) => [keyOf(member.ref), member]))
  const parts = new Map(members.map((member) => [member.id, kindOf(kindKeyOf(member.ref)).part]))
  const cluster =
    members.find(
      ({ id, ref }) => parts.get(id) === 'cluster' && ref.name === name.name && ref.namespace === name.namespace,
    ) ?? null
  const named = (ref: ObjectRef) => byRef.get(keyOf(ref))
  const refs = cluster?.facts.refs
  const only = (part: Part) =>
    members.find(({ id, ref }) => parts.get(id) === part && ref.group.endsWith('cluster.x-k8s.io'))
  const parentOf = (member: Member): Member | null => {
    if (member === cluster) return null
    const owner = member.parentId === null ? undefined : byId.get(member.parentId)
    return owner && owner !== member ? owner : cluster
  }
  const children = new Map<string, Member[]>()
  for (const member of members) {
    const parent = parentOf(member)
    if (parent) children.set(parent.id, [...(children.get(parent.id) ?? []), member])
  }
  return {
    members,
    cluster,
    partOf: (member) => parts.get(member.id) ?? 'none',
    named,
    // Role follows from the kind for want of a reference: when nobody sees the Cluster object, too.
    controlPlane: refs?.controlPlane ? named(refs.controlPlane) : only('controlPlane'),
    infrastructure: refs?.infrastructure ? named(refs.infrastructure) : only('infrastructure'),
    parentOf,
    childrenOf: (member) => children.get(member.id) ?? [],
  }
}
