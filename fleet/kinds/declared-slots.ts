import { type JsonPath, matchesOf } from '../json-path.ts'
import type { Facts } from '../observation.ts'
import { definedOrNone, shapeOf, type Wire } from '../wire.ts'

/** Where a declared kind's objects say what (fleet/observation.ts, `Facts`). What is left out is not reported. */
export interface Paths {
  readonly versionDeclared?: JsonPath
  readonly versionObserved?: JsonPath
  readonly replicas?: { readonly [Slot in (typeof replicaSlots)[number]]?: JsonPath }
  readonly revision?: { readonly [Slot in (typeof revisionSlots)[number]]?: JsonPath }
  readonly phase?: JsonPath
  readonly region?: JsonPath
  readonly armId?: JsonPath
  readonly providerId?: JsonPath
  readonly endpoint?: JsonPath
}

export const replicaSlots = ['desired', 'current', 'ready', 'available', 'upToDate'] as const
export const revisionSlots = ['desired', 'attempted', 'applied'] as const

/** Longer texts are no version, revision or id, and would not fit an index entry. */
const charsMax = 500

/** What the paths find. A value that does not fit leaves its slot unknown and says so in `rejected`. */
export function readFacts(paths: Paths, wire: Wire, rejected: string[]): Facts {
  const word = (slot: string, path: JsonPath | undefined) => path && textAt(path, slot, wire, rejected)
  const { replicas = {}, revision = {} } = paths
  const armId = word('armId', paths.armId)
  return {
    ...definedOrNone({
      versionDeclared: versionAt('versionDeclared', paths.versionDeclared, wire, rejected),
      versionObserved: versionAt('versionObserved', paths.versionObserved, wire, rejected),
      replicas: definedOrNone({
        desired: countAt('replicas.desired', replicas.desired, wire, rejected),
        current: countAt('replicas.current', replicas.current, wire, rejected),
        ready: countAt('replicas.ready', replicas.ready, wire, rejected),
        available: countAt('replicas.available', replicas.available, wire, rejected),
        upToDate: countAt('replicas.upToDate', replicas.upToDate, wire, rejected),
      }),
      revision: definedOrNone({
        desired: word('revision.desired', revision.desired),
        attempted: word('revision.attempted', revision.attempted),
        applied: word('revision.applied', revision.applied),
      }),
      phase: word('phase', paths.phase),
      region: word('region', paths.region),
      armId: armId === undefined || isArmId(armId) ? armId : refused(rejected, 'armId', paths.armId, 'is no ARM id'),
      providerId: word('providerId', paths.providerId),
      endpoint: word('endpoint', paths.endpoint),
    }),
  }
}

const isArmId = (id: string): boolean => id.toLowerCase().startsWith('/subscriptions/')

/** The text that a path leads to; nothing where there is none, or something else. */
export function textAt(path: JsonPath, slot: string, wire: Wire, rejected: string[]): string | undefined {
  return textOf(valueAt(path, slot, wire, rejected), path, slot, rejected)
}

function textOf(value: unknown, path: JsonPath, slot: string, rejected: string[]): string | undefined {
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'string') return refused(rejected, slot, path, `is ${shapeOf(value)}, not a text`)
  if (value.length <= charsMax) return value
  return refused(rejected, slot, path, `has ${value.length} characters, more than the ${charsMax} that are kept`)
}

/** A number is never taken for a version: YAML reads 1.30 as 1.3. */
function versionAt(slot: string, path: JsonPath | undefined, wire: Wire, rejected: string[]): string | undefined {
  if (path === undefined) return undefined
  const value = valueAt(path, slot, wire, rejected)
  if (typeof value !== 'number') return textOf(value, path, slot, rejected)
  return refused(rejected, slot, path, `is the number ${value}, not a text: 1.30 would be 1.3`)
}

function countAt(slot: string, path: JsonPath | undefined, wire: Wire, rejected: string[]): number | undefined {
  if (path === undefined) return undefined
  const value = valueAt(path, slot, wire, rejected)
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  const shown = typeof value === 'number' ? String(value) : shapeOf(value)
  return refused(rejected, slot, path, `is ${shown}, not a count`)
}

/**
 * The field that pauses an object, where it does: true, or the text "true", as annotations have it. Null: it is not paused, or cannot
 * be read.
 */
export function pausedBy(path: JsonPath, wire: Wire, rejected: string[]): string | null {
  const value = valueAt(path, 'pause', wire, rejected)
  if (value === true || value === 'true') return fieldOf(path)
  if (value === undefined || value === '' || value === false || value === 'false') return null
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : shapeOf(value)
  refused(rejected, 'pause', path, `is ${shown}, neither true nor false`)
  return null
}

/** `spec.paused`, `metadata.annotations[example.com/paused]`: as pauses are called elsewhere (fleet/families/pause.ts). */
export function fieldOf({ steps, written }: JsonPath): string {
  const names = steps.flatMap((step) => ('name' in step ? [step.name] : []))
  if (names.length < steps.length) return written
  return names.reduce(
    (field, name) => (/^[\w-]+$/.test(name) ? `${field}${field && '.'}${name}` : `${field}[${name}]`),
    '',
  )
}

/** The one value that a path leads to. Null is how an API server writes "absent". */
function valueAt(path: JsonPath, slot: string, wire: Wire, rejected: string[]): unknown {
  const [value, ...others] = matchesOf(path, wire)
  if (others.length === 0) return value === null ? undefined : value
  return refused(rejected, slot, path, `names ${others.length + 1} values, where one is needed`)
}

/** One sentence for `rejected`; the slot stays unknown. */
function refused(rejected: string[], slot: string, path: JsonPath | undefined, what: string): undefined {
  rejected.push(`${slot}: ${path?.written ?? ''} ${what}`)
  return undefined
}
