import { randomUUID } from 'node:crypto'
import type { Continuation, Delivery, Run, ServedKind, Trouble } from '../../fleet/delivery.ts'
import type { Rejection } from '../../fleet/observation.ts'
import type { KindKey } from '../../fleet/reference.ts'
import type { KindProgress } from '../../fleet/source.ts'
import type { Kube } from './kube.ts'
import { type PageReply, readPage } from './page.ts'

/** What a reading gives, piece by piece. */
export type Collected =
  | { readonly as: 'delivery'; readonly delivery: Delivery }
  | {
      readonly as: 'trouble'
      readonly kind: KindKey
      readonly trouble: Trouble
      /** The conversion webhook failed: another served version may be readable. */
      readonly conversion: boolean
    }
  /** The budget ended first: the next invocation goes on with this kind. */
  | { readonly as: 'left'; readonly kind: KindKey }

/** Where a LIST stands: which run, which page, and from where to go on. */
interface Place {
  readonly run: Run
  readonly page: number
  /** Null: the first page. */
  readonly next: Continuation | null
  /** The last object before it, for people; null when nobody remembers. */
  readonly behind: string | null
  /** The resourceVersion of the run's snapshot, once a page told it. */
  readonly cursor: string | null
  readonly consistent: boolean
  readonly restarts: number
}

/**
 * A full LIST of one kind, page by page, from its start or from where an earlier invocation left it. The next page is
 * fetched while the caller stores the last one; there are never more than these two in memory.
 */
export async function* listKind(kube: Kube, served: ServedKind, open: KindProgress['open']): AsyncGenerator<Collected> {
  const { limits } = kube.budget
  const { kind } = served
  let seen: { readonly run: string; readonly tokens: Set<string> } = { run: '', tokens: new Set() }
  let place = open === null || open.page + 1 >= limits.pages ? startOf(kube, 0) : resume(open)
  let pending = fetchPage(kube, served, place)
  for (;;) {
    const { reply, place: at } = await pending
    if (reply.as === 'failure') {
      const { trouble } = reply
      const conversion = (reply.said?.conversion ?? null) !== null
      // An answer that was too long and a budget that forbids to ask for less: no fault of the kind.
      const unfinished = outOfTime(kube, trouble) || (reply.oversize && kube.budget.spent())
      yield unfinished ? { as: 'left', kind } : { as: 'trouble', kind, trouble, conversion }
      return
    }
    const cursor = at.cursor ?? reply.resourceVersion
    const delivered = (next: Continuation | null): Collected => ({
      as: 'delivery',
      delivery: deliveryOf(kube.source, kind, reply, { ...at, cursor, next }),
    })
    if (reply.next === null) {
      yield delivered(null)
      return
    }
    if (seen.run !== at.run.id) seen = { run: at.run.id, tokens: new Set(at.next === null ? [] : [at.next.token]) }
    if (seen.tokens.has(reply.next) || at.page + 1 >= limits.pages) {
      yield { as: 'trouble', kind, trouble: endless(kube, served, at.page + 1), conversion: false }
      return
    }
    seen.tokens.add(reply.next)
    place = { ...at, cursor, page: at.page + 1, next: { token: reply.next, limit: reply.limit }, behind: reply.last }
    const spent = kube.budget.spent()
    if (!spent) {
      pending = fetchPage(kube, served, place)
      // Awaited in the next round; only a bug can make it throw, and then not while nobody listens.
      pending.catch(() => undefined)
    }
    yield delivered(place.next)
    if (spent) {
      yield { as: 'left', kind }
      return
    }
  }
}

const startOf = (kube: Kube, restarts: number): Place => ({
  run: { id: randomUUID(), startedAt: kube.now() },
  page: 0,
  next: null,
  behind: null,
  cursor: null,
  consistent: true,
  restarts,
})

function resume(open: NonNullable<KindProgress['open']>): Place {
  const { token, cursor } = unmarked(open.token)
  return {
    run: { id: open.runId, startedAt: open.startedAt },
    page: open.page,
    next: { token, limit: open.limit },
    behind: null,
    cursor,
    consistent: cursor === null,
    restarts: 0,
  }
}

/** One page; where its token has expired, the first page of a new run, or at last an inconsistent rest (domain.md 6). */
async function fetchPage(kube: Kube, served: ServedKind, from: Place): Promise<{ reply: PageReply; place: Place }> {
  let place = from
  for (;;) {
    const reply = await readPage(kube, served, place.next, place.behind)
    const expired = reply.as === 'failure' && place.next !== null && (reply.status === 410 || reply.status === 400)
    if (!expired) return { reply, place }
    if (place.restarts < kube.budget.limits.restarts) {
      place = startOf(kube, place.restarts + 1)
      continue
    }
    const token = reply.said?.continue ?? null
    // An inconsistent rest that expires again, or a server that offers none: nothing more can be done in this poll.
    if (token === null || !place.consistent || place.cursor === null) return { reply, place }
    place = { ...place, consistent: false, next: { token, limit: place.next?.limit ?? 1 } }
  }
}

function deliveryOf(source: string, kind: KindKey, reply: PageReply & { as: 'page' }, at: Place): Delivery {
  const { run, page, next, consistent } = at
  const cursor = at.cursor ?? reply.resourceVersion
  return {
    source,
    kind,
    // Every page shows the snapshot of the first, which is not older than its request.
    observedAt: run.startedAt,
    objects: reply.objects,
    gone: [],
    rejected: reply.rejected satisfies readonly Rejection[],
    proof:
      next === null
        ? { as: 'end', run, page, cursor, consistent }
        : { as: 'page', run, page, next: consistent ? next : { ...next, token: marked(next.token, cursor) } },
  }
}

/** The token of an inconsistent rest remembers that it is one, and the cursor of the run's first page, across invocations. */
const marked = (token: string, cursor: string): string => `~${cursor}~${token}`

function unmarked(token: string): { readonly token: string; readonly cursor: string | null } {
  const [, cursor, rest] = /^~([^~]*)~(.*)$/s.exec(token) ?? []
  return rest === undefined ? { token, cursor: null } : { token: rest, cursor: cursor ?? null }
}

/** Our own clock ended the request, not the server's silence. */
const outOfTime = (kube: Kube, { code }: Trouble): boolean =>
  kube.budget.signal.aborted || (code === 'Timeout' && kube.budget.leftMs() === 0)

function endless(kube: Kube, served: ServedKind, pages: number): Trouble {
  return {
    code: 'BadAnswer',
    message: `the list of ${served.plural} on ${kube.server} has no end: after ${pages} pages it repeats itself or goes on; nothing is derived from it`,
  }
}
