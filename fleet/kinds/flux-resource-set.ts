import { dependsOnOf, readFlux } from '../families/flux.ts'
import { appliedAtOf, type FluxGitOps } from '../families/flux-gitops.ts'
import { operatorInterval } from '../families/flux-operator.ts'
import { defined, definedOrNone, list, record, text } from '../wire.ts'
import type { Kind } from './kind.ts'

/** Of the Flux Operator: objects made of a template and its inputs, on the operator's own cluster (domain.md 2.5). */
export const fluxResourceSet: Kind = {
  group: 'fluxcd.controlplane.io',
  kind: 'ResourceSet',
  reach: { by: 'kube', plural: 'resourcesets', versions: ['v1'] },
  part: 'gitops',
  normalise: (object) =>
    readFlux(object, {
      gitops,
      facts: ({ spec, status }) => {
        const { entries } = record(status.inventory)
        return defined({
          revision: definedOrNone({ applied: text(status.lastAppliedRevision) }),
          more: definedOrNone({
            inputs: Array.isArray(spec.inputs) ? list(spec.inputs).length : undefined,
            objects: Array.isArray(entries) ? list(entries).length : undefined,
          }),
        })
      },
    }),
}

const gitops: FluxGitOps = {
  tool: 'flux',
  role: 'reconciler',
  more: (object, view) => ({
    intervalMs: operatorInterval(object),
    revisionAt: appliedAtOf(view, text(object.status.lastAppliedRevision)),
    dependsOn: dependsOnOf(object),
  }),
}
