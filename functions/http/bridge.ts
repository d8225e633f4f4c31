import { app, type HttpMethod, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions'
import { askPolls, pollQueue } from '../wiring/poll-queue.ts'
import type { Invocation } from './app.ts'
import { disconnectSignal, endingWith } from './disconnect.ts'
import { problemOf, problemResponse } from './problem.ts'
import { leavable } from './request-body.ts'

/**
 * Registers a route that the hono app answers. The app is loaded with the first request, so that timers and queues
 * do not pay for it, and registration itself can fail for no reason of ours (functions.md: zero functions, silently).
 */
export function answer(name: string, { route, methods, polls }: Answering): void {
  app.setup({ enableHttpStream: true })
  app.http(name, {
    ...{ route, methods, authLevel: 'anonymous' },
    ...(polls ? { extraOutputs: [pollQueue] } : {}),
    handler: handle,
  })
}

interface Answering {
  readonly route: string
  readonly methods: HttpMethod[]
  /** Whether it may have sources polled at once. */
  readonly polls?: boolean
}

/** Never throws: a streaming request whose handler throws is never answered (library issue 324). */
async function handle(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const signal = disconnectSignal(context.invocationId)
  const report = (error: unknown) => context.error(`request ${context.invocationId} failed:`, error)
  const poll = (sources: readonly string[]) => askPolls(context, sources)
  const response = await fetchFrom(request, context.invocationId, signal, { report, poll }).catch((error: unknown) => {
    report(error)
    return problemResponse(problemOf(error, context.invocationId))
  })
  return { status: response.status, headers: response.headers, body: endingWith(signal, response.body) }
}

async function fetchFrom(
  request: HttpRequest,
  id: string,
  signal: AbortSignal,
  invocation: Invocation,
): Promise<Response> {
  loading ??= load()
  const headers = new Headers(request.headers)
  headers.set('x-request-id', id)
  const init = { method: request.method, headers, signal }
  const given = request.body && leavable(request.body)
  // `duplex` is Node's word, which the DOM's types (some dependency brings them along) do not know.
  const streamed = { ...init, body: given?.body, duplex: 'half' } as RequestInit
  const app = await loading
  try {
    return await app.fetch(new Request(request.url, given ? streamed : init), invocation)
  } finally {
    // The answer waits for none of it.
    void given?.leave()
  }
}

let loading: ReturnType<typeof load> | null = null

async function load() {
  const [{ createApp }, { dependencies }] = await Promise.all([import('./app.ts'), import('../wiring/dependencies.ts')])
  return createApp(dependencies)
}
