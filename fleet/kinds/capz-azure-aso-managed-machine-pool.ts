import { capzAsoKind } from '../families/capz-aso.ts'
import { definedOrNone, int } from '../wire.ts'

export const capzAzureAsoManagedMachinePool = capzAsoKind(
  { kind: 'AzureASOManagedMachinePool', plural: 'azureasomanagedmachinepools', part: 'pool' },
  ({ status }) => {
    const replicas = definedOrNone({ current: int(status.replicas) })
    return replicas ? { replicas } : {}
  },
)
