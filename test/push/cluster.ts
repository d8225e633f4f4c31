import { printOf } from '../../fleet/push/print.ts'
import { type KindKey, type ObjectRef, objectIdOf } from '../../fleet/reference.ts'
import { deployment, refOf } from '../db/wire.ts'

export const machineSets: KindKey = 'cluster.x-k8s.io/MachineSet'
export const deployments: KindKey = 'cluster.x-k8s.io/MachineDeployment'
/** What operators declare, in one way or another (test/push/declared.ts). */
export const widgets: KindKey = 'example.org/Widget'

interface Held {
  readonly uid: string
  readonly resourceVersion: number
  readonly ready: number
  readonly isReadable: boolean
}

/** One state of an object. */
export interface State {
  /** In ms since 1970. */
  readonly since: number
  /** Of the cluster when it came about. */
  readonly version: number
  /** An object may be there and be too large for anybody to read. */
  readonly is: 'there' | 'unreadable' | 'gone'
  /** Of one that is there. */
  readonly print: string | null
}

/** A management cluster as its API server has it: objects of a few kinds, each with a version that only grows. */
export class FakeCluster {
  readonly uid: string
  readonly #kinds = new Map<KindKey, Map<string, Held>>()
  /** What every object ever was, by kind and name. */
  readonly history = new Map<string, State[]>()
  #version = 0

  constructor(uid: string, kinds: readonly KindKey[] = [deployments, machineSets]) {
    this.uid = uid
    for (const kind of kinds) this.#kinds.set(kind, new Map())
  }

  get kinds(): readonly KindKey[] {
    return [...this.#kinds.keys()]
  }

  get version(): string {
    return String(this.#version)
  }

  /** Makes or changes an object. A change that leaves `ready` as it is says nothing new, in a new version. */
  put(kind: KindKey, name: string, ready: number, at: Date, isReadable = true): void {
    const held = this.#of(kind)
    const resourceVersion = ++this.#version
    held.set(name, { uid: held.get(name)?.uid ?? `uid-${name}-${resourceVersion}`, resourceVersion, ready, isReadable })
    this.#remember(kind, name, at)
  }

  delete(kind: KindKey, name: string, at: Date): void {
    if (!this.#of(kind).delete(name)) return
    this.#version++
    this.#remember(kind, name, at)
  }

  names(kind: KindKey): string[] {
    return [...this.#of(kind).keys()].sort()
  }

  isReadable(kind: KindKey, name: string): boolean {
    return this.#of(kind).get(name)?.isReadable ?? true
  }

  /** The wire object; null where there is none. */
  get(kind: KindKey, name: string): object | null {
    const held = this.#of(kind).get(name)
    if (held === undefined) return null
    const wire = deployment(name, { ready: held.ready, uid: held.uid })
    const metadata = { ...wire.metadata, resourceVersion: String(held.resourceVersion) }
    const apiVersion = kind === widgets ? 'example.org/v1' : wire.apiVersion
    const status = { ...wire.status, ...(kind === widgets ? { spareReplicas: held.ready + 10 } : {}) }
    return { ...wire, apiVersion, kind: kind.slice(kind.indexOf('/') + 1), metadata, status }
  }

  /** Of those that can be read. */
  all(kind: KindKey): object[] {
    return this.names(kind).flatMap((name) => (this.isReadable(kind, name) ? (this.get(kind, name) ?? []) : []))
  }

  /** Those that cannot. */
  unreadable(kind: KindKey): ObjectRef[] {
    return this.names(kind).flatMap((name) => (this.isReadable(kind, name) ? [] : [refOf(name, kind)]))
  }

  /** `kind name ready uid` of all that can be read, as `storedIn` gives it of the store. */
  told(readyOf: (kind: KindKey, ready: number) => number = (_, ready) => ready): string[] {
    return this.kinds
      .flatMap((kind) =>
        [...this.#of(kind)].flatMap(([name, { ready, uid, isReadable }]) =>
          isReadable ? [`${kind} ${name} ${readyOf(kind, ready)} ${uid}`] : [],
        ),
      )
      .sort()
  }

  #of(kind: KindKey): Map<string, Held> {
    const held = this.#kinds.get(kind)
    if (held === undefined) throw new Error(`${kind} is not served here`)
    return held
  }

  #remember(kind: KindKey, name: string, at: Date): void {
    const key = `${kind} ${name}`
    const wire = this.get(kind, name)
    const is = wire === null ? 'gone' : this.isReadable(kind, name) ? 'there' : 'unreadable'
    const print = is === 'there' ? printOf(wire) : null
    const state: State = { since: at.getTime(), version: this.#version, is, print }
    this.history.set(key, [...(this.history.get(key) ?? []), state])
  }
}

export const idOf = (source: string, kind: KindKey, name: string): string => objectIdOf(source, refOf(name, kind))
