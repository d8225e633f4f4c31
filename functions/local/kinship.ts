import type { Kinds } from '../../fleet/kinds/declared.ts'
import type { ClusterName, Observation } from '../../fleet/observation.ts'
import { armClusterKind, objectIdOf } from '../../fleet/reference.ts'

/** Which cluster each object belongs to, by object id. */
type Names = Map<string, ClusterName>

/** The cluster an object says it belongs to, or the one of its owner. */
function ownNameOf(one: Observation, byId: ReadonlyMap<string, Observation>): ClusterName | null {
  const seen = new Set<string>()
  for (let at: Observation | undefined = one; at && !seen.has(at.id); ) {
    if (at.owner) return at.owner
    seen.add(at.id)
    at = at.parentId === null ? undefined : byId.get(at.parentId)
  }
  return null
}

/** The objects that one names as its parts: by reference, in `status.resources`, by the ARM id it runs as. */
function claimsOf({ ref, facts }: Observation, source: string): readonly string[] {
  const { refs, children = [], armId } = facts
  const named = [
    refs?.infrastructure,
    refs?.controlPlane,
    ...children.map((child) => ({ ...child, namespace: ref.namespace })),
    armId === undefined
      ? undefined
      : { group: 'Microsoft.ContainerService', kind: 'managedClusters', namespace: '', name: armId.toLowerCase() },
  ]
  return named.filter((part) => part !== undefined).map((part) => objectIdOf(source, part))
}

/**
 * The clusters of objects that are explained together: what each says of itself, then what the others claim. Files leave
 * out the label and the owner reference that a live object has.
 * @param centre the object the others were given with: those that name no cluster are then its relatives.
 */
export function clusterNames(
  source: string,
  byId: ReadonlyMap<string, Observation>,
  kindOf: Kinds['of'],
  centre?: Observation,
): ReadonlyMap<string, ClusterName> {
  const names: Names = new Map()
  // Azure's object stands for the cluster whose parts claim it; what it calls itself counts where none does.
  const all = [...byId.values()]
  for (const one of all.filter(({ kind }) => kind !== armClusterKind)) {
    const name = ownNameOf(one, byId)
    if (name) names.set(one.id, name)
  }
  if (centre) gather(names, byId, kindOf, centre)
  // A Map yields what is added to it on the way, so claims of the claimed are heard too.
  for (const [id, name] of names) {
    const one = byId.get(id)
    for (const claimed of one ? claimsOf(one, source) : []) {
      if (byId.has(claimed) && !names.has(claimed)) names.set(claimed, name)
    }
  }
  for (const { id, owner } of all) if (owner && !names.has(id)) names.set(id, owner)
  return names
}

function gather(names: Names, byId: ReadonlyMap<string, Observation>, kindOf: Kinds['of'], centre: Observation): void {
  const all = [...byId.values()]
  const cluster = all.find((one) => one.kind === 'cluster.x-k8s.io/Cluster')
  const { namespace, name } = centre.ref
  const home = names.get(centre.id) ?? (cluster && names.get(cluster.id)) ?? { namespace, name }
  // What reconciles from Git names the cluster it acts on, or acts on none of these.
  for (const one of all) if (!names.has(one.id) && kindOf(one.kind).part !== 'gitops') names.set(one.id, home)
}
