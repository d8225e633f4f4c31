import { hash } from 'node:crypto'

/** Names one Kubernetes object (or ARM resource) within its source. Never contains a version: those change under us. */
export interface ObjectRef {
  /** API group, `''` for the core group; an ARM resource's namespace, e.g. `Microsoft.ContainerService`. */
  readonly group: string
  readonly kind: string
  /** `''` for cluster-scoped objects and ARM resources. */
  readonly namespace: string
  /** `metadata.name`; for an ARM resource its id in lower case. */
  readonly name: string
}

/** What a person calls an object: of an ARM id only its last segment. */
export const shortNameOf = ({ name }: ObjectRef): string =>
  name.startsWith('/subscriptions/') ? name.slice(name.lastIndexOf('/') + 1) : name

/** `group/Kind`, the key of a kind everywhere: registry, `reading`, `object.kind`. The core group gives `/Pod`. */
export type KindKey = `${string}/${string}`

/** What a person means by a cluster is composed around objects of this kind. */
export const clusterKind: KindKey = 'cluster.x-k8s.io/Cluster'

/** An AKS cluster as Azure tells it: another witness of a cluster, and the only one where nobody declares it. */
export const armClusterKind: KindKey = 'Microsoft.ContainerService/managedClusters'

export const kindKeyOf = (ref: { readonly group: string; readonly kind: string }): KindKey => `${ref.group}/${ref.kind}`

/**
 * The identity of an object: a UUID derived from (source, group, kind, namespace, name).
 * Derived, not minted, so that a page of objects, their conditions and their changes are written without asking for ids first.
 */
export function objectIdOf(source: string, ref: ObjectRef): string {
  const hex = hash('sha256', `${source}\0${ref.group}\0${ref.kind}\0${ref.namespace}\0${ref.name}`, 'hex')
  return uuidOf(hex)
}

/** The first 128 bits of a hex digest as a UUID of version 8 (RFC 9562: "vendor specific"). */
export function uuidOf(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
