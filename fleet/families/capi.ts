import { chooseConditions } from '../condition.ts'
import type { OwnDifference } from '../drift/difference.ts'
import type { Flag, Reading, Rung } from '../health.ts'
import type { KindReading, KubeObject } from '../kinds/kind.ts'
import { find, has, type Row, readingOf, reasonOf, rungOf, type View, viewOf } from '../ladder.ts'
import { messageOf } from '../message.ts'
import type { ClusterName, Condition, Facts } from '../observation.ts'
import { defined, int, record, text } from '../wire.ts'
import { shortageMs } from './counter.ts'
import { genericRow } from './generic.ts'
import { pausedAnnotation } from './pause.ts'
import { isChangeReason } from './reason.ts'
import { rolloutOf } from './rollout.ts'

/** How one kind of Cluster API differs from the others. */
export interface CapiKind {
  /** The primary condition of the new set; the legacy set's is Ready unless `legacyPrimary` says otherwise. */
  readonly primary: string
  readonly legacyPrimary?: string
  /** Rows of domain.md 3.4 for the new conditions. Absent: the generic row, with what a provider's contract adds. */
  readonly row?: (view: View) => Row
  readonly facts: (object: KubeObject, conditions: readonly Condition[]) => Facts
  /** Replica counters that both sets of conditions are judged with. */
  readonly counters?: (view: View) => Counters
  /** A legacy read without Ready is judged by `status.phase` (MachineDeployment, MachinePool). */
  readonly readsPhase?: boolean
  /** A phase other than Running is a change under way (MachinePool). */
  readonly phaseIsChange?: boolean
  /** AzureManagedMachinePool calls them `errorReason` and `errorMessage`. */
  readonly failureFields?: readonly [reason: string, message: string]
  /**
   * Conditions beside the legacy primary whose False is a problem too, unless it is of severity Info or only waits: the primary does
   * not sum them up.
   */
  readonly alsoJudged?: readonly string[]
  /** Its conditions tell of rollouts. */
  readonly rolls?: boolean
  /** Differences that it shows by itself, in the order of its rules. */
  readonly drift?: (view: View) => readonly (OwnDifference | undefined)[]
  /** Nothing: the general rule for ownership. */
  readonly owner?: (object: KubeObject) => ClusterName | undefined
}

/** What replica counters say: rungs for the ladder, and whether replicas are missing. */
export interface Counters {
  readonly problem?: Rung | undefined
  readonly changes: readonly Rung[]
  readonly short: boolean
}

const noCounters: Counters = { changes: [], short: false }

/** Reads an object that follows Cluster API's contract, in either of its two sets of conditions. */
export function readCapi(object: KubeObject, kind: CapiKind): KindReading {
  const sets = chooseConditions(object, kind.primary)
  const primary = sets.legacy ? (kind.legacyPrimary ?? 'Ready') : kind.primary
  const view = viewOf(object, sets, primary)
  const counters = kind.counters?.(view) ?? noCounters
  const row = sets.legacy ? legacyRow(view, kind) : (kind.row?.(view) ?? providerRow(view, kind))
  const flags: readonly Flag[] = legacyFailure(object, kind, row)
    ? [...(row.flags ?? []), 'legacyFailure']
    : (row.flags ?? [])
  const reading = readingOf(view, {
    ...row,
    suspended: pauseOf(view),
    problems: [...row.problems, counters.problem],
    changes: [...row.changes, ...counters.changes],
    flags,
    short: counters.short,
    newborns: true,
  })
  const owner = kind.owner?.(object)
  return {
    reading,
    conditions: sets.shown,
    facts: { ...kind.facts(object, sets.judged), ...shownBy(view, kind) },
    observedGeneration: view.observed,
    rejected: sets.rejected,
    ...(owner ? { owner } : undefined),
  }
}

/** What the conditions tell beside health. */
function shownBy(view: View, kind: CapiKind): Pick<Facts, 'rollout' | 'drift'> {
  const drift = kind.drift?.(view).filter((difference) => difference !== undefined) ?? []
  return defined({
    rollout: kind.rolls ? rolloutOf(view) : undefined,
    drift: drift.length === 0 ? undefined : drift,
  })
}

/** `spec.paused`, the annotation with whatever value, or Paused=True (domain.md 2.1). */
export function pauseOf(view: View): Reading['suspended'] {
  const { spec, annotations } = view.object
  const condition = has(view, 'Paused', 'True')
  const message =
    spec.paused === true
      ? 'spec.paused is true'
      : pausedAnnotation in annotations
        ? `annotation ${pausedAnnotation}`
        : null
  if (message === null && !condition) return undefined
  return {
    reason: condition ? reasonOf(condition) : 'Paused',
    message: message ?? condition?.message ?? '',
    since: condition?.lastTransitionAt ?? null,
  }
}

const isChange = (condition: Condition): boolean => condition.severity === 'Info' || isChangeReason(condition.reason)

/** The row "CAPI legacy". Severity alone would paint every upgrade Degraded, so the reason is asked first. */
function legacyRow(view: View, kind: CapiKind): Row {
  const { primary } = view
  const unmet = primary?.status === 'False' ? primary : undefined
  const phase = text(view.object.status.phase)
  return {
    terminal: legacyTerminal(view.object, kind),
    problems: [unmet, ...(kind.alsoJudged ?? []).map((type) => has(view, type, 'False'))].map((condition) =>
      condition && !isChange(condition) ? rungOf('Degraded', condition) : undefined,
    ),
    changes: [
      unmet && isChange(unmet) ? rungOf('Progressing', unmet) : undefined,
      transient(view),
      kind.phaseIsChange ? phaseChange(view) : undefined,
    ],
    rest: primary ? undefined : restByField(view.object, kind, phase),
  }
}

const phaseRung = (state: Rung['state'], phase: string): Rung => ({ state, reason: `Phase${phase}` })

/** A phase other than Running, where it is reported. Unknown beside no condition at all is no change, but silence. */
export function phaseChange({ object, primary }: View): Rung | undefined {
  const phase = text(object.status.phase)
  if (phase === 'Unknown' && !primary) return undefined
  return phase === undefined || phase === 'Running' ? undefined : phaseRung('Progressing', phase)
}

/** A provider with new conditions: the generic row, under the contract it still follows (domain.md 1). */
function providerRow(view: View, kind: CapiKind): Row {
  const row = genericRow(view)
  return {
    ...row,
    terminal: row.terminal ?? legacyTerminal(view.object, kind),
    changes: [...row.changes, transient(view)],
  }
}

const isTransient = (type: string): boolean =>
  type.endsWith('Creating') || type.endsWith('Updating') || type.endsWith('Upgrading')

/**
 * Conditions of CAPA and CAPG that are True only while they work, and rest as False with severity Info (domain.md 2.3; ROSA's say
 * Upgrading: CAPA `controlplane/rosa/controllers`).
 */
function transient(view: View): Rung | undefined {
  const atWork = view.sets.judged.find(({ type, status }) => status === 'True' && isTransient(type))
  return atWork && rungOf('Progressing', atWork)
}

/** Without Ready: `status.ready` or `initialized`; MachineDeployment and MachinePool without either: the phase. */
function restByField({ status }: KubeObject, kind: CapiKind, phase: string | undefined): Rung | undefined {
  const ready = typeof status.ready === 'boolean' ? status.ready : status.initialized
  if (typeof ready === 'boolean') {
    return ready ? { state: 'Healthy', reason: 'Ready' } : { state: 'Progressing', reason: 'NotReady' }
  }
  if (!kind.readsPhase || phase === undefined) return undefined
  if (phase === 'Running') return phaseRung('Healthy', phase)
  const isWork = phase.startsWith('Scaling') || phase === 'Pending' || phase.startsWith('Provision')
  return isWork ? phaseRung('Progressing', phase) : undefined
}

/** Core kinds keep these fields only where they are read as v1beta1; a provider's contract still is v1beta1. */
function failureIsTerminal(object: KubeObject): boolean {
  return !isCore(object) || object.apiVersion.endsWith('/v1beta1') || object.apiVersion.includes('/v1alpha')
}

function isCore({ ref }: KubeObject): boolean {
  return ref.group === 'cluster.x-k8s.io' || ref.group === 'addons.cluster.x-k8s.io' || ref.kind.startsWith('Kubeadm')
}

/** `failureReason`, `failureMessage` or phase Failed, where they still mean "given up" (domain.md 3.2, 3.4). */
export function legacyTerminal(object: KubeObject, kind: Pick<CapiKind, 'failureFields'> = {}): Rung | undefined {
  if (!failureIsTerminal(object)) return undefined
  const failure = failureOf(object.status, kind)
  if (failure) return failure
  return object.status.phase === 'Failed' ? phaseRung('Failed', 'Failed') : undefined
}

function failureOf(status: Readonly<Record<string, unknown>>, kind: Pick<CapiKind, 'failureFields'>): Rung | undefined {
  const [reasonField, messageField] = kind.failureFields ?? ['failureReason', 'failureMessage']
  const reason = text(status[reasonField])
  const message = messageOf(status[messageField])
  if (reason === undefined && message === undefined) return undefined
  return { state: 'Failed', reason: reason ?? messageField, message: message ?? '' }
}

/** A failure field that is no longer terminal is shown as a flag. */
function legacyFailure(object: KubeObject, kind: CapiKind, row: Row): boolean {
  if (row.terminal || !isCore(object)) return false
  const { status } = object
  return (
    failureOf(record(record(status.deprecated).v1beta1), kind) !== undefined || failureOf(status, kind) !== undefined
  )
}

const desiredOf = ({ object }: View): number | undefined => int(object.spec.replicas)

/**
 * "replicas ≠ desired" of domain.md 3.4, notes: a change, except that ready replicas alone may be missing for 15 minutes
 * only, counted from MachinesReady=False or from our first sight of it.
 */
export function replicaCounters(view: View): Counters {
  const desired = desiredOf(view)
  if (desired === undefined) return noCounters
  const current = int(view.object.status.replicas)
  const ready = int(view.object.status.readyReplicas)
  const short = ready !== undefined && ready < desired
  const changes: Rung[] = []
  if (current !== undefined && current !== desired) changes.push(scaling(current, desired))
  else if (ready !== undefined && ready > desired) changes.push(scaling(ready, desired))
  else if (short) changes.push(...shortage(view, `${ready} of ${desired} replicas are ready`))
  return { changes, short }
}

const scaling = (current: number, desired: number): Rung => ({
  state: 'Progressing',
  reason: current < desired ? 'ScalingUp' : 'ScalingDown',
  message: `${current} replicas, ${desired} wanted`,
})

/** First a change, then a problem: one dead machine must not look like progress for ever. */
function shortage(view: View, message: string): Rung[] {
  const since = find(view.sets.judged, 'MachinesReady')
  const at = since?.status === 'False' ? since.lastTransitionAt : null
  const rung = { reason: 'ReplicasShort', message, ...(at === null ? undefined : { since: at }) }
  return [
    { ...rung, state: 'Progressing', until: shortageMs(at) },
    { ...rung, state: 'Degraded' },
  ]
}

/** MachinePool: too few available replicas are a problem after 15 minutes, whatever else is going on. */
export function poolCounters(view: View): Counters {
  const desired = desiredOf(view)
  const available = int(view.object.status.availableReplicas)
  const counters = replicaCounters(view)
  if (desired === undefined || available === undefined || available >= desired) return counters
  const message = `${available} of ${desired} replicas are available`
  return {
    problem: { state: 'Degraded', reason: 'ReplicasShort', message, from: shortageMs(null) },
    changes: counters.changes
      .filter((rung) => rung.reason !== 'ReplicasShort' || rung.state === 'Progressing')
      .map(forGood),
    short: true,
  }
}

/** The problem rung above ends it, so it needs no end of its own. */
const forGood = ({ until: _until, ...rung }: Rung): Rung => rung
