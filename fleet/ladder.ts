import type { ConditionSets } from './condition.ts'
import type { Flag, Reading, Rung } from './health.ts'
import type { KubeObject } from './kinds/kind.ts'
import type { Condition, ConditionStatus } from './observation.ts'
import { int } from './wire.ts'

const minute = 60_000
/** Deleting for longer than this is stuck (domain.md 3.3, rule 2). */
const stuckDeletingMs = 60 * minute
/** How long a controller may lag behind a new generation (rules 6 and 7). */
const lagMs = 10 * minute
/** How long an object without conditions counts as just born (rule 9). */
const newbornMs = 5 * minute

/** One object as a family's rules look at it. */
export interface View {
  readonly object: KubeObject
  readonly sets: ConditionSets
  /** `status.observedGeneration`; −1 on Flux kinds nobody has looked at. */
  readonly observed: number | null
  readonly primary: Condition | undefined
}

export function viewOf(object: KubeObject, sets: ConditionSets, primary: string | readonly string[]): View {
  const observed = int(object.status.observedGeneration) ?? null
  return { object, sets, observed, primary: firstOf(sets.judged, primary) }
}

function firstOf(conditions: readonly Condition[], types: string | readonly string[]): Condition | undefined {
  if (typeof types === 'string') return find(conditions, types)
  for (const type of types) {
    const found = find(conditions, type)
    if (found) return found
  }
  return undefined
}

export function find(conditions: readonly Condition[], type: string): Condition | undefined {
  for (const condition of conditions) if (condition.type === type) return condition
  return undefined
}

/** The judged condition of that type, when it has that status. */
export function has(view: View, type: string, status: ConditionStatus): Condition | undefined {
  const condition = find(view.sets.judged, type)
  return condition?.status === status ? condition : undefined
}

/** As `has`, but only when the condition speaks of the present generation. */
export function hasFresh(view: View, type: string, status: ConditionStatus): Condition | undefined {
  const condition = has(view, type, status)
  return condition && isFresh(view, condition) ? condition : undefined
}

/**
 * Whether a condition speaks of the present generation (domain.md 3.3). The condition's own field decides where it is
 * reported, for most controllers move `status.observedGeneration` only when a reconcile succeeds. A legacy Cluster API
 * condition has no such field, so its False is always believed.
 */
export function isFresh(view: View, condition: Condition): boolean {
  const generation = view.object.generation
  if (generation === null) return true
  if (condition.observedGeneration !== null) return condition.observedGeneration >= generation
  if (view.sets.legacy && condition.status === 'False') return true
  return (view.observed ?? generation) >= generation
}

export const reasonOf = (condition: Condition): string => condition.reason ?? condition.type

/** The answer a condition gives. `over` replaces what the condition says. */
export function rungOf(state: Rung['state'], condition: Condition, over?: Partial<Rung>): Rung {
  return {
    state,
    reason: reasonOf(condition),
    since: condition.lastTransitionAt,
    ...(condition.message === null ? undefined : { message: condition.message }),
    ...over,
  }
}

/** What a family finds in one object, by the rows of domain.md 3.4. Within a list the first is the strongest. */
export interface Row {
  readonly suspended?: Reading['suspended'] | undefined
  /** A marker of deletion besides `deletionTimestamp` and the `*Deleting` conditions. */
  readonly deleting?: Condition | undefined
  readonly terminal?: Rung | undefined
  readonly problems: readonly (Rung | undefined)[]
  readonly changes: readonly (Rung | undefined)[]
  /** The answer of rules 9 and 10 where no condition is the primary: a field is. */
  readonly rest?: Rung | undefined
  readonly flags?: readonly Flag[]
  readonly short?: boolean
  /** False where silence is no excuse: the generic family, and Azure. */
  readonly newborns?: boolean
}

/** The ladder of domain.md 3.3, rules 2 to 10. Rule 1 is the judge's: it needs to know when the source was read. */
export function readingOf(view: View, row: Row): Reading {
  const rungs: Rung[] = []
  const flags = row.flags ?? []
  if (!pushDeleting(view, row, rungs)) {
    pushVerdict(view, row, rungs)
    const { suspended } = row
    if (suspended) return { suspended, rungs, flags, short: row.short === true }
  }
  return { rungs, flags, short: row.short === true }
}

/** Rule 2. */
function pushDeleting(view: View, row: Row, rungs: Rung[]): boolean {
  const since = view.object.deletingSince
  const marker = row.deleting ?? view.sets.judged.find((c) => c.status === 'True' && c.type.endsWith('Deleting'))
  if (since === null && !marker) return false
  rungs.push(
    ...deletingRungs(
      marker ? reasonOf(marker) : 'DeletionRequested',
      since ?? marker?.lastTransitionAt ?? null,
      marker?.message,
    ),
  )
  return true
}

/** Deleting since an instant (RFC 3339), and stuck an hour later; without an instant nobody can tell. */
export function deletingRungs(reason: string, since: string | null, message?: string | null): Rung[] {
  const deleting: Rung = { state: 'Deleting', reason, since, ...(message ? { message } : undefined) }
  if (since === null) return [deleting]
  return [{ ...deleting, flags: ['stuck'], from: { at: later(since, stuckDeletingMs) } }, deleting]
}

/** Rules 4 to 10, each as far as the clock leaves room for the next. */
function pushVerdict(view: View, row: Row, rungs: Rung[]): void {
  if (view.sets.malformed !== null) {
    rungs.push({ state: 'Unknown', reason: 'MalformedStatus', message: view.sets.malformed })
    return
  }
  if (row.terminal) {
    rungs.push(row.terminal)
    return
  }
  if (pushAll(rungs, row.problems)) return
  if (lags(view)) {
    rungs.push({
      state: 'Progressing',
      reason: 'GenerationNotObserved',
      until: { after: 'generationSeenAt', ms: lagMs },
    })
    rungs.push({ state: 'Stale', reason: 'ControllerNotObserving' })
    return
  }
  if (pushAll(rungs, row.changes)) return
  pushRest(view, row, rungs)
}

/** True when one of them holds whatever the clock says, so that nothing below it can answer. */
function pushAll(rungs: Rung[], found: readonly (Rung | undefined)[]): boolean {
  for (const rung of found) {
    if (!rung) continue
    rungs.push(rung)
    if (!rung.from && !rung.until) return true
  }
  return false
}

/** Rule 6: the primary condition is there but not fresh; without one, the status as a whole lags. */
function lags(view: View): boolean {
  if (view.primary) return !isFresh(view, view.primary)
  const { observed, object } = view
  return observed !== null && observed > 0 && object.generation !== null && observed < object.generation
}

/** Rules 9 and 10. */
function pushRest(view: View, row: Row, rungs: Rung[]): void {
  const { primary } = view
  if (primary) {
    rungs.push(restOf(view, primary))
  } else if (row.rest) {
    rungs.push(row.rest)
  } else {
    if (row.newborns !== false && view.sets.shown.length === 0) {
      const born = view.object.createdAt
      const newborn: Rung = { state: 'Progressing', reason: 'Newborn', since: born }
      if (born === null) {
        // No creationTimestamp: a manifest that was never applied, not a reading.
        rungs.push(newborn)
        return
      }
      rungs.push({ ...newborn, until: { at: later(born, newbornMs) } })
    }
    rungs.push({ state: 'Unknown', reason: 'NotReported' })
  }
}

function restOf(view: View, primary: Condition): Rung {
  if (primary.status === 'Unknown') return rungOf('Unknown', primary)
  // False belongs to a problem or a change by every row of the table. Should a row miss one, it must not turn green.
  if (primary.status === 'False') return rungOf('Degraded', primary)
  // A controller that reconciles every interval says so while Ready is still True (domain.md 3.4, notes).
  return rungOf('Healthy', primary, has(view, 'Reconciling', 'True') ? { flags: ['reconciling'] } : undefined)
}

/** `at` plus `ms`, as RFC 3339. */
export function later(at: string, ms: number): string {
  return new Date(Date.parse(at) + ms).toISOString()
}
