import { capzAsoKind } from '../families/capz-aso.ts'

export const capzAzureAsoManagedCluster = capzAsoKind(
  { kind: 'AzureASOManagedCluster', plural: 'azureasomanagedclusters', part: 'infrastructure' },
  () => ({ provider: 'aks' }),
)
