import { regionOf } from '../families/azure-id.ts'
import { providerKind } from '../families/provider.ts'
import { defined, definedOrNone, text } from '../wire.ts'

export const capzAzureCluster = providerKind(
  { kind: 'AzureCluster', plural: 'azureclusters', part: 'infrastructure' },
  {
    facts: ({ spec }) =>
      defined({
        provider: 'azure',
        region: regionOf(spec.location),
        more: definedOrNone({ subscription: text(spec.subscriptionID), resourceGroup: text(spec.resourceGroup) }),
      }),
  },
)
