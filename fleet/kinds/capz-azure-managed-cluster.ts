import { providerKind } from '../families/provider.ts'

/** Has `status.ready` and nothing else. */
export const capzAzureManagedCluster = providerKind(
  { kind: 'AzureManagedCluster', plural: 'azuremanagedclusters', part: 'infrastructure' },
  { facts: () => ({ provider: 'aks' }) },
)
