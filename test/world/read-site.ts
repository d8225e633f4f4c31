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

/** What the core reads of each cluster from the objects of its management cluster, by `namespace/name`. */
export function readSite(site: Site, choice: Choice, now: Date): ReadonlyMap<string, readonly Member[]> {
  const members = new Map<string, Member[]>()
  for (const { resource, object } of site.objects()) {
    const kind = kindByKey.get(kindKeyOf(resource))
    const read = kind ? readObject(site.name, asVersion(resource, object, choice(resource)), kind, now) : null
    if (read === null || read.owner === null) continue
    const key = `${read.owner.namespace}/${read.owner.name}`
    members.set(key, [...(members.get(key) ?? []), read.member])
  }
  return members
}
