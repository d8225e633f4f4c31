import type { KindKey } from '../../fleet/reference.ts'

/** What is sent in one request, between its head and its tail. */
export interface Outgoing {
  /** When all of it was true, by Rollcall's clock. */
  readonly at: Date
  readonly lines: readonly string[]
}

interface Waiting {
  /** The newest line of each object, by key. */
  readonly lines: Map<string, string>
  /** When the oldest of them was heard of. */
  readonly oldest: Date
}

/** Changes that wait to be sent: of each object the newest, within bounds. */
export class Batch {
  readonly #objectsMax: number
  readonly #bytesMax: number
  readonly #kinds = new Map<KindKey, Waiting>()
  #objects = 0
  #bytes = 0

  constructor(objectsMax: number, bytesMax: number) {
    this.#objectsMax = objectsMax
    this.#bytesMax = bytesMax
  }

  get isEmpty(): boolean {
    return this.#objects === 0
  }

  has(kind: KindKey): boolean {
    return this.#kinds.has(kind)
  }

  /** Takes in a change that was heard of at `at`; false, and nothing is taken, when there is no room. */
  put(kind: KindKey, key: string, line: string, at: Date): boolean {
    const waiting = this.#kinds.get(kind)
    const before = waiting?.lines.get(key)
    const objects = this.#objects + (before === undefined ? 1 : 0)
    // Characters: two bytes at most in memory, and near enough to what travels.
    const bytes = this.#bytes + line.length - (before?.length ?? 0)
    if (objects > this.#objectsMax || bytes > this.#bytesMax) return false
    const { lines } = waiting ?? this.#open(kind, at)
    lines.set(key, line)
    this.#objects = objects
    this.#bytes = bytes
    return true
  }

  #open(kind: KindKey, oldest: Date): Waiting {
    const waiting = { lines: new Map<string, string>(), oldest }
    this.#kinds.set(kind, waiting)
    return waiting
  }

  /**
   * What goes into one request; null when nothing waits. It is dated by its oldest change, since a later date would make an older state win
   * over what others read meanwhile. A kind of which something later was said already (`saidAt`) waits for a request of its own.
   */
  drain(saidAt: (kind: KindKey) => Date | null): (Outgoing & { readonly kinds: readonly KindKey[] }) | null {
    const waiting = [...this.#kinds].sort(([, a], [, b]) => a.oldest.getTime() - b.oldest.getTime())
    const at = waiting[0]?.[1].oldest
    if (at === undefined) return null
    const taken = waiting.filter(([kind], n) => n === 0 || (saidAt(kind)?.getTime() ?? 0) <= at.getTime())
    const lines = taken.flatMap(([kind, waits]) => [
      JSON.stringify({ type: 'kind', kind, proof: 'delta' }),
      ...waits.lines.values(),
    ])
    for (const [kind, waits] of taken) {
      this.#kinds.delete(kind)
      this.#objects -= waits.lines.size
      for (const line of waits.lines.values()) this.#bytes -= line.length
    }
    return { at, lines, kinds: taken.map(([kind]) => kind) }
  }
}
