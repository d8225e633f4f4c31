import { readFlux } from '../families/flux.ts'
import { defined, definedOrNone, list, record, text } from '../wire.ts'
import type { Kind } from './kind.ts'

export const fluxFluxInstance: Kind = {
  group: 'fluxcd.controlplane.io',
  kind: 'FluxInstance',
  reach: { by: 'kube', plural: 'fluxinstances', versions: ['v1'] },
  part: 'gitops',
  normalise: (object) =>
    readFlux(object, {
      facts: ({ spec, status }) =>
        defined({
          revision: definedOrNone({
            attempted: text(status.lastAttemptedRevision),
            applied: text(status.lastAppliedRevision),
          }),
          more: definedOrNone({
            distribution: text(record(spec.distribution).version),
            components: Array.isArray(status.components) ? list(status.components).length : undefined,
          }),
        }),
    }),
}
