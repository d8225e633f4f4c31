import type { DriftCode } from '../drift/code.ts'
import type { OwnDifference } from '../drift/difference.ts'
import { compareRevisions } from '../drift/revision.ts'
import { conditionDrift } from '../families/condition-drift.ts'
import { suspendedDrift } from '../families/flux-gitops.ts'
import type { OwnPause } from '../families/pause.ts'
import type { GitOps } from '../gitops.ts'
import type { Rung } from '../health.ts'
import type { JsonPath } from '../json-path.ts'
import type { ConditionStatus, Facts } from '../observation.ts'
import { definedOrNone } from '../wire.ts'
import type { DeclaredHealth, DeclaredReading } from './declared-health.ts'
import { fieldOf, type Paths } from './declared-slots.ts'
import type { KubeObject } from './kind.ts'

/** One object of a declared kind that is of a GitOps tool, as far as it is read. */
interface DeclaredReconciler {
  readonly declared: { readonly health: DeclaredHealth | null; readonly paths: Paths }
  readonly object: KubeObject
  readonly judged: DeclaredReading
  readonly facts: Facts
  readonly pause: OwnPause | undefined
}

/** What it says of GitOps, and how it differs from what it should apply, by its own word (domain.md 4.1). */
export function gitopsFacts(one: DeclaredReconciler): Pick<Facts, 'gitops' | 'drift'> {
  const { pause, judged } = one
  const leaves = judged.reading.rungs[0]?.state === 'Deleting'
  const drift = [
    pause && suspendedDrift(pause),
    // What is on its way out is not to apply anything any more.
    ...(leaves ? [] : [behindSource(one), applyFailed(one)]),
  ].filter((difference) => difference !== undefined)
  return {
    gitops: { tool: 'declared', role: 'reconciler', suspended: pause !== undefined, ...readyOf(one) },
    ...definedOrNone({ drift: drift.length === 0 ? undefined : drift }),
  }
}

/** What the ladder answers without having heard anything of the present generation. */
const unheard: ReadonlySet<string> = new Set(['GenerationNotObserved', 'Newborn', 'NotReported', 'MalformedStatus'])

const readyIn: Readonly<Record<Rung['state'], ConditionStatus | undefined>> = {
  Healthy: 'True',
  Progressing: 'Unknown',
  Unknown: 'Unknown',
  Degraded: 'False',
  Failed: 'False',
  Deleting: undefined,
  Stale: undefined,
}

/** By the condition that its family judges by; by a ladder, whose conditions may mean anything, by its answer. */
function readyOf({ declared, judged }: DeclaredReconciler): Pick<GitOps, 'ready' | 'reason'> {
  const { reading, decided } = judged
  const [rung] = reading.rungs
  if (!rung || unheard.has(rung.reason)) return {}
  const { status, reason } =
    decided && declared.health?.by !== 'ladder'
      ? { status: decided.status, reason: decided.reason }
      : { status: readyIn[rung.state], reason: rung.reason }
  return { ...(status === undefined ? {} : { ready: status }), ...(reason === null ? {} : { reason }) }
}

/** What is asked for is not what is applied. Nothing dates it: it begins when it is seen. */
function behindSource({ declared, facts }: DeclaredReconciler): OwnDifference | undefined {
  const { desired, applied } = facts.revision ?? {}
  return differing('behindSource', declared.paths.revision?.applied, desired, applied)
}

/**
 * It is unwell by its own word, or tried another revision than is applied while nothing is under way. A family may find it unwell by
 * another condition than the one that says whether it did its work: that is no failure to apply.
 */
function applyFailed({ declared, judged, facts }: DeclaredReconciler): OwnDifference | undefined {
  const { reading, decided } = judged
  const [rung] = reading.rungs
  if (rung?.state === 'Degraded' || rung?.state === 'Failed') {
    if (!decided) return unwell(rung)
    if (declared.health?.by === 'ladder' || decided.status === 'False') return conditionDrift('applyFailed', decided)
  }
  if (rung?.state === 'Progressing' || decided?.status === 'Unknown') return undefined
  const { attempted, applied } = facts.revision ?? {}
  return differing('applyFailed', declared.paths.revision?.applied, attempted, applied)
}

const unwell = ({ state, reason, message, since }: Rung): OwnDifference => ({
  ...{ code: 'applyFailed', field: 'status.conditions', expected: 'Healthy', actual: state },
  ...(since == null ? {} : { since }),
  message: message === undefined || message === '' ? reason : `${reason}: ${message}`,
})

function differing(
  code: DriftCode,
  path: JsonPath | undefined,
  expected: string | undefined,
  actual: string | undefined,
): OwnDifference | undefined {
  if (path === undefined || expected === undefined || actual === undefined) return undefined
  if (compareRevisions(expected, actual) !== 'different') return undefined
  return { code, field: fieldOf(path), expected, actual }
}
