import { coreKind } from '../families/core.ts'
import { freshlyUnmet } from '../families/summary.ts'
import { rungOf } from '../ladder.ts'
import { defined, definedOrNone, int } from '../wire.ts'

export const capiMachineHealthCheck = coreKind(
  { kind: 'MachineHealthCheck', plural: 'machinehealthchecks', part: 'none' },
  {
    primary: 'RemediationAllowed',
    legacyPrimary: 'RemediationAllowed',
    row: (view) => {
      const unmet = freshlyUnmet(view)
      return { problems: [unmet && rungOf('Degraded', unmet)], changes: [] }
    },
    counters: ({ object: { status } }) => {
      const healthy = int(status.currentHealthy)
      const expected = int(status.expectedMachines)
      if (healthy === undefined || expected === undefined || healthy >= expected) return { changes: [], short: false }
      const message = `${healthy} of ${expected} machines are healthy`
      return { changes: [{ state: 'Progressing', reason: 'MachinesUnhealthy', message }], short: false }
    },
    facts: ({ status }) =>
      defined({
        replicas: definedOrNone({ desired: int(status.expectedMachines), ready: int(status.currentHealthy) }),
        more: definedOrNone({ remediationsAllowed: int(status.remediationsAllowed) }),
      }),
  },
)
