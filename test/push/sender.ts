import { randomUUID } from 'node:crypto'
import type { Kinds } from '../../fleet/kinds/declared.ts'
import { bucketOf, printOf, printsDigest } from '../../fleet/push/print.ts'
import { project } from '../../fleet/push/project.ts'
import type { Want } from '../../fleet/push/protocol.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { type FakeCluster, idOf, widgets } from './cluster.ts'

export type Line = Readonly<Record<string, unknown>>

/**
 * What an agent says of a cluster, without an agent: each method gives the lines of what is true at this moment. It keeps nothing but
 * its session, so that whatever is lost was lost on the way.
 */
export class FakeSender {
  readonly source: string
  readonly cluster: FakeCluster
  epoch = 0
  agent = 'fake/1'
  /** By which objects are cut down to what is read of them; null: they are sent whole. */
  kinds: Kinds | null = null
  /** Kinds to be said anew: what was said of them before was cut down to what is no longer all that is read. */
  readonly #untold = new Set<KindKey>()
  #seq = 0

  constructor(source: string, cluster: FakeCluster) {
    this.source = source
    this.cluster = cluster
  }

  /** The body that opens a session. */
  opening() {
    return { version: 1, agent: this.agent, server: this.server() }
  }

  opened(epoch: number, kinds: Kinds | null = null): void {
    if (this.kinds !== null && this.kinds !== kinds) for (const kind of this.cluster.kinds) this.#untold.add(kind)
    this.epoch = epoch
    this.kinds = kinds
    this.#seq = 0
  }

  server() {
    const { uid, kinds } = this.cluster
    return {
      uid,
      version: 'v1.34.0',
      kinds: kinds.map((kind) => ({
        kind,
        version: kind === widgets ? 'v1' : 'v1beta2',
        otherVersions: [],
        plural: `${kind.slice(kind.indexOf('/') + 1).toLowerCase()}s`,
        namespaced: true,
      })),
    }
  }

  /** A whole request: head, lines, tail. */
  request(at: Date, lines: readonly Line[], { epoch = this.epoch, seq = ++this.#seq } = {}): string {
    const head = { type: 'head', version: 1, epoch, seq, at: at.toISOString(), agent: this.agent }
    return textOf([head, ...lines, { type: 'tail', lines: lines.length + 2 }])
  }

  changes(kind: KindKey, ...names: readonly string[]): Line[] {
    return [{ type: 'kind', kind, proof: 'delta' }, ...names.map((name) => this.#one(kind, name))]
  }

  /** A full reading, begun now, in so many pages: the lines of each. */
  reading(kind: KindKey, at: Date, pages = 1): Line[][] {
    const names = this.cluster.names(kind)
    const run = { id: randomUUID(), startedAt: at.toISOString() }
    const size = Math.ceil(names.length / pages)
    return Array.from({ length: pages }, (_, page) => {
      const proof = page === pages - 1 ? 'end' : 'page'
      const some = names.slice(page * size, page === pages - 1 ? undefined : (page + 1) * size)
      const line = { type: 'kind', kind, proof, run, page, cursor: this.cluster.version }
      return [line, ...some.map((name) => this.#one(kind, name))]
    })
  }

  digest(kind: KindKey, withBuckets = false): Line {
    const { count, digest, buckets } = printsDigest(this.#prints(kind))
    return { type: 'digest', kind, count, digest, ...(withBuckets ? { buckets: Object.fromEntries(buckets) } : {}) }
  }

  digests(): Line[] {
    return this.cluster.kinds.map((kind) => this.digest(kind))
  }

  /** Says everything anew, as long as another fleet file asks for it; the same lines are then heard. */
  anew(at: Date): Line[] {
    return [...this.#untold].flatMap((kind) => this.reading(kind, at).flat())
  }

  heard(): void {
    this.#untold.clear()
  }

  /** What answers a wish. */
  wanted(want: Want, at: Date): Line[] {
    const { kind } = want
    switch (want.what) {
      case 'reading':
        return this.reading(kind, at).flat()
      case 'buckets':
        return [this.digest(kind, true)]
      case 'object':
        return this.changes(kind, want.name)
      case 'objects': {
        const names = this.cluster
          .names(kind)
          .filter((name) => want.buckets.includes(bucketOf(idOf(this.source, kind, name))))
        return [
          { type: 'kind', kind, proof: 'buckets', buckets: want.buckets },
          ...names.map((name) => this.#one(kind, name)),
        ]
      }
    }
  }

  #one(kind: KindKey, name: string): Line {
    const wire = this.cluster.get(kind, name)
    if (wire === null) return { type: 'gone', namespace: 'fleet', name }
    if (!this.cluster.isReadable(kind, name))
      return { type: 'unreadable', namespace: 'fleet', name, why: 'it is too large' }
    return { type: 'object', object: this.kinds === null ? wire : project(wire, this.kinds.of(kind)) }
  }

  #prints(kind: KindKey): Map<string, string> {
    const prints = new Map<string, string>()
    for (const name of this.cluster.names(kind)) {
      const print = this.cluster.isReadable(kind, name) ? printOf(this.cluster.get(kind, name)) : null
      if (print !== null) prints.set(idOf(this.source, kind, name), print)
    }
    return prints
  }
}

const textOf = (lines: readonly Line[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('')
