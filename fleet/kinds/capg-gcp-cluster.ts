import { providerKind } from '../families/provider.ts'
import { defined, definedOrNone, text } from '../wire.ts'

/** Has `status.ready` and no condition (CRD of CAPG 1.12). */
export const capgGcpCluster = providerKind(
  { kind: 'GCPCluster', plural: 'gcpclusters', part: 'infrastructure' },
  {
    facts: ({ spec }) =>
      defined({ provider: 'gcp', region: text(spec.region), more: definedOrNone({ project: text(spec.project) }) }),
  },
)
