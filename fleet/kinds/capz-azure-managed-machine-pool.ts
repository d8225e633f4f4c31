import { providerKind } from '../families/provider.ts'
import { defined, definedOrNone, int, isRecord, text } from '../wire.ts'

export const capzAzureManagedMachinePool = providerKind(
  { kind: 'AzureManagedMachinePool', plural: 'azuremanagedmachinepools', part: 'pool' },
  {
    failureFields: ['errorReason', 'errorMessage'],
    facts: ({ ref, spec, status }) =>
      defined({
        replicas: definedOrNone({ current: int(status.replicas) }),
        pool: definedOrNone({
          name: text(spec.name) ?? ref.name,
          mode: text(spec.mode),
          vmSize: text(spec.sku),
          autoscaled: isRecord(spec.scaling) ? true : undefined,
          os: text(spec.osType),
        }),
      }),
  },
)
