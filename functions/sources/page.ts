import type { Continuation, ServedKind } from '../../fleet/delivery.ts'
import type { Rejection } from '../../fleet/observation.ts'
import { groupPath } from './catalogue.ts'
import type { Failure, Kube } from './kube.ts'
import { recordOf } from './trouble.ts'

export type PageReply =
  | {
      readonly as: 'page'
      readonly objects: readonly unknown[]
      /** Known to exist, but over the size limit. */
      readonly rejected: readonly Rejection[]
      readonly resourceVersion: string
      /** The continue token; null at the end. */
      readonly next: string | null
      /** The last object of the page, for people: `fleet/weu-1`. Null: none, or it does not say. */
      readonly last: string | null
      /** What to ask for in the next page. */
      readonly limit: number
    }
  | Failure

const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

/**
 * One page of a LIST. A page over the byte cap is asked again at half the limit; a single object over it is only named,
 * so that it is known to exist and the list can go on behind it. `behind` is the last object before the page, where known.
 */
export async function readPage(
  kube: Kube,
  served: ServedKind,
  from: Continuation | null,
  behind: string | null = null,
): Promise<PageReply> {
  const { limits } = kube.budget
  for (let limit = from?.limit ?? limits.pageObjects; ; limit = Math.floor(limit / 2)) {
    const reply = await kube.get(pagePath(served, limit, from))
    if (reply.as === 'body') {
      // Small pages grow again, but not right back into the cap.
      const roomy = reply.bytes * 4 < limits.pageBytes
      return pageOf(kube, served, reply.body, Math.min(limits.pageObjects, roomy ? limit * 2 : limit))
    }
    if (reply.as === 'notModified') return unexpected(kube, served, 'a 304 that nobody asked for')
    if (!reply.oversize || kube.budget.spent()) return reply
    if (limit <= 1) {
      const named = await readNameOnly(kube, served, from)
      return named ?? alone(() => readLarge(kube, served, from, behind))
    }
  }
}

/** The metadata of one object too large to be read; null from a server that does not give metadata alone. */
async function readNameOnly(kube: Kube, served: ServedKind, from: Continuation | null): Promise<PageReply | null> {
  const reply = await kube.get(pagePath(served, 1, from), { accept: metadataOnly })
  if (reply.as === 'notModified') return unexpected(kube, served, 'a 304 that nobody asked for')
  if (reply.as === 'failure') return reply.status === 200 || reply.status === 406 ? null : reply
  if (reply.body.kind !== 'PartialObjectMetadataList') return null
  const page = pageOf(kube, served, reply.body, 1)
  if (page.as === 'failure' || page.objects.length > 1) return null
  const limit = mebibytes(kube.budget.limits.pageBytes)
  const rejected = page.objects.map((object) => rejectionOf(served, object, `is larger than ${limit} and was not read`))
  return { ...page, objects: [], rejected }
}

/**
 * The page of one object in full, whatever its shape: its name and the way on are taken and the rest is dropped. A server
 * that sends more than the one object gets those read that are within the cap.
 */
async function readLarge(
  kube: Kube,
  served: ServedKind,
  from: Continuation | null,
  behind: string | null,
): Promise<PageReply> {
  const { pageBytes, objectBytes } = kube.budget.limits
  const reply = await kube.get(pagePath(served, 1, from), { bytesMax: objectBytes })
  if (reply.as === 'notModified') return unexpected(kube, served, 'a 304 that nobody asked for')
  if (reply.as === 'failure') return reply.oversize ? tooLarge(kube, served, from, behind) : reply
  const page = pageOf(kube, served, reply.body, 1)
  if (page.as === 'failure') return page
  const objects: unknown[] = []
  const rejected: Rejection[] = []
  for (const object of page.objects) {
    const bytes = Buffer.byteLength(JSON.stringify(object))
    if (bytes <= pageBytes) objects.push(object)
    else {
      const why = `is ${mebibytes(bytes)}, more than the ${mebibytes(pageBytes)} that are read of one object, and was not read`
      rejected.push(rejectionOf(served, object, why))
    }
  }
  return { ...page, objects, rejected }
}

let before: Promise<unknown> = Promise.resolve()

/** One after the other, over all sources of this process: each may hold several times its bytes in memory. */
function alone<T>(work: () => Promise<T>): Promise<T> {
  const result = before.then(work)
  before = result.catch(() => undefined)
  return result
}

/** An object that was not read, by its name. Without one its kind proves no absence. */
function rejectionOf(served: ServedKind, object: unknown, why: string): Rejection {
  const [group = '', kind = ''] = served.kind.split('/')
  const { name, namespace } = recordOf(recordOf(object).metadata)
  if (typeof name !== 'string' || name === '') return { why: `a ${kind} that does not say its name ${why}` }
  const ref = { group, kind, namespace: typeof namespace === 'string' ? storable(namespace) : '', name: storable(name) }
  return { ref, why: `${kind} ${ref.namespace === '' ? '' : `${ref.namespace}/`}${ref.name} ${why}` }
}

/** As names are kept of objects that are read: PostgreSQL takes neither U+0000 nor half a surrogate pair. */
const storable = (text: string): string => text.replaceAll('\0', '').toWellFormed()

/** `22.4 MiB`. */
const mebibytes = (bytes: number): string => `${Math.round((bytes / 1024 / 1024) * 10) / 10} MiB`

function tooLarge(kube: Kube, served: ServedKind, from: Continuation | null, behind: string | null): Failure {
  const which = behind === null ? (from === null ? 'the first object' : 'an object') : `the object behind ${behind}`
  const message = `${which} in the list of ${served.plural} on ${kube.server} is larger than ${mebibytes(kube.budget.limits.objectBytes)}: neither it nor what is listed behind it was read; make it smaller or delete it`
  return { as: 'failure', trouble: { code: 'BadAnswer', message }, status: 200, said: null, oversize: false }
}

/** `/apis/<group>/<version>/<plural>`, over all namespaces. */
export const kindPath = (served: ServedKind): string =>
  `${groupPath(served.kind.split('/', 1).join(''), served.version)}/${served.plural}`

/** `/apis/<group>/<version>/namespaces/<namespace>/<plural>/<name>`. */
export function objectPath(served: ServedKind, namespace: string, name: string): string {
  const group = groupPath(served.kind.split('/', 1).join(''), served.version)
  const scope = served.namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${group}${scope}/${served.plural}/${encodeURIComponent(name)}`
}

function pagePath(served: ServedKind, limit: number, from: Continuation | null): string {
  const token = from === null ? '' : `&continue=${encodeURIComponent(from.token)}`
  return `${kindPath(served)}?limit=${limit}${token}`
}

function pageOf(kube: Kube, served: ServedKind, body: Readonly<Record<string, unknown>>, limit: number): PageReply {
  const { items, metadata, apiVersion } = body
  const { resourceVersion, continue: next } = recordOf(metadata)
  // Go writes an empty list as null where nobody took care.
  if (typeof resourceVersion !== 'string' || !(Array.isArray(items) || items === null))
    return unexpected(kube, served, 'something that is no list')
  const { name, namespace } = recordOf(recordOf(items?.at(-1)).metadata)
  return {
    as: 'page',
    objects: (items ?? []).map((item: unknown) => withKind(item, apiVersion, served)),
    last: typeof name === 'string' ? storable(`${typeof namespace === 'string' ? `${namespace}/` : ''}${name}`) : null,
    rejected: [],
    resourceVersion,
    next: typeof next === 'string' && next !== '' ? next : null,
    limit,
  }
}

/** Items of built-in lists do not say what they are, since their list does. */
function withKind(item: unknown, apiVersion: unknown, served: ServedKind): unknown {
  const record = recordOf(item)
  if (record !== item || record.kind !== undefined) return item
  return { apiVersion, kind: served.kind.split('/')[1], ...record }
}

function unexpected(kube: Kube, served: ServedKind, what: string): Failure {
  const trouble = { code: 'BadAnswer', message: `${kube.server} answered ${kindPath(served)} with ${what}` } as const
  return { as: 'failure', trouble, status: 200, said: null, oversize: false }
}
