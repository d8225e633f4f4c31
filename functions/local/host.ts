import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server as NetServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { FleetError } from '../../fleet/error.ts'
import { installCore, type RegisteredFunction, type Registry, triggerOf } from './core.ts'
import type { HostNumbers } from './host-json.ts'
import { httpServer } from './http.ts'
import { type Invoke, invoker, type LogLine, queueOutputs } from './invoke.ts'
import type { OpenQueue } from './queue.ts'
import { type Listener, listen } from './queue-listener.ts'
import { startTimer, type Timer } from './timer.ts'

export interface HostOptions {
  /** Files whose import registers functions (absolute paths). */
  readonly entries: readonly string[]
  readonly numbers: HostNumbers
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly openQueue: OpenQueue
  readonly log: LogLine
  readonly trouble: (what: string, error: unknown) => void
}

export interface LocalHost {
  readonly url: string
  /** Ends gracefully: no new work, running work awaited for a bounded time, `appTerminate` hooks last. */
  stop(): Promise<void>
}

const stopMsMax = 10_000

/**
 * Loads functions as the Functions worker does and runs their HTTP, timer and queue triggers in this process.
 * It is not the Functions host: one instance, no retry policies, no other extension (functions.md).
 * Throws FleetError when the port cannot be had.
 */
export async function startHost(options: HostOptions): Promise<LocalHost> {
  const { numbers, trouble } = options
  const registry = installCore()
  for (const entry of options.entries) await import(pathToFileURL(entry).href)
  const functions = [...registry.functions.values()]
  // The library asks for its core once: whoever used it before `installCore` left it in its silent test mode.
  if (functions.length === 0)
    throw new Error('No function was registered: @azure/functions was used before installCore().')
  const { streamUri, streamServer } = await startStreaming(registry)
  const byTrigger = (type: string) => functions.filter((fn) => triggerOf(fn).binding.type === type)
  const listeners = new Map<string, Listener>()
  const invoke = withOutputs(invoker(registry, numbers.functionTimeoutMs, options.log), options.openQueue, listeners)

  const server = httpServer({
    functions: byTrigger('httpTrigger'),
    routePrefix: numbers.routePrefix,
    invoke,
    streamUri,
    trouble,
  })
  const port = await listenOn(server, options.host, options.port).catch((error: unknown) => {
    streamServer?.close() // Or it would keep the process alive.
    throw error
  })
  const running: (Timer | Listener)[] = []
  const end = () => stop(registry, running, server, streamServer)
  try {
    await runHooks(registry, 'appStart')
    for (const fn of byTrigger('queueTrigger')) {
      const { queueName } = triggerOf(fn).binding
      if (typeof queueName !== 'string') throw new Error(`Queue function "${fn.name}" has no queueName.`)
      const listener = await listen(queueName, options.openQueue, numbers.queues, queueHandler(fn, invoke), trouble)
      listeners.set(queueName, listener)
      running.push(listener)
    }
    const invokeTimer = (fn: RegisteredFunction, input: object) => {
      const data = { json: JSON.stringify(input) }
      return invoke({ fn, request: { inputData: [{ name: triggerOf(fn).name, data }], triggerMetadata: {} } })
    }
    for (const fn of byTrigger('timerTrigger')) running.push(startTimer(fn, invokeTimer, trouble))
  } catch (error) {
    await end()
    throw error
  }
  const address = options.host.includes(':') ? `[${options.host}]` : options.host
  return { url: `http://${address}:${port}`, stop: end }
}

/** Sends what a function put out before its invocation counts as done, so that a failed send is a failed invocation. */
function withOutputs(invoke: Invoke, openQueue: OpenQueue, listeners: ReadonlyMap<string, Listener>): Invoke {
  return async (invocation) => {
    const response = await invoke(invocation)
    for (const { queue, body } of queueOutputs(invocation.fn, response)) {
      await (await openQueue(queue)).send(body)
      listeners.get(queue)?.wake()
    }
    return response
  }
}

function queueHandler(fn: RegisteredFunction, invoke: Invoke): Parameters<typeof listen>[3] {
  return async (text, message) => {
    const triggerMetadata = {
      Id: { string: message.id },
      DequeueCount: { json: String(message.dequeueCount) },
      InsertionTime: { string: message.insertedAt.toISOString() },
    }
    await invoke({
      fn,
      request: { inputData: [{ name: triggerOf(fn).name, data: { string: text } }], triggerMetadata },
    })
  }
}

/**
 * Asks the library what it can do; with streaming on it opens its own HTTP server, on every address of the machine.
 * Here it must not: `listen` is bent to loopback for that one call.
 */
async function startStreaming(registry: Registry): Promise<{ streamUri: string | null; streamServer: Server | null }> {
  const original = NetServer.prototype.listen
  let streamServer: Server | null = null
  NetServer.prototype.listen = function (this: Server, ...args: unknown[]) {
    streamServer = this
    const callback = args.find((arg) => typeof arg === 'function')
    return Reflect.apply(original, this, [{ host: '127.0.0.1', port: 0 }, callback])
  }
  try {
    const { HttpUri } = (await registry.model?.getCapabilities({})) ?? {}
    return { streamUri: HttpUri?.replace('localhost', '127.0.0.1') ?? null, streamServer }
  } finally {
    NetServer.prototype.listen = original
  }
}

async function listenOn(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `PORT ${port} on ${host} is taken by another program; stop it, or choose another, for example PORT=${port + 1}.`
      const other = `HOST ${host} (port ${port}) cannot be listened on: ${error.message}.`
      reject(new FleetError('invalid', error.code === 'EADDRINUSE' ? taken : other, { cause: error }))
    })
    server.listen(port, host, resolve)
  })
  // A listening TCP server's address is never a string (that is a pipe) nor null (that is a closed one).
  return (server.address() as AddressInfo).port
}

async function runHooks(registry: Registry, name: 'appStart' | 'appTerminate'): Promise<void> {
  for (const hook of registry.hooks.get(name) ?? [])
    await hook({ hookData: {}, appHookData: {}, functionAppDirectory: process.cwd() })
}

async function stop(
  registry: Registry,
  running: readonly (Timer | Listener)[],
  server: Server,
  streamServer: Server | null,
): Promise<void> {
  const waiting = new AbortController()
  const bound = sleep(stopMsMax, undefined, { signal: waiting.signal }).catch(() => {})
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  await Promise.race([Promise.allSettled(running.map((each) => each.stop())), bound])
  server.closeAllConnections() // Streams would go on for ever.
  await Promise.race([closed, bound])
  streamServer?.close()
  streamServer?.closeAllConnections()
  await runHooks(registry, 'appTerminate')
  waiting.abort()
}
