import { readConditions } from '../condition.ts'
import type { OwnDifference } from '../drift/difference.ts'
import type { Flag, Reading } from '../health.ts'
import type { KindReading, KubeObject } from '../kinds/kind.ts'
import { hasFresh, isFresh, type Row, readingOf, rungOf, type View, viewOf } from '../ladder.ts'
import type { Facts } from '../observation.ts'
import { defined } from '../wire.ts'
import { upgradeOf } from './aks-operation.ts'
import { conditionDrift } from './condition-drift.ts'
import { policyAnnotation } from './pause.ts'

/** Where CAPZ keeps the user's own policy while the cluster is paused (domain.md 2.4). */
const pausedByCapzAnnotation = 'sigs.k8s.io/cluster-api-provider-azure-pre-pause-reconcile-policy'

/** Reads an object of Azure Service Operator: one condition, Ready, whose severity tells a retry from the end (domain.md 2.4). */
export function readAso(object: KubeObject, facts: Facts): KindReading {
  const sets = readConditions(object)
  const view = viewOf(object, sets, 'Ready')
  const missing = missingOf(view)
  const rollout = upgradeOf([object.status.provisioningState], workingSince(view))
  return {
    reading: readingOf(view, asoRow(view)),
    conditions: sets.shown,
    facts: { ...facts, ...defined({ rollout, drift: missing && [missing] }) },
    observedGeneration: view.primary?.observedGeneration ?? null,
    rejected: sets.rejected,
  }
}

function asoRow(view: View): Row {
  const { primary, object } = view
  const unmet = primary?.status === 'False' && isFresh(view, primary) ? primary : undefined
  // The reason is asked before the severity, as CAPZ itself does.
  const works = primary?.status !== 'True' && primary?.reason === 'Reconciling'
  const inProgress = works || unmet?.severity === 'Info'
  const suspended = suspensionOf(object)
  return {
    suspended,
    deleting: primary?.status === 'False' && primary.reason === 'Deleting' ? primary : undefined,
    terminal: unmet && !works && unmet.severity === 'Error' ? rungOf('Failed', unmet) : undefined,
    problems: [unmet && !inProgress ? rungOf('Degraded', unmet) : undefined],
    changes: [primary && inProgress ? rungOf('Progressing', primary) : undefined],
    flags: suspended && !(pausedByCapzAnnotation in object.annotations) ? observeOnly : [],
  }
}

/** When it began to bring Azure to its spec, where it still does. */
function workingSince({ primary }: View): string | null {
  return primary?.status === 'False' && primary.reason === 'Reconciling' ? primary.lastTransitionAt : null
}

/** Its own GET found nothing: the first sign that a resource is gone (domain.md 4.4). */
function missingOf(view: View): OwnDifference | undefined {
  const unmet = hasFresh(view, 'Ready', 'False')
  return unmet?.reason === 'AzureResourceNotFound' ? conditionDrift('missingInAzure', unmet) : undefined
}

const observeOnly: readonly Flag[] = ['observeOnly']

/** `skip` alone freezes: `detach-on-delete` still writes, and unknown values mean `manage`. */
function suspensionOf({ annotations }: KubeObject): Reading['suspended'] {
  if (annotations[policyAnnotation] !== 'skip') return undefined
  return { reason: 'ReconcilePolicySkip', message: `annotation ${policyAnnotation} is skip`, since: null }
}
