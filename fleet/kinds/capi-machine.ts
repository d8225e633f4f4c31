import { legacyTerminal } from '../families/capi.ts'
import { coreKind } from '../families/core.ts'
import { notUpToDate, unmanaged } from '../families/machine-drift.ts'
import { remediationOf } from '../families/remediation.ts'
import { freshlyUnmet, gatesOf, summaryRung, unmetInputs } from '../families/summary.ts'
import type { Rung } from '../health.ts'
import { has, hasFresh, type Row, rungOf, type View } from '../ladder.ts'
import type { Condition, Facts } from '../observation.ts'
import { defined, definedOrNone, record, text } from '../wire.ts'
import type { KubeObject } from './kind.ts'

/** What Cluster API summarises as a Machine's Ready, in its order. */
const inputs = [
  '!Deleting',
  'InfrastructureReady',
  'BootstrapConfigReady',
  'NodeHealthy',
  'HealthCheckSucceeded',
  'OwnerRemediated',
]

export const capiMachine = coreKind(
  { kind: 'Machine', plural: 'machines', part: 'machine' },
  { primary: 'Ready', row: machineRow, facts: factsOf, drift: (view) => [notUpToDate(view), unmanaged(view)] },
)

function machineRow(view: View): Row {
  const unmet = freshlyUnmet(view)
  const updating = has(view, 'Updating', 'True')
  const sick = hasFresh(view, 'HealthCheckSucceeded', 'False')
  const outdated = has(view, 'UpToDate', 'False')
  const broken = unmet && hasNode(view.object) && !updating
  return {
    terminal: legacyTerminal(view.object),
    problems: [
      sick && rungOf('Degraded', sick),
      broken
        ? summaryRung(unmet, unmetInputs(view, [...inputs, ...gatesOf(view.object.spec.readinessGates)]))
        : undefined,
    ],
    changes: [
      updating && rungOf('Progressing', updating),
      outdated && rungOf('Progressing', outdated),
      withoutNode(view),
    ],
  }
}

const hasNode = ({ status }: KubeObject): boolean => text(record(status.nodeRef).name) !== undefined

/** Counts only while Ready is reported and not True: Ready includes it (domain.md 3.3, rule 8). */
function withoutNode(view: View): Rung | undefined {
  const { primary } = view
  if (!primary || primary.status === 'True' || hasNode(view.object)) return undefined
  return rungOf('Progressing', primary)
}

function factsOf({ spec, status, labels }: KubeObject, conditions: readonly Condition[]): Facts {
  return defined({
    versionDeclared: text(spec.version),
    versionObserved: text(record(status.nodeInfo).kubeletVersion),
    phase: text(status.phase),
    providerId: text(spec.providerID),
    remediation: remediationOf(conditions),
    more: definedOrNone({
      node: text(record(status.nodeRef).name),
      controlPlane: 'cluster.x-k8s.io/control-plane' in labels ? true : undefined,
      certificatesExpireAt: text(status.certificatesExpiryDate),
    }),
  })
}
