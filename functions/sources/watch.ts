import type { Delivery, ServedKind, Trouble } from '../../fleet/delivery.ts'
import type { KindKey, ObjectRef } from '../../fleet/reference.ts'
import type { Kube } from './kube.ts'
import { kindPath } from './page.ts'
import { recordOf } from './trouble.ts'

export type CatchUp =
  | { readonly as: 'delivery'; readonly delivery: Delivery }
  /** Nothing is proven; only a full LIST will do. */
  | { readonly as: 'relist' }
  /** A LIST would fare no better. */
  | { readonly as: 'trouble'; readonly kind: KindKey; readonly trouble: Trouble; readonly conversion: false }

/** Bytes of events held by all watches of one poll together. */
export interface Held {
  bytes: number
}

/** Timers of two machines never agree to the millisecond. */
const toleranceMs = 25

/**
 * Reads what happened to one kind since `cursor`, with one bounded watch (design.md 8.2). It counts only when the server
 * answered 200 and ended the stream itself at its timeout without an ERROR event: it then had nothing newer.
 */
export async function catchUp(kube: Kube, served: ServedKind, cursor: string, held: Held): Promise<CatchUp> {
  const { limits } = kube.budget
  const news: News = { cursor, events: 0, objects: new Map(), gone: new Map() }
  const timeoutMs = limits.watchSeconds * 1000
  const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=${limits.watchSeconds}`
  const path = `${kindPath(served)}?${query}&resourceVersion=${encodeURIComponent(cursor)}`
  const end = await kube.stream(
    path,
    (line, bytes) => {
      held.bytes += bytes
      return heed(news, served, line) && news.events <= limits.watchEvents && held.bytes <= limits.watchBytes
    },
    timeoutMs,
  )
  if (end.as === 'failure') {
    const { code } = end.trouble
    // Throttled: a LIST costs the server more. Unauthorized: it is for the whole source. Anything else is for the LIST to tell.
    return code === 'Throttled' || code === 'Unauthorized'
      ? { as: 'trouble', kind: served.kind, trouble: end.trouble, conversion: false }
      : { as: 'relist' }
  }
  // A server that shuts down ends its watches early and as properly as ever.
  if (end.as === 'stopped' || end.elapsedMs < timeoutMs - toleranceMs) return { as: 'relist' }
  return {
    as: 'delivery',
    delivery: {
      source: kube.source,
      kind: served.kind,
      // The end, not the beginning: the server vouched for everything up to its timeout.
      observedAt: kube.now(),
      objects: [...news.objects.values()],
      gone: [...news.gone.values()],
      rejected: [],
      proof: { as: 'caughtUp', cursor: news.cursor },
    },
  }
}

/** What a watch told so far: the last event of each object, by namespace and name. */
interface News {
  cursor: string
  events: number
  readonly objects: Map<string, unknown>
  readonly gone: Map<string, ObjectRef>
}

/** Takes in one event; false when the watch proves nothing any more. */
function heed(news: News, served: ServedKind, line: unknown): boolean {
  const event = eventOf(served, line)
  if (event === null) return false
  news.cursor = event.cursor
  if (event.as === 'bookmark') return true
  const key = `${event.ref.namespace}/${event.ref.name}`
  news.events++
  if (event.as === 'there') {
    news.gone.delete(key)
    news.objects.set(key, event.object)
  } else {
    news.objects.delete(key)
    news.gone.set(key, event.ref)
  }
  return true
}

/** One line of a watch; `cursor` is where to go on behind it. */
export type WatchEvent =
  | { readonly as: 'bookmark'; readonly cursor: string }
  | { readonly as: 'there'; readonly cursor: string; readonly ref: ObjectRef; readonly object: unknown }
  | { readonly as: 'gone'; readonly cursor: string; readonly ref: ObjectRef }

/** Reads one line of a watch; null for an ERROR, and for what no API server sends. */
export function eventOf(served: ServedKind, line: unknown): WatchEvent | null {
  const { type, object } = recordOf(line)
  const metadata = recordOf(recordOf(object).metadata)
  const { name, namespace = '', resourceVersion: cursor } = metadata
  if (typeof cursor !== 'string' || cursor === '') return null // ERROR carries a Status, which has none.
  if (type === 'BOOKMARK') return { as: 'bookmark', cursor }
  if (typeof name !== 'string' || typeof namespace !== 'string') return null
  const [group = '', kind = ''] = served.kind.split('/')
  const ref = { group, kind, namespace, name }
  if (type === 'ADDED' || type === 'MODIFIED') return { as: 'there', cursor, ref, object }
  return type === 'DELETED' ? { as: 'gone', cursor, ref } : null
}
