import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { Refusal, type Status } from './answer.ts'
import type { Fault } from './fault.ts'
import type { KubeWire } from './object.ts'

const gzipAsync = promisify(gzip)

/** A server compresses only what is larger (apiserver responsewriters: 128 KiB). */
const gzipFromBytes = 128 * 1024

/** How the answer shall look: the object, or its metadata alone. */
export type Shape = 'object' | 'metadata'

/** One request and its answer. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly accept: string
  readonly user: string
  readonly now: Date
  /** Faults that spoil the body of this answer. */
  readonly spoils: readonly Fault[]
}

const acceptable = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'

/** The first media type of `Accept` that this server can give. */
export function shapeOf(accept: string): Shape {
  for (const type of accept.split(',').map((part) => part.trim())) {
    if (/as=PartialObjectMetadata(List)?\b/.test(type) && type.startsWith('application/json')) return 'metadata'
    if (/^(\*\/\*|application\/\*|application\/json)(;q=[\d.]+)?$/.test(type) || type === '') return 'object'
  }
  throw new Refusal(406, `only the following media types are accepted: ${acceptable}`, { reason: 'NotAcceptable' })
}

/** What metadata-only clients get of an object. */
export const metadataOf = (object: KubeWire): KubeWire => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: object.metadata,
})

/** Sends a value as JSON, compressed where asked and worth it, spoiled where a fault says so. */
export async function sendJson(
  exchange: Exchange,
  code: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  await sendBytes(exchange, code, Buffer.from(JSON.stringify(value)), {
    'content-type': 'application/json',
    ...headers,
  })
}

export function sendText(exchange: Exchange, code: number, text: string): Promise<void> {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
  return sendBytes(exchange, code, Buffer.from(text), headers)
}

export async function sendRefusal(exchange: Exchange, refusal: Refusal): Promise<void> {
  const retry = refusal.retryAfterSeconds === null ? {} : { 'retry-after': String(refusal.retryAfterSeconds) }
  await sendJson(exchange, refusal.code, refusal.status satisfies Status, retry)
}

async function sendBytes(
  exchange: Exchange,
  code: number,
  bytes: Buffer,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const { request, response } = exchange
  const wanted = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  const small =
    wanted && bytes.length > gzipFromBytes ? await gzipAsync(bytes, { level: constants.Z_BEST_SPEED }) : null
  const body = small ?? bytes
  if (response.destroyed) return
  response.writeHead(code, {
    'cache-control': 'no-cache, private',
    ...headers,
    ...(small === null ? {} : { 'content-encoding': 'gzip', vary: 'Accept-Encoding' }),
    ...(exchange.spoils.length === 0 ? { 'content-length': String(body.length) } : {}),
  })
  const spoil = exchange.spoils[0]
  if (spoil === undefined) response.end(body)
  else if (spoil.fault === 'truncated') response.end(body.subarray(0, body.length / 2))
  else response.write(body.subarray(0, body.length / 2), () => response.destroy())
}
