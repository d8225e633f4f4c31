import { legacyTerminal, phaseChange, poolCounters } from '../families/capi.ts'
import { workersFacts } from '../families/capi-facts.ts'
import { coreKind } from '../families/core.ts'
import { mixedVersions } from '../families/rollout.ts'
import { changesBy, freshlyUnmet } from '../families/summary.ts'
import { has, rungOf } from '../ladder.ts'

/**
 * Cluster API gives a MachinePool no new condition but Paused so far, so its legacy Ready is the primary; `row` waits for
 * the release that sets Available (domain.md 3.4). Its counters are made up where the provider has no machines (2.1).
 */
export const capiMachinePool = coreKind(
  { kind: 'MachinePool', plural: 'machinepools', part: 'workers' },
  {
    primary: 'Available',
    counters: poolCounters,
    readsPhase: true,
    phaseIsChange: true,
    facts: workersFacts,
    rolls: true,
    drift: (view) => [mixedVersions(view)],
    row: (view) => {
      const unmet = freshlyUnmet(view)
      const growing = has(view, 'ScalingUp', 'True') ?? has(view, 'RollingOut', 'True')
      return {
        terminal: legacyTerminal(view.object),
        problems: [unmet && !growing ? rungOf('Degraded', unmet) : undefined],
        changes: [...changesBy(view, ['RollingOut', 'ScalingUp', 'ScalingDown', 'Remediating']), phaseChange(view)],
      }
    },
  },
)
