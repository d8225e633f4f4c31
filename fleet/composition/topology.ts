import type { ClusterTopology, Member } from '../cluster.ts'
import type { Drift } from '../drift/difference.ts'
import { objectIdOf } from '../reference.ts'
import type { Surroundings } from './surroundings.ts'

/** How a cluster stands to its ClusterClass (Q21); null: it is of none. */
export function topologyOf(
  cluster: Member | null,
  { around }: Surroundings,
  { differences, looked }: Drift,
): ClusterTopology | null {
  const ref = cluster?.facts.refs?.class
  if (!cluster || !ref) return null
  const named = around.get(objectIdOf(cluster.source, ref))?.facts.topology
  const rebases = differences.some(({ code }) => code === 'rebasePending')
  return {
    class: ref.name,
    classNamespace: ref.namespace,
    classVersion: named?.classVersion ?? null,
    rebaseNeeded: rebases || (looked.includes('rebasePending') ? false : null),
    variablesDiffCount: named ? differing(cluster.facts.topology?.variables, named.variables) : null,
  }
}

type Variables = Readonly<Record<string, string>> | undefined

/** Values that are another than the class's default. Where the class has no default every cluster must give one, which differs from nothing. */
function differing(given: Variables = {}, defaults: Variables = {}): number {
  return Object.entries(given).filter(([name, digest]) => {
    const byDefault = Object.hasOwn(defaults, name) ? defaults[name] : ''
    return byDefault !== '' && byDefault !== digest
  }).length
}
