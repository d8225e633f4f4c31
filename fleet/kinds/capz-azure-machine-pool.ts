import { armIdOf, regionOf } from '../families/azure-id.ts'
import { replicasOf } from '../families/capi-facts.ts'
import { providerKind } from '../families/provider.ts'
import { defined, definedOrNone, record, text } from '../wire.ts'

export const capzAzureMachinePool = providerKind(
  { kind: 'AzureMachinePool', plural: 'azuremachinepools', part: 'pool' },
  {
    facts: (object) => {
      const { spec, status } = object
      const providerId = text(spec.providerID)
      return defined({
        providerId,
        armId: armIdOf(providerId),
        region: regionOf(spec.location),
        replicas: replicasOf(object),
        pool: definedOrNone({ vmSize: text(record(spec.template).vmSize) }),
        more: definedOrNone({ provisioningState: text(status.provisioningState) }),
      })
    },
  },
)
