import { hash } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import { badRequest, forbidden, notFound, Refusal, tooManyRequests, unauthorized } from './answer.ts'
import { type Certificates, makeCertificates } from './certificate.ts'
import { discover, notFoundPage, type Profile } from './discovery.ts'
import { type Exchange, metadataOf, sendJson, sendRefusal, sendText, shapeOf } from './exchange.ts'
import type { Faults } from './fault.ts'
import { list } from './list.ts'
import { asVersion, type Resource, resourceName, type ServedVersion } from './object.ts'
import type { Storage } from './storage.ts'
import { watch } from './watch.ts'
import { write } from './write.ts'

/** What a request is about, once its path is understood. */
export interface Target {
  readonly resource: Resource
  /** `plural.group`. */
  readonly name: string
  readonly version: ServedVersion
  readonly namespace: string
  readonly objectName: string
  readonly subresource: string
  readonly storage: Storage
  readonly faults: Faults
  readonly profile: Profile
  /** Headers every answer about this version carries. */
  readonly warnings: Readonly<Record<string, string>>
  /** A resourceVersion parameter as a number; 0 for none. Refuses what is no number, as this profile does. */
  revisionOf(text: string): number
}

export interface KubeServerOptions {
  readonly resources: readonly Resource[]
  readonly storage: Storage
  readonly profile: Profile
  /** Bearer tokens and who they stand for. `nobody` has no rights at all. */
  readonly tokens: ReadonlyMap<string, string>
  /** Whether another token is one that Entra ID gave for AKS. */
  readonly takesEntra?: (token: string) => boolean
  readonly clock: () => Date
  readonly faults: Faults
}

/** A Kubernetes API server that pretends, over real HTTPS. */
export interface KubeServer {
  readonly url: string
  readonly certificates: Certificates
  /** Requests answered so far, by `plural.group` or path. */
  readonly counts: ReadonlyMap<string, number>
  /** Closes the port and comes back on it: connection refused in between. */
  refuse(): Promise<void>
  accept(): Promise<void>
  close(): Promise<void>
}

/** Starts a server on a free port of 127.0.0.1. */
export async function startKubeServer(options: KubeServerOptions): Promise<KubeServer> {
  const certificates = await makeCertificates('rollcall')
  const counts = new Map<string, number>()
  const { cert, key } = certificates.server
  const server = createServer({ cert, key, ca: certificates.ca, requestCert: true, rejectUnauthorized: false })
  // Go's servers keep idle connections for minutes; Node's five seconds would reset a poller's next request.
  server.keepAliveTimeout = 120_000
  // A client that goes away in the middle is its own affair.
  server.on('tlsClientError', () => undefined)
  server.on('request', (request, response) => {
    response.on('error', () => undefined)
    void answer({ ...options, counts }, request, response)
  })
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const close = async (): Promise<void> => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  await listen(0)
  // A TCP server's address is an object, never a pipe's name.
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}`,
    certificates,
    counts,
    refuse: close,
    accept: () => (server.listening ? Promise.resolve() : listen(port)),
    close,
  }
}

type Served = KubeServerOptions & { readonly counts: Map<string, number> }

async function answer(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://127.0.0.1')
  const now = served.clock()
  const target = targetOf(served, url.pathname)
  const name = target?.name ?? null
  served.counts.set(name ?? url.pathname, (served.counts.get(name ?? url.pathname) ?? 0) + 1)
  response.setHeader('date', now.toUTCString())
  response.setHeader('audit-id', auditIdOf(served, url, now))
  if (served.faults.take('silent', name)) return
  const slow = served.faults.take('slow', name)
  if (slow) await new Promise((resolve) => setTimeout(resolve, slow.ms))
  const spoil = served.faults.take('reset', name) ?? served.faults.take('truncated', name)
  const exchange: Exchange = {
    request,
    response,
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    accept: request.headers.accept ?? '*/*',
    user: userOf(served, request) ?? '',
    now,
    spoils: spoil === null ? [] : [spoil],
  }
  try {
    if (served.faults.take('wrong', name)) return sendWrong(response)
    if (exchange.user === '' || served.faults.take('expired', name)) throw unauthorized()
    await dispatch(served, exchange, target)
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, String(error), { reason: 'InternalError' })
    if (response.headersSent) response.destroy()
    else await sendRefusal(exchange, refusal)
  }
}

function sendWrong(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<html><title>Sign in</title></html>')
}

async function dispatch(served: Served, exchange: Exchange, target: Target | null): Promise<void> {
  const { path } = exchange
  if (path === '/version') return sendJson(exchange, 200, versionOf(served.profile))
  if (/^\/(healthz|readyz|livez)$/.test(path)) return sendText(exchange, 200, 'ok')
  if (target === null) {
    shapeForDiscovery(exchange, served.profile)
    if (await discover(exchange, served.resources, served.profile)) return
    return sendText(exchange, 404, notFoundPage)
  }
  const verb = verbOf(exchange, target)
  authorise(served, exchange, target, verb)
  fail(served, target)
  if (verb === 'watch') return watch(exchange, target)
  if (verb === 'list') return list(exchange, target)
  if (verb === 'get') return get(exchange, target)
  return write(exchange, target)
}

function fail(served: Served, { name, resource, version }: Target): void {
  const throttled = served.faults.take('throttled', name)
  if (throttled) throw tooManyRequests(throttled.retryAfterSeconds)
  const error = served.faults.take('error', name)
  if (error) throw new Refusal(error.code, error.message ?? 'Internal error occurred', { reason: 'InternalError' })
  // Only reading another version than the stored one needs the webhook.
  if (!version.storage && served.faults.take('conversion', name)) {
    const webhook = `conversion webhook for ${resource.group}/${version.name}, Kind=${resource.kind} failed`
    const cause =
      'Post "https://capi-webhook-service.capi-system.svc:443/convert?timeout=30s": connect: connection refused'
    throw new Refusal(500, `${webhook}: ${cause}`, { reason: 'InternalError' })
  }
}

function authorise(served: Served, exchange: Exchange, target: Target, verb: string): void {
  const fault = served.faults.take('forbidden', target.name)
  const denied = exchange.user === 'nobody' || (fault !== null && (fault.verbs?.includes(verb) ?? true))
  if (denied) throw forbidden(exchange.user, verb, target.resource, target.namespace, target.objectName)
}

function verbOf(exchange: Exchange, target: Target): string {
  const watching = /^(1|true)$/.test(exchange.query.get('watch') ?? '')
  const verbs: Record<string, string> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }
  if (exchange.method === 'GET') return watching ? 'watch' : target.objectName === '' ? 'list' : 'get'
  const verb = verbs[exchange.method]
  const creating = verb === 'create'
  if (verb === undefined || creating !== (target.objectName === '')) {
    const message = 'the server does not allow this method on the requested resource'
    throw new Refusal(405, message, { reason: 'MethodNotAllowed', details: {} })
  }
  return verb
}

async function get(exchange: Exchange, target: Target): Promise<void> {
  const stored = target.storage.get(target.resource, target.namespace, target.objectName)
  if (stored === null) throw notFound(target.resource, target.objectName)
  const object = asVersion(target.resource, stored, target.version.name)
  await sendJson(exchange, 200, shapeOf(exchange.accept) === 'metadata' ? metadataOf(object) : object, target.warnings)
}

/** 1.20 refuses a client that takes aggregated discovery and nothing else. */
function shapeForDiscovery(exchange: Exchange, profile: Profile): void {
  const known = exchange.accept.includes('as=APIGroupDiscoveryList') && profile === 'current'
  if (!known) shapeOf(exchange.accept)
}

function targetOf(served: Served, path: string): Target | null {
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent)
  const [group, version, rest] =
    parts[0] === 'api' ? ['', parts[1], parts.slice(2)] : [parts[1] ?? '', parts[2], parts.slice(3)]
  if (version === undefined || rest.length === 0) return null
  const scoped = rest[0] === 'namespaces' && rest.length > 2
  const [plural, objectName = '', subresource = ''] = scoped ? rest.slice(2) : rest
  const resource = served.resources.find((one) => one.group === group && one.plural === plural)
  const found = resource?.versions.find((one) => one.name === version)
  if (resource === undefined || found === undefined) return null
  return {
    resource,
    name: resourceName(resource),
    version: found,
    namespace: scoped ? (rest[1] ?? '') : '',
    objectName,
    subresource,
    storage: served.storage,
    faults: served.faults,
    profile: served.profile,
    warnings: found.deprecated === undefined ? {} : { warning: `299 - "${found.deprecated}"` },
    revisionOf: (text) => revisionOf(text, served.profile),
  }
}

function revisionOf(text: string, profile: Profile): number {
  if (text === '') return 0
  if (/^\d+$/.test(text)) return Number(text)
  const message = `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`
  // 1.20 answers 500 to what is the client's mistake.
  throw profile === '1.20' ? new Refusal(500, message) : badRequest(message)
}

function userOf(served: Served, request: IncomingMessage): string | null {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (token !== undefined) return served.tokens.get(token) ?? (served.takesEntra?.(token) ? 'entra:rollcall' : null)
  if (!(request.socket instanceof TLSSocket) || !request.socket.authorized) return null
  const name = request.socket.getPeerCertificate().subject?.CN
  return Array.isArray(name) ? (name[0] ?? null) : (name ?? null)
}

function versionOf(profile: Profile): object {
  const [major, minor, patch] = profile === '1.20' ? ['1', '20', '2'] : ['1', '34', '1']
  return { major, minor, gitVersion: `v${major}.${minor}.${patch}`, platform: 'linux/amd64', goVersion: 'go1.24.6' }
}

function auditIdOf(served: Served, url: URL, now: Date): string {
  const total = [...served.counts.values()].reduce((sum, count) => sum + count, 0)
  return hash('sha256', `${total}${url.href}${now.getTime()}`, 'hex').slice(0, 32)
}
