import { readFlux } from '../families/flux.ts'
import { appliedAtOf, type FluxGitOps } from '../families/flux-gitops.ts'
import { operatorInterval } from '../families/flux-operator.ts'
import { repositoryOf } from '../families/repository.ts'
import { defined, definedOrNone, list, record, text } from '../wire.ts'
import type { Kind } from './kind.ts'

export const fluxFluxInstance: Kind = {
  group: 'fluxcd.controlplane.io',
  kind: 'FluxInstance',
  reach: { by: 'kube', plural: 'fluxinstances', versions: ['v1'] },
  part: 'gitops',
  normalise: (object) =>
    readFlux(object, {
      gitops,
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

/** What it applies is Flux itself; what Flux is to apply then, `spec.sync` says. */
const gitops: FluxGitOps = {
  tool: 'flux',
  role: 'reconciler',
  more: (object, view) => ({
    intervalMs: operatorInterval(object),
    revisionAt: appliedAtOf(view, text(object.status.lastAppliedRevision)),
    repository: repositoryOf(record(object.spec.sync).url),
    path: text(record(object.spec.sync).path),
  }),
}
