import { osOf } from '../families/capg.ts'
import { providerKind } from '../families/provider.ts'
import { bool, defined, definedOrNone, int, isRecord, record, text } from '../wire.ts'

/** A GKE node pool. As its cluster, it loses GKEMachinePoolReady in error and keeps its Ready (CAPG `cloud/services/container/nodepools`). */
export const capgGcpManagedMachinePool = providerKind(
  { kind: 'GCPManagedMachinePool', plural: 'gcpmanagedmachinepools', part: 'pool' },
  {
    alsoJudged: ['GKEMachinePoolReady'],
    rolls: true,
    facts: ({ ref, spec, status }) =>
      defined({
        replicas: definedOrNone({ current: int(status.replicas) }),
        pool: definedOrNone({
          name: text(spec.nodePoolName) ?? ref.name,
          vmSize: text(spec.machineType) ?? text(spec.instanceType),
          autoscaled: isAutoscaled(spec.scaling),
          os: osOf(spec.imageType),
        }),
        more: definedOrNone({
          imageType: text(spec.imageType),
          autoUpgrade: bool(record(spec.management).autoUpgrade),
        }),
      }),
  },
)

/** Whoever gives bounds wants it autoscaled, unless he says no (CAPG `exp/api/v1beta1/gcpmanagedmachinepool_types.go`). */
function isAutoscaled(scaling: unknown): boolean | undefined {
  return isRecord(scaling) ? bool(scaling.enableAutoscaling) !== false : undefined
}
