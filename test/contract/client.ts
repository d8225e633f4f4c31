import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { gunzipSync } from 'node:zlib'
import { parse } from 'yaml'

/** One whole answer. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The body as JSON; null where it is none. Tests read what they assert. */
  // biome-ignore lint/suspicious/noExplicitAny: a contract test looks into bodies of every shape
  readonly json: any
}

interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly object: any
}

/** A watch that ended: by the server, as it should, or by a broken connection. */
export interface Watched {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly events: readonly WatchEvent[]
  readonly endedByServer: boolean
  readonly ms: number
}

interface CallOptions {
  readonly body?: unknown
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Speaks to one API server as one user. Never throws on a status. */
export interface Client {
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** Reads a watch to its end; `begun` is called once the server has answered. */
  watch(path: string, begun?: () => void): Promise<Watched>
  close(): void
}

interface Credential {
  readonly token?: string
  readonly 'client-certificate-data'?: string
  readonly 'client-key-data'?: string
}

/** A client for a kubeconfig's text; `token` replaces its user's credential. */
export function connect(kubeconfig: string, token?: string): Client {
  // Kubeconfigs here have one cluster and one user.
  const config: { clusters: { cluster: Record<string, string> }[]; users: { user: Credential }[] } = parse(kubeconfig)
  const cluster = config.clusters[0]?.cluster ?? {}
  const user: Credential = token === undefined ? (config.users[0]?.user ?? {}) : { token }
  const server = new URL(cluster.server ?? '')
  const pem = (base64: string | undefined) => (base64 === undefined ? undefined : Buffer.from(base64, 'base64'))
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 16,
    ca: pem(cluster['certificate-authority-data']),
    cert: pem(user['client-certificate-data']),
    key: pem(user['client-key-data']),
  })
  const auth = user.token === undefined ? {} : { authorization: `Bearer ${user.token}` }

  const open = (method: string, path: string, { body, type = 'application/json', headers = {} }: CallOptions = {}) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const data = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
      const length = data === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(data) }
      const all = { accept: 'application/json', ...auth, ...length, ...headers }
      const options = { agent, method, path, host: server.hostname, port: server.port, headers: all }
      const send = (): void => {
        const request = httpsRequest(options, resolve)
        // A kept connection may have died with a server that was restarted; a new one is tried then.
        request.on('error', (error) => (request.reusedSocket ? send() : reject(error)))
        request.end(data)
      }
      send()
    })

  const call = async (method: string, path: string, options?: CallOptions): Promise<Answer> => {
    const response = await open(method, path, options)
    const parts: Buffer[] = []
    for await (const part of response) parts.push(part)
    const bytes = Buffer.concat(parts)
    const text = (response.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString()
    return { status: response.statusCode ?? 0, headers: response.headers, text, json: jsonOf(text) }
  }

  const watch = async (path: string, begun: () => void = () => undefined): Promise<Watched> => {
    const start = performance.now()
    const response = await open('GET', path)
    begun()
    let text = ''
    response.setEncoding('utf8')
    try {
      for await (const chunk of response) text += chunk
    } catch {
      // `complete` says below that the connection broke.
    }
    const lines = response.statusCode === 200 ? text.split('\n').filter(Boolean) : []
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      events: lines.map((line) => JSON.parse(line)),
      endedByServer: response.complete,
      ms: performance.now() - start,
    }
  }
  return { call, get: (path, headers = {}) => call('GET', path, { headers }), watch, close: () => agent.destroy() }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
