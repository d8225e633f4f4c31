import { type KubeWire, type Resource, resourceName } from './object.ts'

export interface StoredEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly revision: number
  readonly key: string
  /** The new state; of a deletion the last one, with the deletion's revision. */
  readonly object: KubeWire
  readonly previous: KubeWire | null
}

interface Shelf {
  readonly objects: Map<string, KubeWire>
  /** Old to new. */
  log: StoredEvent[]
  sorted: readonly KubeWire[] | null
  lastRevision: number
}

/**
 * What etcd and the watch cache are to an API server: every object, one revision counter, and the past.
 * `compact` forgets it for lists (continue tokens, exact versions), `forget` for watches, as on a real server.
 */
export class Storage {
  /** Wakes watchers; called after each write. */
  readonly #listeners = new Map<string, Set<(event: StoredEvent) => void>>()
  readonly #shelves = new Map<string, Shelf>()
  #revision: number
  #compacted: number
  #forgotten: number

  constructor(firstRevision: number) {
    this.#revision = firstRevision
    this.#compacted = firstRevision
    this.#forgotten = firstRevision
  }

  get revision(): number {
    return this.#revision
  }

  get compacted(): number {
    return this.#compacted
  }

  get forgotten(): number {
    return this.#forgotten
  }

  /** Objects ever held at once, over all kinds. */
  get size(): number {
    return [...this.#shelves.values()].reduce((sum, shelf) => sum + shelf.objects.size, 0)
  }

  get(resource: Resource, namespace: string, name: string): KubeWire | null {
    return this.#shelf(resource).objects.get(keyOf(namespace, name)) ?? null
  }

  /** Creates or replaces; gives the object with its new resourceVersion. */
  put(resource: Resource, object: KubeWire): KubeWire {
    const shelf = this.#shelf(resource)
    const key = keyOf(object.metadata.namespace ?? '', object.metadata.name)
    const previous = shelf.objects.get(key) ?? null
    const stored = this.#stamp(object)
    shelf.objects.set(key, stored)
    this.#record(resource, shelf, { type: previous === null ? 'ADDED' : 'MODIFIED', key, object: stored, previous })
    return stored
  }

  /** Gives the object as it was, or null where there was none. */
  delete(resource: Resource, namespace: string, name: string): KubeWire | null {
    const shelf = this.#shelf(resource)
    const key = keyOf(namespace, name)
    const previous = shelf.objects.get(key)
    if (previous === undefined) return null
    shelf.objects.delete(key)
    this.#record(resource, shelf, { type: 'DELETED', key, object: this.#stamp(previous), previous })
    return previous
  }

  /** In key order, as etcd returns them. */
  list(resource: Resource): readonly KubeWire[] {
    const shelf = this.#shelf(resource)
    shelf.sorted ??= inKeyOrder(shelf.objects)
    return shelf.sorted
  }

  /** As it was at `revision`; null when that was compacted away. */
  listAt(resource: Resource, revision: number): readonly KubeWire[] | null {
    if (revision < this.#compacted) return null
    const shelf = this.#shelf(resource)
    if (shelf.lastRevision <= revision) return this.list(resource)
    const past = new Map(shelf.objects)
    for (const event of shelf.log.toReversed()) {
      if (event.revision <= revision) break
      if (event.previous === null) past.delete(event.key)
      else past.set(event.key, event.previous)
    }
    return inKeyOrder(past)
  }

  /** What happened after `revision`; null when the watch cache no longer knows. */
  eventsAfter(resource: Resource, revision: number): readonly StoredEvent[] | null {
    if (revision < this.#forgotten) return null
    return this.#shelf(resource).log.filter((event) => event.revision > revision)
  }

  /** The newest revision that touched this kind. */
  lastRevisionOf(resource: Resource): number {
    return this.#shelf(resource).lastRevision
  }

  compact(revision = this.#revision): void {
    this.#compacted = Math.max(this.#compacted, revision)
    this.#trim()
  }

  forget(revision = this.#revision): void {
    this.#forgotten = Math.max(this.#forgotten, revision)
    this.#trim()
  }

  /** Gives a function that ends the subscription. */
  subscribe(resource: Resource, listener: (event: StoredEvent) => void): () => void {
    const name = resourceName(resource)
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  #shelf(resource: Resource): Shelf {
    const name = resourceName(resource)
    const shelf = this.#shelves.get(name) ?? { objects: new Map(), log: [], sorted: null, lastRevision: 0 }
    this.#shelves.set(name, shelf)
    return shelf
  }

  #stamp(object: KubeWire): KubeWire {
    this.#revision += 1
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#revision) } }
  }

  #record(resource: Resource, shelf: Shelf, event: Omit<StoredEvent, 'revision'>): void {
    const recorded = { ...event, revision: this.#revision }
    shelf.log.push(recorded)
    shelf.sorted = null
    shelf.lastRevision = this.#revision
    for (const listener of this.#listeners.get(resourceName(resource)) ?? []) listener(recorded)
  }

  #trim(): void {
    const needless = Math.min(this.#compacted, this.#forgotten)
    for (const shelf of this.#shelves.values()) shelf.log = shelf.log.filter((event) => event.revision > needless)
  }
}

const keyOf = (namespace: string, name: string): string => (namespace === '' ? name : `${namespace}/${name}`)

/** The key that lists order by and continue tokens start from. */
export const keyOfObject = (object: KubeWire): string => keyOf(object.metadata.namespace ?? '', object.metadata.name)

function inKeyOrder(objects: ReadonlyMap<string, KubeWire>): readonly KubeWire[] {
  return [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)
}
