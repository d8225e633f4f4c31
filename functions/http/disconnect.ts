import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** For so long after its answer a client may go on sending what nobody reads: closing at once would take the answer from it. */
const lingerMs = 5_000

/** Responses that are still open, by the invocation they belong to. */
const open = new Map<string, ServerResponse>()

/**
 * The library streams through an HTTP server of its own and tells no handler that its client has left (library issue 294).
 * Node's diagnostics channel shows every request of this process, and the host's header says whose it is.
 */
subscribe('http.server.request.start', (message) => {
  // The channel's messages are documented by Node and typed as unknown.
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
  const id = request.headers['x-ms-invocation-id']
  if (typeof id !== 'string') return
  open.set(id, response)
  response.once('close', () => open.delete(id))
  response.once('finish', () => {
    // A request that was answered in the middle holds its connection for what is not read; once it has ended, another may have it.
    const leave = () => {
      if (!request.complete) request.socket.destroy()
    }
    if (!request.complete) setTimeout(leave, lingerMs).unref()
  })
})

/** Aborted when the client of this invocation leaves before its answer is finished. Never aborted where answers are buffered. */
export function disconnectSignal(invocationId: string): AbortSignal {
  const controller = new AbortController()
  const response = open.get(invocationId)
  response?.once('close', () => {
    if (!response.writableFinished) controller.abort(new Error('the client has left'))
  })
  if (response?.destroyed) controller.abort(new Error('the client has left'))
  return controller.signal
}

/** The same body, which ends (and frees its source) when `signal` aborts. */
export function endingWith(
  signal: AbortSignal,
  body: ReadableStream<Uint8Array> | null,
): ReadableStream<Uint8Array> | null {
  if (!body) return null
  const reader = body.getReader()
  const leave = () => reader.cancel(signal.reason).catch(() => {}) // Its source may have failed already.
  signal.addEventListener('abort', leave, { once: true })
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { done, value } = await reader.read()
      if (!done) return controller.enqueue(value)
      signal.removeEventListener('abort', leave)
      controller.close()
    },
    cancel: leave,
  })
}
