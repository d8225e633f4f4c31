import { sql } from 'drizzle-orm'
import { rowsOf, type Store } from '../../db/client.ts'
import { progressOf } from '../../db/reading.ts'
import type { FakeCluster, State } from './cluster.ts'
import type { FakeSender, Line } from './sender.ts'

/** An object as somebody said it: by kind and name, in a version of the cluster. */
export interface Said {
  readonly key: string
  readonly version: number
}

interface Row {
  readonly key: string
  readonly print: string | null
  readonly goneAt: string | null
}

/**
 * What a store owes: for every object the newest state that it has shown, that it took with an answer, or that it vouches for. It may
 * know something newer, and never again anything older.
 */
export class Truth {
  readonly #source: string
  readonly #cluster: FakeCluster
  readonly #owed = new Map<string, number>()

  constructor(source: string, cluster: FakeCluster) {
    this.#source = source
    this.#cluster = cluster
  }

  /** A request was answered with 202. What became unreadable since need not be known as it was before: the store may have heard so first. */
  accepted(said: readonly Said[]): void {
    for (const { key, version } of said) {
      const since = this.#cluster.history.get(key)?.filter((state) => state.version > version) ?? []
      if (!since.some((state) => state.is === 'unreadable')) this.#owe(key, version)
    }
  }

  /** What the store has lost, or put something older over. Call it after every step. */
  async broken({ db }: Store): Promise<string[]> {
    const isThere = new Set<string>()
    for (const { kind, verifiedAt, caughtUpAt } of await progressOf(db, this.#source)) {
      // A kind that was read to its end, or confirmed, is from then on known as it was at that instant.
      const instant = Math.max(verifiedAt?.getTime() ?? 0, caughtUpAt?.getTime() ?? 0)
      for (const key of this.#cluster.history.keys()) {
        const state = key.startsWith(`${kind} `) ? this.#stateAt(key, instant) : undefined
        if (state === undefined || state.is === 'unreadable') continue
        this.#owe(key, state.version)
        if (state.is === 'there') isThere.add(key)
      }
    }
    const rows = await rowsOf<Row>(
      db,
      sql`select kind || ' ' || name as key, print, gone_at as "goneAt" from object where source_id = ${this.#source}`,
    )
    const broken = rows.flatMap((row) => this.#compare(row) ?? [])
    for (const { key } of rows) isThere.delete(key)
    for (const [key, version] of this.#owed)
      if (this.#state(key, version)?.is === 'there' && !rows.some((row) => row.key === key)) isThere.add(key)
    return [...broken, ...[...isThere].map((key) => `${key} is missing`)]
  }

  #compare({ key, print, goneAt }: Row): string | null {
    const states = this.#cluster.history.get(key) ?? []
    const state = states.findLast((one) =>
      goneAt === null ? one.print === print : one.is === 'gone' && one.since <= Date.parse(goneAt),
    )
    if (state === undefined) return `${key} never was so`
    const owed = this.#owed.get(key) ?? 0
    // Made and deleted once more, and not readable between: gone is gone.
    if (goneAt !== null && this.#state(key, owed)?.is === 'gone') return null
    this.#owe(key, state.version)
    return state.version < owed ? `${key} went back to version ${state.version} from ${owed}` : null
  }

  #owe(key: string, version: number): void {
    this.#owed.set(key, Math.max(version, this.#owed.get(key) ?? 0))
  }

  #stateAt = (key: string, instant: number): State | undefined =>
    this.#cluster.history.get(key)?.findLast(({ since }) => since <= instant)
  #state = (key: string, version: number): State | undefined =>
    this.#cluster.history.get(key)?.find((one) => one.version === version)
}

/** What a request says of objects, true at this moment. */
export function saidIn({ cluster }: FakeSender, lines: readonly Line[]): Said[] {
  let kind: unknown
  return lines.flatMap((line) => {
    if (line.type === 'kind') kind = line.kind
    if (line.type !== 'object' && line.type !== 'gone') return []
    const name = line.type === 'gone' ? line.name : Object(Object(line.object).metadata).name
    const key = `${kind} ${name}`
    const state = cluster.history.get(key)?.at(-1)
    return state === undefined ? [] : [{ key, version: state.version }]
  })
}
