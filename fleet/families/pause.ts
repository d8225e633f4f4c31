import type { Pause } from '../gitops.ts'
import type { KubeObject } from '../kinds/kind.ts'
import type { Condition } from '../observation.ts'
import { instant, isRecord, list, record, text } from '../wire.ts'

// Reconciling switched off by an object's own spec or annotation. What a Cluster's pause does to its objects is no pause of their own.

/** How an object switches itself off: the field, and what stands there. */
export interface OwnPause {
  /** `spec.suspend`, `spec.paused`, `metadata.annotations[cluster.x-k8s.io/paused]`. */
  readonly field: string
  /** Null: whatever is written there would pause it. */
  readonly expected: string | null
  readonly actual: string
}

export const pausedAnnotation = 'cluster.x-k8s.io/paused'
export const operatorAnnotation = 'fluxcd.controlplane.io/reconcile'
export const policyAnnotation = 'serviceoperator.azure.com/reconcile-policy'

/** What of `spec` and annotations switches an object off, by the project its group belongs to (domain.md 3.4, "suspended"). */
export function ownPauseOf({ ref, spec, annotations }: KubeObject): OwnPause | undefined {
  const { group } = ref
  if (group.endsWith('.azure.com'))
    return annotations[policyAnnotation] === 'skip' ? annotated(policyAnnotation, 'skip', 'manage') : undefined
  if (isClusterApi(group)) {
    if (spec.paused === true) return flagged('paused')
    // Its presence counts, whatever its value (domain.md 2.1).
    const value = annotations[pausedAnnotation]
    return value === undefined ? undefined : annotated(pausedAnnotation, value, null)
  }
  if (spec.suspend === true) return flagged('suspend')
  if (group === 'fluxcd.controlplane.io' && annotations[operatorAnnotation] === 'disabled')
    return annotated(operatorAnnotation, 'disabled', 'enabled')
  return spec.paused === true && !isFlux(group) ? flagged('paused') : undefined
}

const isClusterApi = (group: string): boolean => group === 'cluster.x-k8s.io' || group.endsWith('.cluster.x-k8s.io')
const isFlux = (group: string): boolean => group.endsWith('.fluxcd.io') || group === 'fluxcd.controlplane.io'

const flagged = (name: string): OwnPause => ({ field: `spec.${name}`, expected: 'false', actual: 'true' })

const annotated = (name: string, actual: string, expected: string | null): OwnPause => ({
  field: `metadata.annotations[${name}]`,
  expected,
  actual,
})

/**
 * The pause of an object whose field says so, with who wrote that field and when. A manager's time is that of its last write, to
 * this field or another, so the field may be older: it is never younger.
 */
export function pauseOf(field: string, managedFields: unknown, conditions: readonly Condition[]): Pause {
  const { actor, since } = writerOf(field, managedFields)
  const told = conditions.find(({ type, status }) => type === 'Paused' && status === 'True')
  const reason = told?.message ?? undefined
  return {
    field,
    ...(since === undefined ? {} : { since }),
    ...(actor === undefined ? {} : { actor }),
    ...(reason === undefined ? {} : { reason }),
  }
}

/** The manager that owns a field; of several, the one that wrote last (Kubernetes, "Field Management": `fieldsV1`). */
function writerOf(field: string, managedFields: unknown): { actor?: string; since?: string } {
  const path = pathOf(field)
  let last: { actor?: string; since?: string } = {}
  for (const entry of list(managedFields)) {
    const { manager, time, fieldsV1 } = record(entry)
    if (!holds(fieldsV1, path)) continue
    const actor = text(manager)
    const since = instant(time)
    if (last.since !== undefined && (since === undefined || Date.parse(since) < Date.parse(last.since))) continue
    last = { ...(actor === undefined ? {} : { actor }), ...(since === undefined ? {} : { since }) }
  }
  return last
}

const annotationsPrefix = 'metadata.annotations['

/** `spec.suspend` as the keys under which `fieldsV1` has it: `f:spec`, `f:suspend`. */
function pathOf(field: string): readonly string[] {
  if (field.startsWith(annotationsPrefix))
    return ['f:metadata', 'f:annotations', `f:${field.slice(annotationsPrefix.length, -1)}`]
  return field.split('.').map((name) => `f:${name}`)
}

function holds(fields: unknown, path: readonly string[]): boolean {
  let at = fields
  for (const key of path) {
    if (!isRecord(at) || !Object.hasOwn(at, key)) return false
    at = at[key]
  }
  return true
}
