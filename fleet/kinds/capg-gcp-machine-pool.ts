import { providerKind } from '../families/provider.ts'
import { summedRow } from '../families/summed-row.ts'
import { defined, definedOrNone, int, text } from '../wire.ts'

/** A managed instance group, the one kind of CAPG with metav1 conditions (`exp/controllers/gcpmachinepool_controller.go`). */
export const capgGcpMachinePool = providerKind(
  { kind: 'GCPMachinePool', plural: 'gcpmachinepools', part: 'pool' },
  {
    row: summedRow(['InstanceTemplateReady', 'ManagedInstanceGroupReady']),
    facts: ({ spec, status }) =>
      defined({
        replicas: definedOrNone({ current: int(status.replicas) }),
        pool: definedOrNone({ vmSize: text(spec.instanceType) }),
      }),
  },
)
