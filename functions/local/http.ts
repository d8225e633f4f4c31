import { randomUUID } from 'node:crypto'
import {
  type ClientRequest,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { type RegisteredFunction, type TypedData, triggerOf } from './core.ts'
import type { Invoke } from './invoke.ts'

interface Route {
  readonly fn: RegisteredFunction
  readonly methods: readonly string[]
  readonly pattern: RegExp
}

interface Serving {
  readonly functions: readonly RegisteredFunction[]
  readonly routePrefix: string
  readonly invoke: Invoke
  /** Where the library takes raw requests when it streams; null when requests and answers travel buffered. */
  readonly streamUri: string | null
  readonly trouble: (what: string, error: unknown) => void
}

const bodyBytesMax = 10 * 1024 * 1024
/** Written by the Functions host; a client's own must not reach the library, which matches streams by them. */
const hostHeaders = ['x-ms-invocation-id', 'x-forwarded-host', 'x-forwarded-proto']
const hopHeaders = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer']

/** The HTTP side of the Functions host: finds the function by route and method, and runs it buffered or streamed. */
export function httpServer(serving: Serving): Server {
  const routes = serving.functions.map((fn) => routeOf(fn, serving.routePrefix))
  return createServer((request, response) => {
    answer(serving, routes, request, response).catch((error: unknown) => {
      serving.trouble(`${request.method} ${request.url}`, error)
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
      response.end()
    })
  })
}

function routeOf(fn: RegisteredFunction, prefix: string): Route {
  const { binding } = triggerOf(fn)
  const route = typeof binding.route === 'string' ? binding.route : fn.name
  const steps = `${prefix}/${route}`.split('/').filter(Boolean)
  const pattern = steps
    .map((step) => (step.startsWith('{') ? `/(?<${step.slice(1, -1)}>[^/]+)` : `/${step.replace(/[^\w-]/g, '\\$&')}`))
    .join('')
  const methods = Array.isArray(binding.methods) ? binding.methods.map((method) => String(method).toUpperCase()) : []
  return { fn, methods, pattern: new RegExp(`^${pattern}/?$`, 'i') }
}

async function answer(serving: Serving, routes: readonly Route[], request: IncomingMessage, response: ServerResponse) {
  // Taken apart by hand: a target such as //other.example/graphql must stay a path.
  const target = request.url ?? '/'
  const [pathname = '/'] = target.split('?')
  const url = `http://${request.headers.host ?? 'localhost'}${target}`
  if (!target.startsWith('/') || !URL.canParse(url) || !isEncoded(pathname)) {
    response.writeHead(400, { 'content-type': 'text/plain' }).end('The request names no path, or an impossible host.\n')
    return
  }
  const route = routes.find(({ methods, pattern }) => methods.includes(request.method ?? '') && pattern.test(pathname))
  if (!route) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end(`Nothing answers ${request.method} ${pathname}.\n`)
    return
  }
  const params = { ...route.pattern.exec(pathname)?.groups }
  if (serving.streamUri) await stream(serving, serving.streamUri, route.fn, params, request, response)
  else await buffer(serving, route.fn, params, url, request, response)
}

/** Whether what is escaped in a path is text: the library decodes it. */
function isEncoded(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

/** The whole request in, the whole answer out: how the worker does it unless streaming is set up. */
async function buffer(
  serving: Serving,
  fn: RegisteredFunction,
  params: Record<string, string>,
  url: string,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > bodyBytesMax) {
      response.writeHead(413, { connection: 'close' }).end()
      return
    }
    chunks.push(chunk)
  }
  const http = {
    url,
    method: request.method ?? 'GET',
    headers: headersOf(request),
    params,
    body: { bytes: Buffer.concat(chunks) },
  }
  const { returnValue } = await serving.invoke({
    fn,
    request: { inputData: [{ name: triggerOf(fn).name, data: { http } }], triggerMetadata: {} },
  })
  const answered = returnValue?.http
  response.writeHead(Number(answered?.statusCode ?? 200), { ...answered?.headers })
  response.end(answered?.body?.bytes ?? answered?.body?.string ?? undefined)
}

/** The raw request goes to the library's own server while the invocation runs; the two find each other by the invocation's id. */
async function stream(
  serving: Serving,
  uri: string,
  fn: RegisteredFunction,
  params: Record<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const id = randomUUID()
  const headers = headersOf(request)
  const passed = Object.entries(headers).filter(([name]) => !hopHeaders.includes(name))
  const forwarded = {
    ...Object.fromEntries(passed),
    'x-ms-invocation-id': id,
    'x-forwarded-host': headers.host ?? 'localhost',
    'x-forwarded-proto': 'http',
    // Or the library's server would close on a request that is answered in the middle, and take the answer back.
    connection: 'keep-alive',
  }
  const { hostname, port } = new URL(uri)
  const upstream = httpRequest(
    { hostname, port, path: request.url, method: request.method, headers: forwarded, agent: false },
    (answered) => {
      const kept = Object.entries(answered.headers).filter(([name]) => !hopHeaders.includes(name))
      response.writeHead(answered.statusCode ?? 502, Object.fromEntries(kept))
      response.flushHeaders()
      answered.on('error', () => response.destroy())
      answered.pipe(response)
    },
  )
  upstream.on('error', () => response.destroy())
  response.on('close', () => upstream.destroy()) // A client that leaves closes the library's side too, as the real host's proxy does.
  upstream.flushHeaders()
  request.pipe(upstream)
  // For a request that never reaches it, the library would wait for ever.
  if (!(await reaches(upstream))) return
  const triggerMetadata: Record<string, TypedData> = { Headers: { json: JSON.stringify(headers) } }
  for (const [name, string] of Object.entries(params)) triggerMetadata[name] = { string: decodeURIComponent(string) }
  try {
    await serving.invoke({
      fn,
      id,
      request: { inputData: [{ name: triggerOf(fn).name, data: { http: {} } }], triggerMetadata },
    })
  } catch (error) {
    // The real host leaves the client waiting here (library issue 324); locally a person should see the fault.
    serving.trouble(`function "${fn.name}"`, error)
    if (!response.headersSent)
      response.writeHead(500, { 'content-type': 'text/plain' }).end('The function failed; its error is in the log.\n')
    else response.destroy()
  }
}

/** False when the client has left before there was a connection to send its request on. */
function reaches(upstream: ClientRequest): Promise<boolean> {
  return new Promise((resolve) => {
    upstream.once('socket', (socket) => socket.once('connect', () => resolve(true)))
    upstream.once('close', () => resolve(false))
  })
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const entries = Object.entries(request.headers).filter(([name]) => !hostHeaders.includes(name))
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  )
}
