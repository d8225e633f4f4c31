import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import { FleetError } from '../../fleet/error.ts'
import { record, text } from '../../fleet/wire.ts'
import { recordOf, retryAfterOf } from '../sources/trouble.ts'
import type { AgentConfig } from './config.ts'
import type { AgentLimits } from './limits.ts'

/** What became of one request to Rollcall. */
export type Reply =
  | { readonly as: 'taken'; readonly body: Readonly<Record<string, unknown>> }
  /** Asking again, later, can help. `throttled`: it is there and wants to be left alone. */
  | { readonly as: 'later'; readonly why: string; readonly throttled: boolean; readonly retryAfterMs: number | null }
  /** Asking again cannot help. `type`: of its problem details. */
  | { readonly as: 'refused'; readonly status: number; readonly type: string; readonly why: string }

/** Rollcall's front door. */
export interface Receiver {
  post(path: '/deliveries' | '/deliveries/sessions', body: Buffer | object, signal: AbortSignal): Promise<Reply>
  close(): Promise<void>
}

/** Statuses that may pass by themselves: a credential that is being renewed or granted, a route that is being deployed, a busy server. */
const passing = new Set([401, 403, 404, 408, 425, 429])
const whyMax = 500

/** Opens the way to Rollcall. Token and CA are read from their files for every request: they are replaced there while we run. */
export async function openReceiver(config: AgentConfig, limits: AgentLimits): Promise<Receiver> {
  const { server, tokenFile } = config
  let way = await wayOf(config, null)
  const post: Receiver['post'] = async (path, body, signal) => {
    const token = await tokenOf(tokenFile)
    if (token === null) return later(`token file ${tokenFile} cannot be read, or holds no token`)
    const isDelivery = Buffer.isBuffer(body)
    try {
      way = await wayOf(config, way)
      const answer = await way.dispatcher.request({
        origin: server.origin,
        path: `${server.pathname.replace(/\/$/, '')}${path}`,
        method: 'POST',
        signal: AbortSignal.any([signal, AbortSignal.timeout(limits.sendMs)]),
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json, application/problem+json',
          ...(isDelivery
            ? { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' }
            : { 'content-type': 'application/json' }),
        },
        body: isDelivery ? body : JSON.stringify(body),
      })
      return await replyOf(answer, limits)
    } catch (error) {
      return later(
        error instanceof FleetError ? error.message : `${server.origin} cannot be reached (${codeOf(error)})`,
      )
    }
  }
  return { post, close: () => way.dispatcher.destroy() }
}

const later = (why: string): Reply => ({ as: 'later', why, throttled: false, retryAfterMs: null })

/** Connections, and what vouched for Rollcall when they were opened. */
interface Way {
  readonly pem: string | null
  readonly dispatcher: Dispatcher
}

/** The same as `before` while the CA is; else a new one, and the old one ends when its last request has. */
async function wayOf({ ca, proxy }: AgentConfig, before: Way | null): Promise<Way> {
  const pem = ca === null ? null : await readPem(ca)
  if (before?.pem === pem) return before
  void before?.dispatcher.close()
  const tls = pem === null ? {} : { ca: pem }
  const dispatcher = proxy === null ? new Agent({ connect: tls }) : new ProxyAgent({ uri: proxy.href, requestTls: tls })
  return { pem, dispatcher }
}

async function readPem(path: string): Promise<string> {
  try {
    const pem = await readFile(path, 'utf8')
    // Node takes an empty CA for none, and would then trust the public authorities.
    new X509Certificate(pem)
    return pem
  } catch (cause) {
    throw new FleetError('invalid', `ca ${path} cannot be read (${codeOf(cause)}).`, { cause })
  }
}

/** One line that fits into a header; null where there is none. */
async function tokenOf(path: string): Promise<string | null> {
  const token = await readFile(path, 'utf8').catch(() => '')
  return /^[\x21-\x7e]+$/.test(token.trim()) ? token.trim() : null
}

async function replyOf(answer: Dispatcher.ResponseData, limits: AgentLimits): Promise<Reply> {
  const { statusCode: status, headers } = answer
  const body = await bodyOf(answer, limits.answerBytes)
  if (status === 200 || status === 201 || status === 202)
    return body === null ? later(`it answered ${status} with something that is no JSON object`) : { as: 'taken', body }
  const { type, detail } = record(body)
  const why = `it answered ${status}: ${text(detail)?.slice(0, whyMax) ?? 'no reason'}`
  if (status < 400 || status >= 500 || passing.has(status)) {
    const header = headers['retry-after']
    const asked = retryAfterOf((Array.isArray(header) ? header[0] : header) ?? null, new Date())
    const retryAfterMs = asked === null ? null : Math.min(asked, limits.retryAfterMaxMs)
    return { as: 'later', why, throttled: status === 429 || (status === 503 && asked !== null), retryAfterMs }
  }
  return { as: 'refused', status, type: text(type) ?? '', why }
}

async function bodyOf(answer: Dispatcher.ResponseData, bytesMax: number): Promise<Record<string, unknown> | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer.body) {
    bytes += chunk.length
    if (bytes > bytesMax) return null // Leaving the loop destroys the stream.
    chunks.push(chunk)
  }
  try {
    const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null
  } catch {
    return null
  }
}

/** A word for what went wrong below HTTP; never a message, which may hold what was sent. */
function codeOf(error: unknown): string {
  const { code, name, cause } = recordOf(error)
  return text(code) ?? (cause === undefined ? (text(name) ?? 'unknown') : codeOf(cause))
}
