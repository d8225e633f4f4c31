import { readFlux } from '../families/flux.ts'
import { operatorInterval } from '../families/flux-operator.ts'
import { repositoryOf } from '../families/repository.ts'
import { placeOf } from '../message.ts'
import { defined, definedOrNone, list, text } from '../wire.ts'
import type { Kind } from './kind.ts'

/** Of the Flux Operator: inputs for ResourceSets, from branches, pull requests or tags. What it exports stays out: it may hold anything. */
export const fluxResourceSetInputProvider: Kind = {
  group: 'fluxcd.controlplane.io',
  kind: 'ResourceSetInputProvider',
  reach: { by: 'kube', plural: 'resourcesetinputproviders', versions: ['v1'] },
  part: 'gitops',
  normalise: (object) =>
    readFlux(object, {
      gitops: {
        tool: 'flux',
        role: 'source',
        more: (read) => ({ intervalMs: operatorInterval(read), repository: repositoryOf(read.spec.url) }),
      },
      facts: ({ spec, status }) =>
        defined({
          more: definedOrNone({
            type: text(spec.type),
            url: placeOf(spec.url),
            exported: Array.isArray(status.exportedInputs) ? list(status.exportedInputs).length : undefined,
            exportedRevision: text(status.lastExportedRevision),
          }),
        }),
    }),
}
