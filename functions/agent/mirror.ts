import { bucketDigestOf, bucketOf, kindDigestOf } from '../../fleet/push/print.ts'
import type { DigestLine } from '../../fleet/push/protocol.ts'
import { type KindKey, objectIdOf } from '../../fleet/reference.ts'
import { nameOf } from './entry.ts'

interface Bucket {
  /** By key (entry.ts); null: has no part in the digest. */
  readonly prints: Map<string, string | null>
  /** Null: something changed since it was made. */
  digest: string | null
}

/** What Rollcall was told of one kind, as prints by name: all that is kept of an object. */
export class Mirror {
  readonly #source: string
  readonly #kind: KindKey
  readonly #buckets = new Map<string, Bucket>()

  /** `source` is what Rollcall calls the sender. */
  constructor(source: string, kind: KindKey) {
    this.#source = source
    this.#kind = kind
  }

  get(key: string): string | null | undefined {
    return this.#buckets.get(this.bucketOf(key))?.prints.get(key)
  }

  set(key: string, print: string | null): void {
    const name = this.bucketOf(key)
    const bucket = this.#buckets.get(name) ?? { prints: new Map<string, string | null>(), digest: null }
    this.#buckets.set(name, bucket)
    bucket.prints.set(flat(key), print === null ? null : flat(print))
    bucket.digest = null
  }

  delete(key: string): void {
    const name = this.bucketOf(key)
    const bucket = this.#buckets.get(name)
    if (bucket === undefined) return
    bucket.prints.delete(key)
    bucket.digest = null
    if (bucket.prints.size === 0) this.#buckets.delete(name)
  }

  *keys(): Generator<string> {
    for (const { prints } of this.#buckets.values()) yield* prints.keys()
  }

  /** How many objects these buckets hold. */
  countIn(buckets: ReadonlySet<string>): number {
    let count = 0
    for (const name of buckets) count += this.#buckets.get(name)?.prints.size ?? 0
    return count
  }

  /** The bucket of an object. */
  bucketOf(key: string): string {
    return bucketOf(this.#idOf(key))
  }

  /** The line for a digest exchange; `detailed`: with the digest of each bucket. */
  digest(detailed: boolean): DigestLine {
    let count = 0
    const digests = new Map<string, string>()
    for (const [name, bucket] of this.#buckets) {
      const told = [...bucket.prints].filter((entry): entry is [string, string] => entry[1] !== null)
      count += told.length
      if (told.length === 0) continue
      bucket.digest ??= bucketDigestOf(new Map(told.map(([key, print]) => [this.#idOf(key), print])))
      digests.set(name, bucket.digest)
    }
    const line = { type: 'digest', kind: this.#kind, count, digest: kindDigestOf(digests) } as const
    return detailed ? { ...line, buckets: Object.fromEntries(digests) } : line
  }

  #idOf(key: string): string {
    const slash = this.#kind.indexOf('/')
    const of = { group: this.#kind.slice(0, slash), kind: this.#kind.slice(slash + 1) }
    return objectIdOf(this.#source, { ...of, ...nameOf(key) })
  }
}

/** The same text in one piece: V8 keeps what was put together from parts as a tree of them, several times as large. */
const flat = (text: string): string => Buffer.from(text).toString('utf8')
