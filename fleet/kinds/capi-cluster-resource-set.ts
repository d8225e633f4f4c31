import { coreKind } from '../families/core.ts'
import { freshlyUnmet } from '../families/summary.ts'
import { rungOf } from '../ladder.ts'

export const capiClusterResourceSet = coreKind(
  { group: 'addons.cluster.x-k8s.io', kind: 'ClusterResourceSet', plural: 'clusterresourcesets', part: 'none' },
  {
    primary: 'ResourcesApplied',
    legacyPrimary: 'ResourcesApplied',
    row: (view) => {
      const unmet = freshlyUnmet(view)
      return { problems: [unmet && rungOf('Degraded', unmet)], changes: [] }
    },
    facts: () => ({}),
  },
)
