import { type JsonPath, parseJsonPath } from '../json-path.ts'
import type { ClusterName } from '../observation.ts'
import { clusterKind, kindKeyOf } from '../reference.ts'
import { text } from '../wire.ts'
import { textAt } from './declared-slots.ts'
import type { KubeObject } from './kind.ts'

/** Where an object names its workload cluster: the first of the three that says anything. */
export interface DeclaredOwner {
  /** To the Cluster's name, or `namespace/name`. */
  readonly path: JsonPath | null
  /** A label that holds the same. */
  readonly label: string | null
  /** An owner reference to a Cluster, or to what belongs to one. */
  readonly ownerReference: boolean
  /** To the Cluster's namespace; null: the object's own. */
  readonly namespace: JsonPath | null
}

const clusterName = parseJsonPath('.spec.clusterName')
/** The rule for every kind (domain.md 2). */
const general: DeclaredOwner = {
  path: 'why' in clusterName ? null : clusterName,
  label: 'cluster.x-k8s.io/cluster-name',
  ownerReference: true,
  namespace: null,
}

/** The cluster an object belongs to by its declaration. `whole.spec` is the whole object; what cannot be read goes to `rejected`. */
export function ownerOf(
  declared: DeclaredOwner | 'none' | null,
  whole: KubeObject,
  rejected: string[],
): ClusterName | null {
  if (declared === 'none') return null
  const { path, label, ownerReference, namespace } = declared ?? general
  const told =
    (path && textAt(path, 'owner.path', whole.spec, rejected)) ??
    (label === null ? undefined : text(whole.labels[label])) ??
    (ownerReference ? whole.owners.find(({ ref }) => kindKeyOf(ref) === clusterKind)?.ref.name : undefined)
  if (told === undefined || told === null) return null
  const [name = '', within, ...rest] = told.split('/').reverse()
  const home =
    within ?? (namespace && textAt(namespace, 'owner.namespace', whole.spec, rejected)) ?? whole.ref.namespace
  if (name !== '' && home !== '' && rest.length === 0) return { namespace: home, name }
  // A cluster-scoped object of a built-in rule belongs to nothing, as of any kind: only what was declared can be wrong.
  if (declared !== null)
    rejected.push(`owner names the cluster ${JSON.stringify(told)}, which is no name in a namespace`)
  return null
}
