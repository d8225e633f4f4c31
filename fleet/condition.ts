import type { KubeObject } from './kinds/kind.ts'
import { messageOf } from './message.ts'
import type { Condition, ConditionStatus } from './observation.ts'
import { instant, int, isRecord, list, record, shapeOf, text } from './wire.ts'

/** The conditions of one object, and which of them its health is judged by. */
export interface ConditionSets {
  readonly judged: readonly Condition[]
  /** All of them; those that are not judged are marked `legacy`. */
  readonly shown: readonly Condition[]
  /** The judged set is the severity-bearing one: the row "CAPI legacy" of domain.md 3.4 applies. */
  readonly legacy: boolean
  /** Why the judged set could not be read. */
  readonly malformed: string | null
  readonly rejected: readonly string[]
}

const statusOf = (value: unknown): ConditionStatus =>
  value === 'True' || value === true ? 'True' : value === 'False' || value === false ? 'False' : 'Unknown'

function conditionOf(
  wire: Readonly<Record<string, unknown>>,
  type: string,
  legacy: boolean,
  presence: boolean,
): Condition {
  return {
    type,
    status: presence ? 'True' : statusOf(wire.status),
    reason: text(wire.reason) ?? null,
    message: messageOf(wire.message) ?? null,
    severity: text(wire.severity) ?? null,
    // Absent or 0 = not reported (domain.md 3.3).
    observedGeneration: int(wire.observedGeneration) || null,
    lastTransitionAt: instant(wire.lastTransitionTime) ?? null,
    legacy,
  }
}

/** What one list of conditions holds. `presence`: being listed means True (Argo CD, domain.md 2.6). */
function readList(
  value: unknown,
  place: string,
  into: Condition[],
  options: { legacy: boolean; presence?: boolean },
): string | null {
  if (value === undefined || value === null) return null
  if (!Array.isArray(value)) return `${place} is ${shapeOf(value)}, not a list`
  let wrong: string | null = null
  for (let i = 0; i < value.length; i++) {
    const item: unknown = value[i]
    const type = isRecord(item) ? text(item.type) : undefined
    if (!isRecord(item)) wrong ??= `${place}[${i}] is ${shapeOf(item)}, not a condition`
    else if (type === undefined)
      wrong ??= `${place}[${i}].type is ${item.type === '' ? 'empty' : shapeOf(item.type)}, not a name`
    else into.push(conditionOf(item, type, options.legacy, options.presence === true))
  }
  return wrong
}

/** `status.conditions` alone: every family but Cluster API's. */
export function readConditions(object: KubeObject, presence = false): ConditionSets {
  const judged: Condition[] = []
  const malformed = readList(object.status.conditions, 'status.conditions', judged, { legacy: false, presence })
  return { judged, shown: judged, legacy: false, malformed, rejected: malformed === null ? [] : [malformed] }
}

/** Kinds that Cluster API itself ships speak metav1.Condition in `status.conditions` from v1beta2 on. */
function shipsNewConditions(object: KubeObject): boolean {
  const { group, kind } = object.ref
  const version = object.apiVersion.slice(object.apiVersion.lastIndexOf('/') + 1)
  if (version.startsWith('v1alpha') || version === 'v1beta1') return false
  return group === 'cluster.x-k8s.io' || group === 'addons.cluster.x-k8s.io' || kind.startsWith('Kubeadm')
}

function looksNew(conditions: readonly unknown[]): boolean {
  if (conditions.length === 0) return false
  for (const item of conditions) {
    const { severity, reason, observedGeneration } = record(item)
    if (severity !== undefined || text(reason) === undefined || observedGeneration === undefined) return false
  }
  return true
}

interface Places {
  readonly fresh: unknown
  readonly freshPlace: string
  readonly old: unknown
  readonly oldPlace: string
}

/** Steps 1 to 4 of domain.md 3.1: where the two sets stand. */
function placesOf(object: KubeObject): Places {
  const status = object.status
  const direct = { value: status.conditions, place: 'status.conditions' }
  const kept = record(record(status.deprecated).v1beta1).conditions
  const keptPlace = 'status.deprecated.v1beta1.conditions'
  const nested = record(status.v1beta2).conditions
  if (Array.isArray(nested) ? nested.length > 0 : nested !== undefined && direct.value === undefined) {
    const old = kept === undefined ? direct : { value: kept, place: keptPlace }
    return { fresh: nested, freshPlace: 'status.v1beta2.conditions', old: old.value, oldPlace: old.place }
  }
  if (shipsNewConditions(object) || looksNew(list(direct.value))) {
    return { fresh: direct.value, freshPlace: direct.place, old: kept, oldPlace: keptPlace }
  }
  const old = kept === undefined ? direct : { value: kept, place: keptPlace }
  return { fresh: undefined, freshPlace: direct.place, old: old.value, oldPlace: old.place }
}

const has = (conditions: readonly Condition[], type: string): boolean => {
  for (const condition of conditions) if (condition.type === type) return true
  return false
}

const shownOnly = (condition: Condition): Condition => ({ ...condition, legacy: true })

/**
 * Both sets of a Cluster API object, and the choice between them (domain.md 3.1, steps 1 to 5).
 * @param primary the kind's primary condition in the new set: without it only Paused and Deleting are taken from there.
 */
export function chooseConditions(object: KubeObject, primary: string): ConditionSets {
  const places = placesOf(object)
  const fresh: Condition[] = []
  const freshWrong = readList(places.fresh, places.freshPlace, fresh, { legacy: false })
  const usable = has(fresh, primary)
  const old: Condition[] = []
  const oldWrong = readList(places.old, places.oldPlace, old, { legacy: usable })
  const rejected = [freshWrong, oldWrong].filter((why) => why !== null)
  if (usable || old.length === 0) {
    const legacy = !usable && fresh.length === 0 && places.fresh === undefined
    const shown = old.length === 0 ? fresh : [...fresh, ...old]
    return { judged: fresh, shown, legacy, malformed: freshWrong ?? (usable ? null : oldWrong), rejected }
  }
  const taken = fresh.filter((c) => c.type === 'Paused' || c.type === 'Deleting')
  const judged = taken.length === 0 ? old : [...taken, ...old.filter((c) => !has(taken, c.type))]
  const rest = fresh.length === taken.length ? [] : fresh.filter((c) => !taken.includes(c)).map(shownOnly)
  return { judged, shown: [...judged, ...rest], legacy: true, malformed: freshWrong ?? oldWrong, rejected }
}
