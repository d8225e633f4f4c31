import type { ClusterManager, Member } from '../cluster.ts'
import { kindKeyOf, objectIdOf } from '../reference.ts'
import { appliedRevisionOf } from './reconcilers.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * What applied a Cluster object from Git, with the revision it applied last. Null: nothing says so. A hint counts only for an
 * Application that is there (domain.md 4.1).
 */
export function managerOf(cluster: Member | null, surroundings: Surroundings): ClusterManager | null {
  const by = cluster?.facts.managedBy
  if (!cluster || !by) return null
  const seen = by.ref
    ? surroundings.around.get(objectIdOf(cluster.source, by.ref))
    : by.tool === 'argocd'
      ? applicationNamed(by.name, cluster.source, surroundings)
      : undefined
  if (by.hint && !seen) return null
  const ref = by.ref ?? seen?.ref
  return {
    tool: by.tool,
    kind: ref?.kind ?? null,
    namespace: ref?.namespace ?? null,
    name: by.name,
    revision: seen ? appliedRevisionOf(seen) : null,
  }
}

/** Applications by source and name, made once for what surrounds many clusters. */
const applications = new WeakMap<Surroundings['around'], ReadonlyMap<string, Member>>()

function applicationNamed(name: string, source: string, { around }: Surroundings): Member | undefined {
  let byName = applications.get(around)
  if (!byName) {
    const all = [...around.values()].filter(({ ref }) => kindKeyOf(ref) === 'argoproj.io/Application')
    byName = new Map(all.map((member) => [`${member.source}\0${member.ref.name}`, member]))
    applications.set(around, byName)
  }
  return byName.get(`${source}\0${name}`)
}
