/** A custom resource as it goes over the wire. Never changed in place: a write makes a new one. */
export interface KubeWire {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: WireMetadata
  readonly [part: string]: unknown
}

interface WireMetadata {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly finalizers?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly OwnerReference[]
  readonly managedFields?: readonly object[]
}

interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

/** A kind that a server serves: what a CustomResourceDefinition says of it, without the schema. */
export interface Resource {
  readonly group: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  /** In the order discovery lists them, preferred first. */
  readonly versions: readonly ServedVersion[]
  readonly shortNames?: readonly string[]
  /** Cluster API contract labels of its CRD. */
  readonly contract?: Readonly<Record<string, string>>
  /** From the stored object to another version's; absent where only `apiVersion` differs (conversion strategy None). */
  readonly convert?: (stored: KubeWire, version: string) => KubeWire
}

export interface ServedVersion {
  readonly name: string
  readonly storage?: boolean
  /** The text of the `Warning: 299` header. */
  readonly deprecated?: string
  /** False where the kind has no status subresource. */
  readonly status?: boolean
}

export const apiVersionOf = (group: string, version: string): string => (group === '' ? version : `${group}/${version}`)

/** `plural.group`, as CRDs and error messages name it. */
export const resourceName = (resource: { readonly group: string; readonly plural: string }): string =>
  resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`

export const storageVersionOf = (resource: Resource): ServedVersion => {
  const version = resource.versions.find((v) => v.storage) ?? resource.versions[0]
  if (version === undefined) throw new Error(`${resourceName(resource)} has no version`)
  return version
}

/** The object as `version` of its kind shows it. */
export function asVersion(resource: Resource, stored: KubeWire, version: string): KubeWire {
  const apiVersion = apiVersionOf(resource.group, version)
  if (stored.apiVersion === apiVersion) return stored
  const converted = resource.convert?.(stored, version) ?? stored
  return { ...converted, apiVersion }
}
