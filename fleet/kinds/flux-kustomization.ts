import { kubeConfigDestination, kubeConfigTrouble } from '../families/destination.ts'
import { durationMs } from '../families/duration.ts'
import { actsOnOf, dependsOnOf, kubeConfigOf, readFlux, sourceOf } from '../families/flux.ts'
import { appliedAtOf, type FluxGitOps } from '../families/flux-gitops.ts'
import { defined, definedOrNone, text } from '../wire.ts'
import type { Kind } from './kind.ts'

export const fluxKustomization: Kind = {
  group: 'kustomize.toolkit.fluxcd.io',
  kind: 'Kustomization',
  reach: { by: 'kube', plural: 'kustomizations', versions: ['v1', 'v1beta2', 'v1beta1'] },
  part: 'gitops',
  normalise: (object) =>
    readFlux(object, {
      gitops,
      trouble: kubeConfigTrouble,
      facts: ({ spec, status }) =>
        defined({
          actsOn: actsOnOf(object),
          actsAt: kubeConfigDestination(object),
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

const gitops: FluxGitOps = {
  tool: 'flux',
  role: 'reconciler',
  more: (object, view) => ({
    intervalMs: durationMs(object.spec.interval),
    revisionAt: appliedAtOf(view, text(object.status.lastAppliedRevision)),
    path: text(object.spec.path),
    dependsOn: dependsOnOf(object),
  }),
}
