import { armIdOf } from '../families/azure-id.ts'
import { providerKind } from '../families/provider.ts'
import { defined, definedOrNone, text } from '../wire.ts'

export const capzAzureMachine = providerKind(
  { kind: 'AzureMachine', plural: 'azuremachines', part: 'none' },
  {
    facts: ({ spec, status }) => {
      const providerId = text(spec.providerID)
      return defined({
        providerId,
        armId: armIdOf(providerId),
        pool: definedOrNone({ vmSize: text(spec.vmSize) }),
        more: definedOrNone({ vmState: text(status.vmState) }),
      })
    },
  },
)
