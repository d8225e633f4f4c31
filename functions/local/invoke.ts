import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { InvocationRequest, InvocationResponse, RegisteredFunction, Registry, TypedData } from './core.ts'
import { encode } from './queue-listener.ts'

/** A line that a function logged through its context. */
export type LogLine = (level: string, functionName: string, message: string) => void

export interface Invocation {
  readonly fn: RegisteredFunction
  readonly request: InvocationRequest
  /** Given where the caller must know it first (an HTTP stream is matched by it). */
  readonly id?: string
}

export type Invoke = (invocation: Invocation) => Promise<InvocationResponse>

/**
 * Calls functions through the library's own invocation model, as the worker does.
 * Rejects when the function throws, or (HTTP excepted) runs longer than `timeoutMs`; a late one keeps running but no longer counts.
 */
export function invoker(registry: Registry, timeoutMs: number, log: LogLine): Invoke {
  return async ({ fn, request, id = randomUUID() }) => {
    if (!registry.model) throw new Error('No function was registered, so the library gave no programming model.')
    const { name, bindings, callback } = fn
    const model = registry.model.getInvocationModel({
      invocationId: id,
      metadata: { name, bindings },
      request,
      log: (level, _category, message) => log(level, name, message),
    })
    const run = async () => {
      const { context, inputs } = await model.getArguments()
      return model.getResponse(context, await model.invokeFunction(context, inputs, callback))
    }
    const isHttp = Object.values(bindings).some(({ type }) => type === 'httpTrigger')
    return isHttp ? run() : within(timeoutMs, run(), name)
  }
}

async function within<T>(timeoutMs: number, work: Promise<T>, name: string): Promise<T> {
  const done = new AbortController()
  const late = sleep(timeoutMs, undefined, { signal: done.signal }).then(() => {
    throw new Error(`Function "${name}" ran longer than functionTimeout (${timeoutMs / 1000} s).`)
  })
  late.catch(() => {}) // Aborted when the work was in time.
  try {
    return await Promise.race([work, late])
  } finally {
    done.abort()
  }
}

/** Queue messages of a response: which queue, and the encoded body. An array makes one message per item, as in the Functions host. */
export function queueOutputs(fn: RegisteredFunction, response: InvocationResponse): { queue: string; body: string }[] {
  return (response.outputData ?? []).flatMap(({ name, data }) => {
    const binding = fn.bindings[name]
    if (binding?.type !== 'queue' || typeof binding.queueName !== 'string') return []
    const queue = binding.queueName
    return textsOf(data).map((text) => ({ queue, body: encode(text) }))
  })
}

function textsOf(data: TypedData): string[] {
  if (typeof data.string === 'string') return [data.string]
  if (data.bytes) return [Buffer.from(data.bytes).toString('utf8')]
  if (typeof data.json !== 'string') return []
  const value: unknown = JSON.parse(data.json)
  const items: unknown[] = Array.isArray(value) ? value : [value]
  return items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)))
}
