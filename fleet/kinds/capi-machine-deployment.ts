import { replicaCounters } from '../families/capi.ts'
import { workersFacts } from '../families/capi-facts.ts'
import { coreKind } from '../families/core.ts'
import { mixedVersions } from '../families/rollout.ts'
import { changesBy, freshlyUnmet } from '../families/summary.ts'
import { has, type Row, rungOf, type View } from '../ladder.ts'

export const capiMachineDeployment = coreKind(
  { kind: 'MachineDeployment', plural: 'machinedeployments', part: 'workers' },
  {
    primary: 'Available',
    row: deploymentRow,
    counters: replicaCounters,
    readsPhase: true,
    facts: workersFacts,
    rolls: true,
    drift: (view) => [mixedVersions(view)],
  },
)

function deploymentRow(view: View): Row {
  const unmet = freshlyUnmet(view)
  const growing = has(view, 'ScalingUp', 'True') ?? has(view, 'RollingOut', 'True')
  return {
    problems: [unmet && !growing ? rungOf('Degraded', unmet) : undefined],
    changes: changesBy(view, ['RollingOut', 'ScalingUp', 'ScalingDown', 'Remediating']),
  }
}
