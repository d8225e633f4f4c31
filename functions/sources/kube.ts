import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Dispatcher } from 'undici'
import type { Trouble } from '../../fleet/delivery.ts'
import type { Budget } from './budget.ts'
import type { Connection } from './connections.ts'
import { readLines } from './lines.ts'
import {
  type Asked,
  recordOf,
  retryAfterOf,
  type StatusBody,
  statusBodyOf,
  troubleOfError,
  troubleOfStatus,
} from './trouble.ts'

/** One API server, read for one poll: today's credentials, a pool of connections that outlives us, and a budget. */
export interface Kube {
  readonly source: string
  readonly server: string
  readonly budget: Budget
  /** GET of one JSON object. 429 and 503 are waited out while the budget allows. */
  get(path: string, options?: GetOptions): Promise<Reply>
  /** GET of a stream of JSON lines, until the server ends it. `onLine` gives false to break it off. */
  stream(path: string, onLine: OnLine, timeoutMs: number): Promise<StreamEnd>
  /**
   * Our clock, never the server's: what orders readings and tells the silent from the fresh must be one clock. A server's
   * that runs ahead would keep its objects fresh after its death, one that is set back would make every reading late.
   */
  now(): Date
}

/** One line of a stream and its length. */
type OnLine = (line: unknown, bytes: number) => boolean

type Headers = Readonly<Record<string, string>>

interface GetOptions {
  readonly accept?: string
  /** Unpacked size at which an answer is given up; default `pageBytes`. */
  readonly bytesMax?: number
  /** Asks only for what changed since: the reply is then `NotModified`. */
  readonly etag?: string | null
}

type Reply =
  | {
      readonly as: 'body'
      readonly body: Readonly<Record<string, unknown>>
      readonly etag: string | null
      readonly bytes: number
    }
  | { readonly as: 'notModified' }
  | Failure

export interface Failure {
  readonly as: 'failure'
  readonly trouble: Trouble
  /** Null when there was no answer. */
  readonly status: number | null
  readonly said: StatusBody | null
  /** The answer was longer than it may be; asking for less can help. */
  readonly oversize: boolean
}

type StreamEnd =
  /** The server ended it, properly. */
  | { readonly as: 'ended'; readonly elapsedMs: number }
  /** `onLine` had enough. */
  | { readonly as: 'stopped' }
  | Failure

const errorBytesMax = 64 * 1024
const json = 'application/json'

/** What every request of one poll shares. */
interface Line extends Connection {
  readonly source: string
  readonly budget: Budget
  readonly now: () => Date
}

/** One poll's way to an API server. `now` is our clock. */
export function openKube(source: string, connection: Connection, budget: Budget, now: () => Date): Kube {
  const line: Line = { ...connection, source, budget, now }
  return {
    source,
    server: connection.credentials.server,
    budget,
    now,
    get: (path, options = {}) => patiently(budget, () => getOnce(line, path, options)),
    stream: (path, onLine, timeoutMs) => patiently(budget, () => streamOnce(line, path, onLine, timeoutMs)),
  }
}

/** Waits out 429 and 503 while the budget allows. */
async function patiently<T extends { readonly as: string }>(budget: Budget, ask: () => Promise<T | Failure>) {
  for (let attempt = 1; ; attempt++) {
    const reply = await ask()
    const waitMs = isFailure(reply) && reply.trouble.code === 'Throttled' ? patienceFor(reply.trouble, budget) : null
    if (waitMs === null || attempt >= budget.limits.tries) return reply
    await new Promise((resolve) => setTimeout(resolve, waitMs))
  }
}

const isFailure = (reply: { readonly as: string }): reply is Failure => reply.as === 'failure'

async function getOnce(line: Line, path: string, options: GetOptions): Promise<Reply> {
  const { limits } = line.budget
  const { accept = json, etag = null, bytesMax = limits.pageBytes } = options
  const headers = { accept, 'accept-encoding': 'gzip', ...(etag === null ? {} : { 'if-none-match': etag }) }
  try {
    const answer = await open(line, path, headers, Math.max(1, Math.min(limits.requestMs, line.budget.leftMs())))
    if (answer.statusCode === 304) {
      await answer.body.dump()
      return { as: 'notModified' }
    }
    if (answer.statusCode !== 200) return await failureOf(line, path, answer)
    const bytes = await readBody(answer, bytesMax, line.budget)
    if (bytes === null) return badAnswer(line, path, `more than ${bytesMax} bytes`, true)
    const body = parse(bytes)
    if (body === null) return badAnswer(line, path, 'something that is no JSON object', false)
    return { as: 'body', body, etag: headerOf(answer, 'etag'), bytes: bytes.length }
  } catch (error) {
    return brokenOff(line, path, error)
  }
}

async function streamOnce(line: Line, path: string, onLine: OnLine, timeoutMs: number): Promise<StreamEnd> {
  const { limits } = line.budget
  const began = performance.now()
  try {
    const answer = await open(line, path, { accept: json }, timeoutMs + limits.watchGraceMs)
    if (answer.statusCode !== 200) return await failureOf(line, path, answer)
    const outcome = await readLines(countBytes(answer.body, line.budget), limits.pageBytes, onLine)
    if (outcome === 'malformed') return badAnswer(line, path, 'a line that is too long or no JSON', false)
    return outcome === 'stopped' ? { as: 'stopped' } : { as: 'ended', elapsedMs: performance.now() - began }
  } catch (error) {
    return brokenOff(line, path, error)
  }
}

async function open({ credentials, pool, budget, heed }: Line, path: string, headers: Headers, deadlineMs: number) {
  budget.requests++
  const signal = AbortSignal.any([budget.signal, AbortSignal.timeout(Math.ceil(deadlineMs))])
  const request = {
    path: basePath(credentials.server) + path,
    method: 'GET',
    signal,
    headers: { ...credentials.headers, ...headers },
  } as const
  let answer: Dispatcher.ResponseData
  try {
    answer = await until(signal, pool.request(request))
  } catch (error) {
    if (!wasIdle(error) || signal.aborted) throw error
    answer = await until(signal, pool.request(request)) // A kept connection that the server had closed meanwhile.
  }
  // A destroyed body reports it once more; its reader has already heard.
  answer.body.on('error', () => undefined)
  for (const warning of warningsOf(answer)) heed(warning)
  return answer
}

/** undici heeds a signal only once it has a connection, and opens the first ones in turn: behind a dead server each would wait. */
async function until<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const ended = Promise.withResolvers<never>()
  const end = () => ended.reject(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  try {
    return await Promise.race([promise, ended.promise])
  } finally {
    signal.removeEventListener('abort', end)
    // Whichever lost the race has nobody listening.
    promise.catch(() => undefined)
  }
}

const askedOf = ({ source, credentials }: Line, path: string): Asked => {
  const { server, expiresAt, withoutCa } = credentials
  return { source, server, expiresAt, withoutCa, path: path.split('?', 1).join('') }
}

async function failureOf(line: Line, path: string, answer: Dispatcher.ResponseData): Promise<Failure> {
  const bytes = await readBody(answer, errorBytesMax, line.budget)
  const said = statusBodyOf(bytes === null ? null : parse(bytes))
  const retryAfterMs = retryAfterOf(headerOf(answer, 'retry-after'), line.now())
  const trouble = troubleOfStatus(askedOf(line, path), answer.statusCode, said, retryAfterMs)
  return { as: 'failure', trouble, status: answer.statusCode, said, oversize: false }
}

function brokenOff(line: Line, path: string, error: unknown): Failure {
  const { signal } = line.budget
  // The host's own reason for stopping is no news of the server.
  const cause = signal.aborted ? new DOMException('stopped', 'AbortError') : error
  const trouble = troubleOfError(askedOf(line, path), cause)
  return { as: 'failure', trouble, status: null, said: null, oversize: false }
}

function badAnswer(line: Line, path: string, what: string, oversize: boolean): Failure {
  const asked = askedOf(line, path)
  const trouble = { code: 'BadAnswer', message: `${asked.server} answered ${asked.path} with ${what}` } as const
  return { as: 'failure', trouble, status: 200, said: null, oversize }
}

/** How long to wait before asking again, in ms; null when that is for the next poll to do. */
function patienceFor(trouble: Trouble, budget: Budget): number | null {
  const waitMs = trouble.retryAfterMs ?? 1_000
  return waitMs <= budget.limits.patienceMs && waitMs < budget.leftMs() && !budget.spent() ? waitMs : null
}

/** Servers behind a proxy (Rancher, say) have a path of their own. */
const basePath = (server: string): string => new URL(server).pathname.replace(/\/$/, '')

function headerOf(answer: Dispatcher.ResponseData, name: string): string | null {
  const value = answer.headers[name]
  return (Array.isArray(value) ? value[0] : value) ?? null
}

const warningMax = 300

/** The texts of `Warning: 299 - "…"`, of which there may be several. */
function warningsOf(answer: Dispatcher.ResponseData): readonly string[] {
  const headers = [answer.headers.warning ?? []].flat().join(', ')
  return [...headers.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.slice(0, warningMax))
}

/** A connection that died unused: nothing was answered on it, and a GET may be repeated. */
function wasIdle(error: unknown): boolean {
  const { code } = recordOf(error)
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE'
}

/** The body, unpacked; null when it is longer than `bytesMax`. Throws what the network throws. */
async function readBody(answer: Dispatcher.ResponseData, bytesMax: number, budget: Budget): Promise<Buffer | null> {
  const wire = countBytes(answer.body, budget)
  const plain = headerOf(answer, 'content-encoding') === 'gzip' ? unzipped(wire) : wire
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of plain) {
    bytes += chunk.length
    if (bytes > bytesMax) return null // Leaving the loop destroys the stream, and with it the request.
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}

async function* countBytes(body: Readable, budget: Budget): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    budget.bytes += chunk.length
    yield chunk
  }
}

async function* unzipped(wire: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  const source = Readable.from(wire)
  source.on('error', (error) => gunzip.destroy(error))
  try {
    yield* source.pipe(gunzip)
  } finally {
    source.destroy()
  }
}

/** A JSON object, or null. */
function parse(bytes: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? recordOf(parsed) : null
  } catch {
    return null
  }
}
