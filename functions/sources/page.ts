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
      /** What to ask for in the next page. */
      readonly limit: number
    }
  | Failure

const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

/**
 * One page of a LIST. A page over the byte cap is asked again at half the limit; a single object over it is asked for
 * by its metadata alone, so that it is known to exist and the list can go on behind it.
 */
export async function readPage(kube: Kube, served: ServedKind, from: Continuation | null): Promise<PageReply> {
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
    if (limit <= 1) return readNameOnly(kube, served, from)
  }
}

async function readNameOnly(kube: Kube, served: ServedKind, from: Continuation | null): Promise<PageReply> {
  const reply = await kube.get(pagePath(served, 1, from), { accept: metadataOnly })
  if (reply.as === 'notModified') return unexpected(kube, served, 'a 304 that nobody asked for')
  if (reply.as === 'failure') return reply
  const page = pageOf(kube, served, reply.body, 1)
  if (page.as === 'failure') return page
  const mebibytes = kube.budget.limits.pageBytes / 1024 / 1024
  const rejected = page.objects.map((object) => {
    const { name, namespace } = recordOf(recordOf(object).metadata)
    const [group = '', kind = ''] = served.kind.split('/')
    const ref = { group, kind, namespace: String(namespace ?? ''), name: String(name) }
    return {
      ref,
      why: `${kind} ${ref.namespace === '' ? '' : `${ref.namespace}/`}${ref.name} is larger than ${mebibytes} MiB and was not read`,
    }
  })
  return { ...page, objects: [], rejected, limit: 1 }
}

/** `/apis/<group>/<version>/<plural>`, over all namespaces. */
export const kindPath = (served: ServedKind): string =>
  `${groupPath(served.kind.split('/', 1).join(''), served.version)}/${served.plural}`

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
  return {
    as: 'page',
    objects: (items ?? []).map((item: unknown) => withKind(item, apiVersion, served)),
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
