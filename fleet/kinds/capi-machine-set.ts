import { replicaCounters } from '../families/capi.ts'
import { workersFacts } from '../families/capi-facts.ts'
import { coreKind } from '../families/core.ts'
import { changesBy, freshlyUnmet } from '../families/summary.ts'
import { rungOf } from '../ladder.ts'

export const capiMachineSet = coreKind(
  { kind: 'MachineSet', plural: 'machinesets', part: 'none' },
  {
    primary: 'MachinesReady',
    counters: replicaCounters,
    facts: workersFacts,
    row: (view) => {
      const unmet = freshlyUnmet(view)
      return {
        problems: [unmet && rungOf('Degraded', unmet)],
        changes: changesBy(view, ['ScalingUp', 'ScalingDown']),
      }
    },
  },
)
