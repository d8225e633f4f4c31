import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { makeCertificates } from '../api/certificate.ts'
import { type Answer, authorizationFailed, badRequest, Refusal, throttled, unauthenticated } from './answer.ts'
import { answerArm } from './arm.ts'
import { answerGraph } from './graph.ts'
import { answerLogin } from './login.ts'
import { type Operation, operationOf } from './operation.ts'
import type { AzureState } from './state.ts'
import { aksScope, armScope, audienceOf } from './token.ts'
import { tenantId } from './wire.ts'

export interface AzureServerOptions {
  /** Items on one page of a LIST. Small by default, so that readers meet a second one. */
  readonly pageSize?: number
  readonly tokenSeconds?: number
}

/** Resource Manager, Resource Graph and Entra ID, at one address of 127.0.0.1. */
export interface ServedAzure {
  readonly url: string
  /** PEM text. */
  readonly ca: string
  readonly authority: string
  readonly scope: string
  readonly aksScope: string
  readonly tenantId: string
  readonly clientId: string
  readonly clientSecret: string
  /**
   * Requests so far, by operation (`list`, `get`, `versions`, `credential`, `graph`, `token`), and by operation and
   * subscription (`list <id>`). `foreign`: those that a page's link to another host led here.
   */
  readonly counts: ReadonlyMap<string, number>
  close(): Promise<void>
}

/** What handlers need to know of the server. */
export interface Serving {
  readonly azure: AzureState
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly pageSize: number
  readonly tokenSeconds: number
}

/** One request, read to its end. */
export interface AzureRequest {
  readonly method: string
  readonly url: URL
  readonly body: string
  readonly operation: Operation
}

const clientId = '0c7b4a52-0000-4000-8000-9d2f5e8a1b34'

/** Starts a server on a free port of 127.0.0.1. */
export async function startAzureServer(azure: AzureState, options: AzureServerOptions): Promise<ServedAzure> {
  const { ca, server: tls } = await makeCertificates('azure')
  const counts = new Map<string, number>()
  const clientSecret = randomUUID()
  const server = createServer({ cert: tls.cert, key: tls.key })
  server.keepAliveTimeout = 120_000
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A TCP server's address is an object, never a pipe's name.
  const { port } = server.address() as AddressInfo
  const url = `https://127.0.0.1:${port}`
  const { pageSize = 10, tokenSeconds = 3600 } = options
  const serving: Serving = { azure, url, clientId, clientSecret, pageSize, tokenSeconds }
  server.on('request', (request, response) => {
    response.on('error', () => undefined)
    void respond(serving, counts, request, response)
  })
  return {
    ...{ url, ca, authority: url, scope: armScope, aksScope, tenantId, clientId, clientSecret, counts },
    close: async () => {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function respond(
  serving: Serving,
  counts: Map<string, number>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', `https://${request.headers.host}`)
  const operation = operationOf(request.method ?? 'GET', url.pathname)
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)
  count(operation.name)
  if (operation.subscription !== '') count(`${operation.name} ${operation.subscription}`)
  if (url.origin !== serving.url) count('foreign')
  if (serving.azure.faults.take('silent', operation.name, operation.subscription)) return
  const body = await text(request).catch(() => null)
  if (body === null) return
  const answer = answerTo(serving, request, { method: request.method ?? 'GET', url, body, operation })
  const sent = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
  response.writeHead(answer.status, {
    'content-type': typeof answer.body === 'string' ? 'text/html' : 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(sent)),
    'cache-control': 'no-cache',
    date: serving.azure.now.toUTCString(),
    'x-ms-request-id': randomUUID(),
    ...answer.headers,
  })
  response.end(sent)
}

function answerTo(serving: Serving, raw: IncomingMessage, request: AzureRequest): Answer {
  const { faults } = serving.azure
  const { name, subscription } = request.operation
  try {
    if (faults.take('wrong', name, subscription)) return { status: 200, body: '<html><title>Sign in</title></html>' }
    const error = faults.take('error', name, subscription)
    if (error) throw new Refusal(error.code, 'InternalServerError', 'Encountered internal server error.')
    const slow = faults.take('throttled', name, subscription)
    if (slow) throw throttled(slow.retryAfterSeconds)
    const login = answerLogin(serving, request)
    if (login !== null) return login
    authenticate(serving, raw, request)
    if (!/^\d{4}-\d\d-\d\d(-preview)?$/.test(request.url.searchParams.get('api-version') ?? ''))
      throw badRequest(
        'MissingApiVersionParameter',
        'The api-version query parameter (?api-version=) is required for all requests.',
      )
    if (name === 'graph') return answerGraph(serving, request)
    if (faults.take('forbidden', name, subscription))
      throw authorizationFailed(serving.clientId, request.operation.action, `/subscriptions/${subscription}`)
    return answerArm(serving, request)
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    return { status: 500, body: { error: { code: 'InternalServerError', message: String(error) } } }
  }
}

function authenticate({ azure, url }: Serving, raw: IncomingMessage, { operation }: AzureRequest): void {
  const authority = `${url}/${tenantId}`
  const token = /^Bearer (.+)$/.exec(raw.headers.authorization ?? '')?.[1]
  if (token === undefined) {
    const message = "Authentication failed. The 'Authorization' header is missing."
    throw unauthenticated('AuthenticationFailed', message, authority)
  }
  const revoked = azure.faults.take('expired', operation.name, operation.subscription) !== null
  const state = revoked ? 'expired' : azure.tokens.stateOf(token, audienceOf(armScope))
  if (state === 'valid') return
  const refusals = {
    unknown: ['InvalidAuthenticationToken', 'The access token is invalid.'],
    expired: ['ExpiredAuthenticationToken', 'The access token expiry UTC time is earlier than current UTC time.'],
    otherAudience: [
      'InvalidAuthenticationTokenAudience',
      `The access token has been obtained for wrong audience or resource. It should exactly match with one of the allowed audiences '${audienceOf(armScope)}'.`,
    ],
  } as const
  const [code, message] = refusals[state]
  throw unauthenticated(code, message, authority)
}
