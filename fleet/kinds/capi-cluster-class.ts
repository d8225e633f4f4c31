import { coreKind } from '../families/core.ts'
import { classTopology, sealClass } from '../families/topology.ts'
import { hasFresh, rungOf } from '../ladder.ts'
import { defined, definedOrNone, list } from '../wire.ts'
import type { Kind } from './kind.ts'

/** Owned by nobody; Clusters use it through their topology's class reference. */
export const capiClusterClass: Kind = {
  ...coreKind(
    { kind: 'ClusterClass', plural: 'clusterclasses', part: 'none' },
    {
      primary: 'VariablesReady',
      // The name this condition had before v1beta2.
      legacyPrimary: 'VariablesReconciled',
      row: (view) => ({
        problems: ['VariablesReady', 'RefVersionsUpToDate'].map((type) => {
          const unmet = hasFresh(view, type, 'False')
          return unmet && rungOf('Degraded', unmet)
        }),
        changes: [],
      }),
      facts: (object) => {
        const { spec } = object
        const versions = list(spec.kubernetesVersions).filter((version) => typeof version === 'string')
        const more = definedOrNone({ kubernetesVersions: versions.length === 0 ? undefined : versions.join(' ') })
        return defined({ topology: classTopology(object), more })
      },
    },
  ),
  seal: sealClass,
}
