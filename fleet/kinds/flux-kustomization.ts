import { actsOnOf, kubeConfigOf, readFlux, sourceOf } from '../families/flux.ts'
import { defined, definedOrNone, text } from '../wire.ts'
import type { Kind } from './kind.ts'

export const fluxKustomization: Kind = {
  group: 'kustomize.toolkit.fluxcd.io',
  kind: 'Kustomization',
  reach: { by: 'kube', plural: 'kustomizations', versions: ['v1', 'v1beta2', 'v1beta1'] },
  part: 'gitops',
  normalise: (object) =>
    readFlux(object, {
      facts: ({ spec, status }) =>
        defined({
          actsOn: actsOnOf(object),
          appliesFrom: sourceOf(object, spec.sourceRef),
          revision: definedOrNone({
            attempted: text(status.lastAttemptedRevision),
            applied: text(status.lastAppliedRevision),
          }),
          more: definedOrNone({
            path: text(spec.path),
            interval: text(spec.interval),
            kubeConfig: kubeConfigOf(object),
          }),
        }),
    }),
}
