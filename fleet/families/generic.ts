import { readConditions } from '../condition.ts'
import type { Reading, Rung } from '../health.ts'
import type { KindReading, KubeObject } from '../kinds/kind.ts'
import { has, hasFresh, isFresh, type Row, readingOf, rungOf, type View, viewOf } from '../ladder.ts'
import { isChangeReason, isWaitReason } from './reason.ts'

/** Where a kind nobody described says how it is: the first that exists. */
export const genericPrimaries = ['Ready', 'Available', 'Healthy', 'Synced', 'Succeeded'] as const

/** Reads any object with conditions in the manner of kstatus (domain.md 3.4, last row). */
export function readGeneric(object: KubeObject): KindReading {
  const sets = readConditions(object)
  const view = viewOf(object, sets, genericPrimaries)
  return {
    reading: readingOf(view, genericRow(view)),
    conditions: sets.shown,
    facts: {},
    observedGeneration: view.observed,
    rejected: sets.rejected,
  }
}

export function genericRow(view: View): Row {
  const stalled = hasFresh(view, 'Stalled', 'True')
  return {
    suspended: suspensionOf(view.object),
    terminal: stalled && rungOf('Failed', stalled),
    problems: [marker(view, 'Failed'), marker(view, 'Degraded'), unmet(view, 'Degraded')],
    changes: [reconciling(view), unmet(view, 'Progressing')],
    newborns: false,
  }
}

function suspensionOf({ spec }: KubeObject): Reading['suspended'] {
  const field = spec.suspend === true ? 'suspend' : spec.paused === true ? 'paused' : null
  return field === null ? undefined : { reason: 'Suspended', message: `spec.${field} is true`, since: null }
}

function marker(view: View, type: string): Rung | undefined {
  const condition = hasFresh(view, type, 'True')
  return condition && rungOf('Degraded', condition)
}

/** A False primary is a problem, unless it says that it only waits or works. */
function unmet(view: View, as: 'Degraded' | 'Progressing'): Rung | undefined {
  const { primary } = view
  if (primary?.status !== 'False' || !isFresh(view, primary)) return undefined
  const { severity, reason } = primary
  const isWork = severity === 'Info' || isWaitReason(reason) || isChangeReason(reason)
  return isWork === (as === 'Progressing') ? rungOf(as, primary) : undefined
}

function reconciling(view: View): Rung | undefined {
  const condition = view.primary?.status === 'True' ? undefined : has(view, 'Reconciling', 'True')
  return condition && rungOf('Progressing', condition)
}
