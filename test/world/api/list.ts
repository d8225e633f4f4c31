import { badRequest, expired, expiredContinue, invalidOptions, Refusal } from './answer.ts'
import { type Exchange, metadataOf, sendJson, shapeOf } from './exchange.ts'
import { apiVersionOf, asVersion, type KubeWire } from './object.ts'
import { type Matcher, matcherOf } from './selector.ts'
import type { Target } from './server.ts'
import { keyOfObject } from './storage.ts'

interface Token {
  readonly v: 'meta.k8s.io/v1'
  /** −1: whatever is there now (after a 410). */
  readonly rv: number
  /** The first key not yet sent. */
  readonly start: string
}

/** Answers a LIST: paged, selected, of one snapshot. */
export async function list(exchange: Exchange, target: Target): Promise<void> {
  const { query } = exchange
  const limit = wholeNumber(query.get('limit') ?? '0')
  checkListOptions(query)
  const matches = matcherOf(query)
  const token = query.get('continue') ? decodeToken(query.get('continue') ?? '') : null
  const { objects, revision } = snapshotOf(target, query, token)
  const mine = target.namespace === '' ? objects : objects.filter((o) => o.metadata.namespace === target.namespace)
  const start = token === null ? '' : target.namespace === '' ? token.start : `${target.namespace}/${token.start}`
  const rest = start === '' ? mine : mine.slice(firstAtOrAfter(mine, start))
  // A list from the cache (resourceVersion=0) is one answer, whatever the limit.
  const page = take(rest, query.get('resourceVersion') === '0' ? 0 : limit, matches)
  const endless = target.faults.take('endless', target.name) !== null
  const next = endless
    ? encodeToken({ v: 'meta.k8s.io/v1', rv: revision, start: '' })
    : page.next === null
      ? undefined
      : encodeToken({ v: 'meta.k8s.io/v1', rv: token?.rv === -1 ? -1 : revision, start: startAfter(target, page.next) })
  const metadata = {
    ...(next === undefined ? {} : { continue: next }),
    ...(next === undefined || matches !== null || page.left === 0 ? {} : { remainingItemCount: page.left }),
    resourceVersion: String(revision),
  }
  await sendJson(exchange, 200, bodyOf(exchange, target, page.items, metadata), target.warnings)
}

function bodyOf(exchange: Exchange, target: Target, stored: readonly KubeWire[], metadata: object): object {
  const items = stored.map((object) => asVersion(target.resource, object, target.version.name))
  const huge = target.faults.take('huge', target.name)
  const first = items[0]
  if (huge !== null && first !== undefined)
    items[0] = { ...first, spec: { ...Object(first.spec), filler: 'x'.repeat(huge.bytes) } }
  if (shapeOf(exchange.accept) === 'metadata')
    return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: items.map(metadataOf) }
  const { group, kind } = target.resource
  return { apiVersion: apiVersionOf(group, target.version.name), items, kind: `${kind}List`, metadata }
}

/** The rules of apimachinery's internalversion/validation. */
function checkListOptions(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch') ?? ''
  const version = query.get('resourceVersion') ?? ''
  const causes: { field: string; message: string }[] = []
  const refuse = (message: string) => causes.push({ field: 'resourceVersionMatch', message })
  if (query.has('sendInitialEvents'))
    causes.push({ field: 'sendInitialEvents', message: 'Forbidden: sendInitialEvents is forbidden for list' })
  if (match !== '') {
    if (query.get('continue')) refuse('Forbidden: resourceVersionMatch is forbidden when continue is provided')
    else if (version === '') refuse('Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided')
    if (match !== 'Exact' && match !== 'NotOlderThan')
      refuse(`Unsupported value: "${match}": supported values: "Exact", "NotOlderThan", ""`)
    else if (match === 'Exact' && version === '0')
      refuse('Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
  }
  if (causes.length > 0) throw invalidOptions(causes)
  if (query.get('continue') && version !== '' && version !== '0')
    throw badRequest('specifying resource version is not allowed when using continue')
}

function snapshotOf(
  target: Target,
  query: URLSearchParams,
  token: Token | null,
): { objects: readonly KubeWire[]; revision: number } {
  const { storage, resource } = target
  const now = { objects: storage.list(resource), revision: storage.revision }
  if (token !== null) {
    if (token.rv === -1) return now
    const gone = target.faults.take('gone', target.name) !== null
    const objects = gone ? null : storage.listAt(resource, token.rv)
    if (objects === null) throw expiredContinue(encodeToken({ ...token, rv: -1 }))
    return { objects, revision: token.rv }
  }
  const asked = query.get('resourceVersion') ?? ''
  const revision = target.revisionOf(asked)
  if (revision === 0) return now
  const exact =
    query.get('resourceVersionMatch') === 'Exact' || (!query.has('resourceVersionMatch') && query.has('limit'))
  if (revision > storage.revision) throw tooLarge(revision, storage.revision)
  if (!exact) return now
  const objects = storage.listAt(resource, revision)
  if (objects === null) throw expired('The resourceVersion for the provided list is too old.')
  return { objects, revision }
}

const tooLarge = (asked: number, current: number): Refusal =>
  new Refusal(504, `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    reason: 'Timeout',
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
    retryAfterSeconds: 1,
  })

interface Page {
  readonly items: readonly KubeWire[]
  /** The last object of the page, where more follow. */
  readonly next: KubeWire | null
  readonly left: number
}

function take(objects: readonly KubeWire[], limit: number, matches: Matcher | null): Page {
  const wanted = matches === null ? objects : objects.filter(matches)
  if (limit <= 0 || wanted.length <= limit) return { items: wanted, next: null, left: 0 }
  return { items: wanted.slice(0, limit), next: wanted[limit - 1] ?? null, left: wanted.length - limit }
}

/** Objects are in key order. */
function firstAtOrAfter(objects: readonly KubeWire[], start: string): number {
  const index = objects.findIndex((object) => keyOfObject(object) >= start)
  return index === -1 ? objects.length : index
}

function startAfter(target: Target, last: KubeWire): string {
  const key = keyOfObject(last)
  return `${target.namespace === '' ? key : key.slice(target.namespace.length + 1)}\0`
}

const encodeToken = (token: Token): string => Buffer.from(JSON.stringify(token)).toString('base64url')

function decodeToken(text: string): Token {
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (typeof token === 'object' && token !== null && 'rv' in token && 'start' in token)
      return { v: 'meta.k8s.io/v1', rv: Number(token.rv), start: String(token.start) }
  } catch {
    // Falls through to the refusal: what the client sent is no token of ours.
  }
  throw badRequest(`invalid continue token: continue key is not valid: invalid character in "${text.slice(0, 20)}"`)
}

export function wholeNumber(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text)
  throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`)
}
