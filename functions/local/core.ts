import { Module } from 'node:module'
import * as z from 'zod'

/**
 * The module `@azure/functions-core`, which the library `@azure/functions` asks for and which the Functions worker supplies.
 * We supply it too, in the same way (by intercepting `require`), so that the very same registered functions run here.
 */

/** What the host and the library hand each other (the FunctionRpc protocol's TypedData, as far as it is used). */
export interface TypedData {
  readonly string?: string | null
  readonly json?: string | null
  readonly bytes?: Uint8Array | null
  readonly http?: HttpData | null
}

export interface HttpData {
  readonly url?: string
  readonly method?: string
  readonly statusCode?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly params?: Readonly<Record<string, string>>
  readonly body?: TypedData | null
}

/** A trigger or an output of a function, as it was declared. */
export interface Binding {
  readonly type: string
  readonly direction: string
  readonly [option: string]: unknown
}

export interface RegisteredFunction {
  readonly name: string
  readonly bindings: Readonly<Record<string, Binding>>
  readonly callback: unknown
}

/** One call of a function: what triggered it, in the protocol's words. */
export interface InvocationRequest {
  readonly inputData: readonly { readonly name: string; readonly data: TypedData }[]
  readonly triggerMetadata: Readonly<Record<string, TypedData>>
}

export interface InvocationResponse {
  readonly outputData?: readonly { readonly name: string; readonly data: TypedData }[] | null
  readonly returnValue?: TypedData | null
}

interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>
  invokeFunction(context: unknown, inputs: unknown[], callback: unknown): Promise<unknown>
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>
}

interface ProgrammingModel {
  getInvocationModel(context: {
    readonly invocationId: string
    readonly metadata: { readonly name: string; readonly bindings: Readonly<Record<string, Binding>> }
    readonly request: InvocationRequest
    readonly log: (level: string, category: string, message: string) => void
  }): InvocationModel
  /** The library fills in what it can do: `HttpUri` when it serves HTTP streams. */
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>
}

type AppHook = 'appStart' | 'appTerminate'
type Hook = (context: object) => unknown

/** What the loaded entry points registered. One per process, because the library keeps the module it got first. */
export interface Registry {
  readonly functions: Map<string, RegisteredFunction>
  readonly hooks: Map<AppHook, Set<Hook>>
  model: ProgrammingModel | null
}

const coreName = '@azure/functions-core'
const metadataShape = z.object({
  name: z.string(),
  bindings: z.record(z.string(), z.looseObject({ type: z.string(), direction: z.string() })),
})
let installed: Registry | null = null

/** Answers `require('@azure/functions-core')` in this process from now on. Safe to repeat: later calls return the same registry. */
export function installCore(): Registry {
  if (installed) return installed
  const registry: Registry = {
    functions: new Map(),
    hooks: new Map([
      ['appStart', new Set()],
      ['appTerminate', new Set()],
    ]),
    model: null,
  }
  const core = coreOf(registry)
  const original = Module.prototype.require
  Module.prototype.require = function (this: unknown, id: string) {
    return id === coreName ? core : original.call(this, id)
  }
  installed = registry
  return registry
}

function coreOf(registry: Registry) {
  const disposable = (dispose: () => void) => ({ dispose })
  return {
    version: '0.0.0-local',
    hostVersion: '4.0.0-local',
    log: () => {},
    setProgrammingModel: (model: ProgrammingModel) => {
      registry.model = model
    },
    getProgrammingModel: () => registry.model,
    registerFunction: (metadata: unknown, callback: unknown) => {
      const { name, bindings } = metadataShape.parse(metadata)
      if (registry.functions.has(name)) throw new Error(`Two functions are registered as "${name}".`)
      registry.functions.set(name, { name, bindings, callback })
      return disposable(() => registry.functions.delete(name))
    },
    registerHook: (name: string, hook: Hook) => {
      const hooks = name === 'appStart' || name === 'appTerminate' ? registry.hooks.get(name) : undefined
      if (!hooks) throw new Error(`The local host runs appStart and appTerminate hooks only, not "${name}".`)
      hooks.add(hook)
      return disposable(() => hooks.delete(hook))
    },
  }
}

/** The trigger of a function: its binding's name and declaration. */
export function triggerOf(fn: RegisteredFunction): { readonly name: string; readonly binding: Binding } {
  const entry = Object.entries(fn.bindings).find(([, { type }]) => /trigger$/i.test(type))
  if (!entry) throw new Error(`Function "${fn.name}" has no trigger.`)
  return { name: entry[0], binding: entry[1] }
}
