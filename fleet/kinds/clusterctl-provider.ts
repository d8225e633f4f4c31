import { readConditions } from '../condition.ts'
import { readingOf, viewOf } from '../ladder.ts'
import { defined, definedOrNone, text } from '../wire.ts'
import type { Kind } from './kind.ts'

/**
 * Which provider, in which version, clusterctl installed on a management cluster (Cluster API
 * `cmd/clusterctl/api/v1alpha3/provider_type.go`). A note and nothing else: nobody reconciles it, so it reports nothing and is well.
 */
export const clusterctlProvider: Kind = {
  group: 'clusterctl.cluster.x-k8s.io',
  kind: 'Provider',
  reach: { by: 'kube', plural: 'providers', versions: ['v1alpha3'] },
  part: 'none',
  specless: true,
  ofSource: true,
  normalise: (object) => {
    const { spec } = object
    const sets = readConditions(object)
    const rest = { state: 'Healthy', reason: 'Static' } as const
    const more = { providerName: text(spec.providerName), type: text(spec.type), version: text(spec.version) }
    return {
      reading: readingOf(viewOf(object, sets, []), { problems: [], changes: [], rest }),
      conditions: sets.shown,
      facts: defined({ more: definedOrNone(more) }),
      rejected: sets.rejected,
    }
  },
}
