import { printOf } from '../../fleet/push/print.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { deployment } from '../db/wire.ts'

export const machineSets: KindKey = 'cluster.x-k8s.io/MachineSet'
export const deployments: KindKey = 'cluster.x-k8s.io/MachineDeployment'

interface Held {
  readonly uid: string
  readonly resourceVersion: number
  readonly ready: number
}

/** One state of an object. */
export interface State {
  /** In ms since 1970. */
  readonly since: number
  /** Of the cluster when it came about. */
  readonly version: number
  /** Null: it is not there. */
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
  put(kind: KindKey, name: string, ready: number, at: Date): void {
    const held = this.#of(kind)
    const resourceVersion = ++this.#version
    held.set(name, { uid: held.get(name)?.uid ?? `uid-${name}-${resourceVersion}`, resourceVersion, ready })
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

  /** The wire object; null where there is none. */
  get(kind: KindKey, name: string): object | null {
    const held = this.#of(kind).get(name)
    if (held === undefined) return null
    const wire = deployment(name, { ready: held.ready, uid: held.uid })
    const metadata = { ...wire.metadata, resourceVersion: String(held.resourceVersion) }
    return { ...wire, kind: kind.slice(kind.indexOf('/') + 1), metadata }
  }

  all(kind: KindKey): object[] {
    return this.names(kind).flatMap((name) => this.get(kind, name) ?? [])
  }

  /** `name ready version` of all there is, as `storedIn` gives it of the store. */
  told(): string[] {
    return this.kinds
      .flatMap((kind) => [...this.#of(kind)].map(([name, { ready, uid }]) => `${kind} ${name} ${ready} ${uid}`))
      .sort()
  }

  #of(kind: KindKey): Map<string, Held> {
    const held = this.#kinds.get(kind)
    if (held === undefined) throw new Error(`${kind} is not served here`)
    return held
  }

  #remember(kind: KindKey, name: string, at: Date): void {
    const key = `${kind} ${name}`
    const state = { since: at.getTime(), version: this.#version, print: printOf(this.get(kind, name)) }
    this.history.set(key, [...(this.history.get(key) ?? []), state])
  }
}
