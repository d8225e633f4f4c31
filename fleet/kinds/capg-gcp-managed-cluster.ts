import { providerKind } from '../families/provider.ts'
import { defined, definedOrNone, text } from '../wire.ts'

export const capgGcpManagedCluster = providerKind(
  { kind: 'GCPManagedCluster', plural: 'gcpmanagedclusters', part: 'infrastructure' },
  {
    facts: ({ spec }) =>
      defined({ provider: 'gke', region: text(spec.region), more: definedOrNone({ project: text(spec.project) }) }),
  },
)
