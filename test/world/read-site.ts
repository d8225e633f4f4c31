import { expect } from 'vitest'
import type { Member } from '../../fleet/cluster.ts'
import { healthOf } from '../../fleet/judge.ts'
import type { Kind } from '../../fleet/kinds/kind.ts'
import { kindByKey } from '../../fleet/kinds/registry.ts'
import { normalise } from '../../fleet/normalise.ts'
import type { ClusterName } from '../../fleet/observation.ts'
import { kindKeyOf } from '../../fleet/reference.ts'
import { asVersion, type Resource } from './api/object.ts'
import type { Site } from './site.ts'

/** Which version of a kind a test reads. */
export type Choice = (resource: Resource) => string

export const newest: Choice = (resource) =>
  resource.versions.find((version) => version.storage)?.name.replace('storage', '') ?? ''

interface Read {
  readonly owner: ClusterName | null
  readonly member: Member
}

/** One object as Rollcall's core reads it; null where it is not worth keeping. */
export function readObject(source: string, object: unknown, kind: Kind, now: Date): Read | null {
  const { observation, rejected } = normalise(source, object, kind)
  expect(rejected).toEqual([])
  if (observation === null) return null
  const { id, ref, parentId, labels, facts, createdAt, owner } = observation
  const health = healthOf(observation.reading, {}, now)
  return { owner, member: { id, source, ref, parentId, labels, facts, createdAt, health, fresh: true } }
}

/**
 * What the core reads of each cluster from the objects of its management cluster, by `namespace/name`: those that name it, and those
 * that act on its address.
 */
export function readSite(site: Site, choice: Choice, now: Date): ReadonlyMap<string, readonly Member[]> {
  const read = readObjects(site, choice, now)
  const byAddress = new Map(
    read.flatMap(({ member: { ref, facts } }) =>
      ref.kind === 'Cluster' && facts.endpoint !== undefined
        ? [[facts.endpoint.toLowerCase(), `${ref.namespace}/${ref.name}`] as const]
        : [],
    ),
  )
  const members = new Map<string, Member[]>()
  for (const { owner, member } of read) {
    const { actsAt } = member.facts
    const key = owner ? `${owner.namespace}/${owner.name}` : byAddress.get(actsAt?.by === 'server' ? actsAt.value : '')
    if (key === undefined) continue
    const mine = members.get(key)
    if (mine) mine.push(member)
    else members.set(key, [member])
  }
  return members
}

/** Every object of a management cluster that the core has something to say of. */
export function readObjects(site: Site, choice: Choice, now: Date): readonly Read[] {
  return [...site.objects()].flatMap(({ resource, object }) => {
    const kind = kindByKey.get(kindKeyOf(resource))
    const read = kind ? readObject(site.name, asVersion(resource, object, choice(resource)), kind, now) : null
    return read ?? []
  })
}
