import { hash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Profile } from './api/discovery.ts'
import { Faults } from './api/fault.ts'
import { managedFieldsOf } from './api/managed-fields.ts'
import { apiVersionOf, type KubeWire, type Resource, resourceName, storageVersionOf } from './api/object.ts'
import { Storage } from './api/storage.ts'
import { timeOf } from './api/write.ts'
import { toV1beta1 } from './capi-conversion.ts'
import type { Draft, DraftOwner } from './draft.ts'
import { type Era, resourcesOf, type Tool } from './resource.ts'
import { settledStatus } from './status.ts'

export interface SiteOptions {
  readonly name: string
  readonly region: string
  readonly labels: Readonly<Record<string, string>>
  readonly era: Era
  readonly profile: Profile
  /** What is installed beside Cluster API, CAPZ and Flux. */
  readonly tools: readonly Tool[]
  readonly seed: string
}

interface Written {
  readonly draft: Draft
  /** In the newest shape of its kind, also where an older one is stored. */
  readonly object: KubeWire
}

/** A management cluster: what it serves, and everything its API server holds. */
export class Site {
  readonly name: string
  readonly region: string
  readonly labels: Readonly<Record<string, string>>
  readonly era: Era
  readonly profile: Profile
  readonly tools: readonly Tool[]
  readonly resources: readonly Resource[]
  readonly storage: Storage
  readonly faults = new Faults()
  readonly seed: string
  readonly #byKind: ReadonlyMap<string, Resource>
  /** What each part of the world (a workload cluster, Flux) has written here, by group/Kind/namespace/name. */
  readonly #written = new Map<string, Map<string, Written>>()

  constructor(options: SiteOptions, now: Date) {
    this.name = options.name
    this.region = options.region
    this.labels = options.labels
    this.era = options.era
    this.profile = options.profile
    this.tools = options.tools
    this.seed = options.seed
    this.resources = resourcesOf(options.era, options.tools)
    this.#byKind = new Map(this.resources.map((resource) => [`${resource.group}/${resource.kind}`, resource]))
    this.storage = new Storage(
      1000 + (Number.parseInt(hash('sha256', options.seed + options.name, 'hex').slice(0, 6), 16) % 9_000_000),
    )
    for (const resource of this.resources)
      if (resource.group !== '')
        this.storage.put(this.#resource('apiextensions.k8s.io', 'CustomResourceDefinition'), this.#crd(resource, now))
    for (const namespace of ['default', 'kube-system', 'flux-system', 'clusters']) this.namespace(namespace, now)
  }

  /** The UID by which Rollcall tells one management cluster from another. */
  get uid(): string {
    return this.#uid('Namespace', 'kube-system')
  }

  namespace(name: string, now: Date): void {
    const resource = this.#resource('', 'Namespace')
    if (this.storage.get(resource, '', name) !== null) return
    const metadata = {
      name,
      uid: this.#uid('Namespace', name),
      creationTimestamp: timeOf(now),
      labels: { 'kubernetes.io/metadata.name': name },
    }
    this.storage.put(resource, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata,
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    })
  }

  /** Makes what `part` has written here equal to `drafts`: creates, updates what differs, deletes what is missing. */
  write(part: string, drafts: readonly Draft[], now: Date): void {
    const before = this.#written.get(part) ?? new Map<string, Written>()
    const after = new Map<string, Written>()
    for (const draft of drafts) {
      this.namespace(draft.namespace, now)
      const key = `${draft.group}/${draft.kind}/${draft.namespace}/${draft.name}`
      after.set(key, this.#apply(draft, before.get(key) ?? null, part, now))
    }
    for (const [key, { draft }] of before)
      if (!after.has(key)) this.storage.delete(this.#resource(draft.group, draft.kind), draft.namespace, draft.name)
    if (after.size === 0) this.#written.delete(part)
    else this.#written.set(part, after)
  }

  /** The newest stored form of one object; null where there is none. */
  get(group: string, kind: string, namespace: string, name: string): KubeWire | null {
    return this.storage.get(this.#resource(group, kind), namespace, name)
  }

  /** Every stored object with the kind it is of. */
  *objects(): Generator<{ resource: Resource; object: KubeWire }> {
    for (const resource of this.resources) for (const object of this.storage.list(resource)) yield { resource, object }
  }

  #apply(draft: Draft, before: Written | null, part: string, now: Date): Written {
    const object = this.#object(draft, before, part, now)
    if (before !== null && isDeepStrictEqual(before.object, object)) return before
    const resource = this.#resource(draft.group, draft.kind)
    const shaped = this.era === 'old' && resource.group.endsWith('cluster.x-k8s.io') ? toV1beta1(object, 'old') : object
    const whole = { ...shaped, apiVersion: this.#storedVersion(resource) }
    const others = (draft.touched ?? []).map(({ path, manager, at }) => ({ path, manager, time: timeOf(at) }))
    const managedFields = managedFieldsOf(whole, timeOf(now), { spec: 'manager', status: 'manager', others })
    this.storage.put(resource, { ...whole, metadata: { ...whole.metadata, managedFields } })
    return { draft, object }
  }

  #object(draft: Draft, before: Written | null, part: string, now: Date): KubeWire {
    const lag = draft.lag ?? 0
    const generation = generationOf(draft, before)
    const status =
      draft.status === undefined
        ? {}
        : {
            status: settledStatus(draft.status, before?.object.status, {
              observed: generation - lag,
              first: draft.since,
              now,
              byMessage: draft.group.endsWith('.fluxcd.io'),
            }),
          }
    return {
      apiVersion: this.#storedVersion(this.#resource(draft.group, draft.kind)),
      kind: draft.kind,
      metadata: {
        name: draft.name,
        namespace: draft.namespace,
        uid: this.#uid(
          draft.kind,
          `${draft.group}/${draft.namespace}/${draft.name}/${part}/${draft.createdAt.getTime()}`,
        ),
        generation,
        creationTimestamp: timeOf(draft.createdAt),
        ...(draft.deletedAt ? { deletionTimestamp: timeOf(draft.deletedAt), deletionGracePeriodSeconds: 0 } : {}),
        ...(draft.finalizers ? { finalizers: draft.finalizers } : {}),
        ...(draft.labels ? { labels: draft.labels } : {}),
        ...(draft.annotations && Object.keys(draft.annotations).length > 0 ? { annotations: draft.annotations } : {}),
        ...(draft.owner ? { ownerReferences: [this.#ownerOf(draft, draft.owner, part)] } : {}),
      },
      ...(draft.body ?? { spec: draft.spec }),
      ...status,
    }
  }

  #ownerOf(draft: Draft, owner: DraftOwner, part: string) {
    const { group, kind, name } = owner
    return {
      apiVersion: this.#storedVersion(this.#resource(group, kind)),
      kind,
      name,
      uid: this.#uid(kind, `${group}/${draft.namespace}/${name}/${part}/${draft.createdAt.getTime()}`),
      controller: true,
      blockOwnerDeletion: true,
    }
  }

  #crd(resource: Resource, now: Date): KubeWire {
    const { group, kind, plural, namespaced, shortNames = [], contract } = resource
    const versions = resource.versions.map(({ name, storage = false, deprecated }) => ({
      name,
      served: true,
      storage,
      ...(deprecated === undefined ? {} : { deprecated: true, deprecationWarning: deprecated }),
    }))
    const names = { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), shortNames }
    return {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {
        name: resourceName(resource),
        uid: this.#uid('CustomResourceDefinition', resourceName(resource)),
        creationTimestamp: timeOf(now),
        generation: 1,
        ...(contract === undefined ? {} : { labels: contract }),
      },
      spec: { group, names, scope: namespaced ? 'Namespaced' : 'Cluster', versions },
      status: { acceptedNames: names, storedVersions: [storageVersionOf(resource).name] },
    }
  }

  #resource(group: string, kind: string): Resource {
    const resource = this.#byKind.get(`${group}/${kind}`)
    if (resource === undefined) throw new Error(`${this.name} does not serve ${group}/${kind}`)
    return resource
  }

  #storedVersion(resource: Resource): string {
    return apiVersionOf(resource.group, storageVersionOf(resource).name)
  }

  #uid(kind: string, name: string): string {
    const hex = hash('sha256', `${this.seed}/${this.name}/${kind}/${name}`, 'hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  }
}

/** The API server counts changes of the spec, and the wish to delete. A controller that fell behind missed one of them. */
function generationOf(draft: Draft, before: Written | null): number {
  if (before === null) return 1 + (draft.lag ?? 0)
  const counted = before.object.metadata.generation ?? 1
  const changed = !isDeepStrictEqual(draft.spec, before.draft.spec) || (draft.deletedAt && !before.draft.deletedAt)
  return counted + (changed ? 1 : 0) + Math.max(0, (draft.lag ?? 0) - (before.draft.lag ?? 0))
}
