import { randomUUID } from 'node:crypto'
import type { Db } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { dropReading, recordServed, recordTrouble } from '../../db/reading.ts'
import type { ServedKind, Trouble } from '../../fleet/delivery.ts'
import type { Kinds } from '../../fleet/kinds/declared.ts'
import { type KindKey, kindKeyOf } from '../../fleet/reference.ts'
import type { KindProgress } from '../../fleet/source.ts'
import { isRead } from './read-kind.ts'

/** What a server says it serves, where it is news. */
export interface News {
  readonly served: readonly ServedKind[]
  /** Kinds of groups that discovery could not read: neither served nor "not installed". */
  readonly troubled: readonly { readonly kind: KindKey; readonly trouble: Trouble }[]
}

interface NewsDeps {
  readonly db: Db
  readonly now: () => Date
  readonly kinds: Kinds
}

/**
 * Records it: a kind of ours that is not there is `NotInstalled`, one that discovery failed on is not, and one that nobody looks for any
 * more is let go of. Gives how many objects that took out of the inventory.
 */
export async function recordNews(
  deps: NewsDeps,
  source: string,
  { served, troubled }: News,
  known: readonly KindProgress[],
): Promise<number> {
  const { db, now, kinds } = deps
  const left = known.filter(({ kind }) => !isRead(kinds, kind)).map(({ kind }) => kind)
  let gone = 0
  for (const kind of left) gone += await forgetKind(deps, source, kind)
  const progress = known.filter(({ kind }) => !left.includes(kind))
  const unread = new Set(troubled.map(({ kind }) => kind))
  const kept = progress.flatMap((one) => (one.served !== null && unread.has(one.kind) ? [one.served] : []))
  const at = now()
  await recordServed(db, source, [...served, ...kept], at)
  for (const { kind, trouble } of troubled) await recordTrouble(db, { source, kind, at, trouble })
  const seen = new Set([...progress, ...served, ...troubled].map(({ kind }) => kind))
  for (const kind of kinds.list.filter(({ reach }) => reach.by === 'kube').map(kindKeyOf)) {
    if (seen.has(kind)) continue
    const trouble = { code: 'NotInstalled', message: `${source} does not serve ${kind}` } as const
    await recordTrouble(db, { source, kind, at, trouble })
  }
  return gone
}

/**
 * Lets go of a kind that left the fleet file. Nothing would ever tell how its objects are, so they are gone from the inventory, as those
 * of a source that left it; declared again, they return. Gives how many there were.
 */
async function forgetKind({ db, now, kinds }: NewsDeps, source: string, kind: KindKey): Promise<number> {
  const run = { id: randomUUID(), startedAt: now() }
  // A complete list of nothing: the one door tombstones what it does not name, with history and marks.
  const proof = { as: 'end', run, page: 0, cursor: '', consistent: true } as const
  const nothing = { objects: [], gone: [], rejected: [] }
  const delivery = { source, kind, observedAt: run.startedAt, ...nothing, proof }
  const { gone } = await ingest(db, delivery, { receivedAt: now(), kinds: kinds.of })
  await dropReading(db, source, kind)
  return gone
}
