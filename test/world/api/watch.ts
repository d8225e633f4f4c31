import { expired, invalidOptions, type Refusal } from './answer.ts'
import { type Exchange, metadataOf, shapeOf } from './exchange.ts'
import { wholeNumber } from './list.ts'
import { apiVersionOf, asVersion, type KubeWire } from './object.ts'
import { matcherOf } from './selector.ts'
import type { Target } from './server.ts'
import type { StoredEvent } from './storage.ts'

/** A real server picks between 30 and 60 minutes when the client names no limit. */
const defaultTimeoutSeconds = 1800
/** A bookmark comes this long before the end of the stream, and every minute. */
const bookmarkBeforeEndSeconds = 2
const bookmarkEverySeconds = 60

/** Answers a WATCH: a stream of JSON lines that ends by itself at `timeoutSeconds`. */
export function watch(exchange: Exchange, target: Target): Promise<void> {
  const { query, response } = exchange
  const seconds = wholeNumber(query.get('timeoutSeconds') ?? '0') || defaultTimeoutSeconds
  checkWatchOptions(query, target)
  const from = target.revisionOf(query.get('resourceVersion') ?? '')
  const initial = query.get('sendInitialEvents') === 'true' || from === 0
  const stream = streamOf(exchange, target, initial ? target.storage.revision : from)
  const gone = target.faults.take('gone', target.name)
  const past = initial ? [] : target.storage.eventsAfter(target.resource, from)
  const tooOld = expired(`too old resource version: ${from} (${target.storage.forgotten})`)
  if (gone?.as === 'http') throw tooOld
  response.writeHead(200, {
    'cache-control': 'no-cache, private',
    'content-type': 'application/json',
    ...target.warnings,
  })
  response.flushHeaders()
  if (gone !== null || past === null) {
    stream.fail(tooOld)
    return Promise.resolve()
  }
  if (initial) {
    for (const object of target.storage.list(target.resource)) stream.add(object)
    if (query.get('sendInitialEvents') === 'true') stream.bookmark({ 'k8s.io/initial-events-end': 'true' })
  }
  for (const event of past) stream.change(event)
  if (exchange.spoils.length > 0) {
    response.destroy()
    return Promise.resolve()
  }
  return stream.live(seconds)
}

function checkWatchOptions(query: URLSearchParams, target: Target): void {
  const causes: { field: string; message: string }[] = []
  const match = query.get('resourceVersionMatch')
  const initial = query.has('sendInitialEvents')
  const refuse = (field: string, message: string) => causes.push({ field, message })
  if (target.profile === '1.20') {
    if (match) refuse('resourceVersionMatch', 'Forbidden: resourceVersionMatch is forbidden for watch')
    if (match && !query.get('resourceVersion'))
      refuse('resourceVersionMatch', 'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided')
  } else if (initial && match !== 'NotOlderThan') {
    refuse('resourceVersionMatch', 'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
  } else if (!initial && match) {
    refuse(
      'resourceVersionMatch',
      'Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    )
  }
  if (causes.length > 0) throw invalidOptions(causes)
}

function streamOf(exchange: Exchange, target: Target, from: number) {
  const { query, response } = exchange
  const matches = matcherOf(query)
  const shape = shapeOf(exchange.accept)
  const bookmarks = /^(1|true)$/.test(query.get('allowWatchBookmarks') ?? '')
  const { resource, version, storage } = target
  const within = (object: KubeWire): boolean =>
    (target.namespace === '' || object.metadata.namespace === target.namespace) && (matches === null || matches(object))
  const shown = (object: KubeWire): KubeWire => {
    const converted = asVersion(resource, object, version.name)
    return shape === 'metadata' ? metadataOf(converted) : converted
  }
  const line = (type: string, object: object): void => {
    if (!response.destroyed) response.write(`${JSON.stringify({ type, object })}\n`)
  }
  const change = (event: StoredEvent): void => {
    const is = event.type !== 'DELETED' && within(event.object)
    const was = event.previous !== null && within(event.previous)
    if (is) line(was ? 'MODIFIED' : 'ADDED', shown(event.object))
    else if (was) line('DELETED', shown(event.object))
  }
  const bookmark = (annotations?: Readonly<Record<string, string>>): void => {
    if (!bookmarks) return
    const newest = annotations === undefined ? storage.lastRevisionOf(resource) : storage.revision
    // A stream without anything newer than where it began gets none (seen on 1.20 and 1.34).
    if (annotations === undefined && newest <= from) return
    const metadata = {
      resourceVersion: String(newest),
      creationTimestamp: null,
      ...(annotations === undefined ? {} : { annotations }),
    }
    line('BOOKMARK', { kind: resource.kind, apiVersion: apiVersionOf(resource.group, version.name), metadata })
  }
  const live = (seconds: number): Promise<void> =>
    new Promise((resolve) => {
      const end = storage.subscribe(resource, change)
      const last = seconds > bookmarkBeforeEndSeconds ? (seconds - bookmarkBeforeEndSeconds) * 1000 : null
      const timers = [
        setTimeout(() => response.end(), seconds * 1000),
        setInterval(bookmark, bookmarkEverySeconds * 1000),
        ...(last === null ? [] : [setTimeout(bookmark, last)]),
      ]
      response.on('close', () => {
        end()
        for (const timer of timers) clearTimeout(timer)
        resolve()
      })
    })
  const fail = (refusal: Refusal): void => {
    line('ERROR', refusal.status)
    response.end()
  }
  return { add: (object: KubeWire) => within(object) && line('ADDED', shown(object)), change, bookmark, live, fail }
}
