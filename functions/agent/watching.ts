import type { ServedKind } from '../../fleet/delivery.ts'
import type { Kind } from '../../fleet/kinds/kind.ts'
import type { Kube } from '../sources/kube.ts'
import { kindPath } from '../sources/page.ts'
import { eventOf } from '../sources/watch.ts'
import { type Entry, entryOf, keyOf } from './entry.ts'

/** One change of one object. */
export type Change = { readonly as: 'there'; readonly entry: Entry } | { readonly as: 'gone'; readonly key: string }

export type WatchEnd =
  /** The server ended it at its timeout: it can go on from `cursor`. */
  | { readonly as: 'due'; readonly cursor: string }
  /** Nothing is proven of what happened meanwhile: only a LIST will do. `anew`: the past is another one, so everything is read again. */
  | { readonly as: 'broken'; readonly anew: boolean; readonly why: string }

export interface WatchOptions {
  /** What reads the objects. */
  readonly kind: Kind
  readonly seconds: number
  readonly lineBytesMax: number
}

/** Timers of two machines never agree to the millisecond. */
const toleranceMs = 25

/** Watches a kind from `cursor` on until the server ends it, something breaks, or `onChange` gives false. */
export async function watch(
  kube: Kube,
  served: ServedKind,
  from: string,
  { kind, seconds, lineBytesMax }: WatchOptions,
  onChange: (change: Change) => boolean,
): Promise<WatchEnd> {
  let cursor = from
  const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=${seconds}&resourceVersion=${encodeURIComponent(from)}`
  const heed = (line: unknown): boolean => {
    const event = eventOf(served, line)
    if (event === null) return false
    if (event.as === 'there') {
      const entry = entryOf(kind, event.object, lineBytesMax)
      if (entry === null || !onChange({ as: 'there', entry })) return false
    }
    if (event.as === 'gone' && !onChange({ as: 'gone', key: keyOf(event.ref.namespace, event.ref.name) })) return false
    cursor = event.cursor
    return true
  }
  const end = await kube.stream(`${kindPath(served)}?${query}`, heed, seconds * 1000)
  if (end.as === 'failure') return { as: 'broken', anew: end.said?.fromTheFuture === true, why: end.trouble.message }
  if (end.as === 'stopped')
    return { as: 'broken', anew: false, why: 'it was stopped, or the server said that it cannot go on' }
  // A server that shuts down ends its watches early and as properly as ever.
  if (end.elapsedMs < seconds * 1000 - toleranceMs)
    return { as: 'broken', anew: false, why: 'the server ended it early' }
  return { as: 'due', cursor }
}
