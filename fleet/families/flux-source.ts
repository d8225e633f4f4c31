import type { Rung } from '../health.ts'
import type { Kind, KubeObject } from '../kinds/kind.ts'
import type { View } from '../ladder.ts'
import { placeOf } from '../message.ts'
import { defined, definedOrNone, instant, record, text } from '../wire.ts'
import { durationMs } from './duration.ts'
import { readFlux, sourceOf } from './flux.ts'
import type { FluxGitOps } from './flux-gitops.ts'
import { repositoryOf } from './repository.ts'

/** A kind of source-controller: they differ in name and served versions only. */
export function fluxSource(key: {
  readonly kind: string
  readonly plural: string
  readonly versions: readonly string[]
  readonly rest?: (view: View) => Rung | undefined
}): Kind {
  const { rest } = key
  const reader = { facts: factsOf, gitops, ...(rest ? { rest } : {}) }
  return {
    group: 'source.toolkit.fluxcd.io',
    kind: key.kind,
    reach: { by: 'kube', plural: key.plural, versions: key.versions },
    part: 'gitops',
    normalise: (object) => readFlux(object, reader),
  }
}

const gitops: FluxGitOps = {
  tool: 'flux',
  role: 'source',
  more: ({ spec, status }) => ({
    intervalMs: durationMs(spec.interval),
    revisionAt: instant(record(status.artifact).lastUpdateTime),
    chart: text(spec.chart),
    repository: repositoryOf(spec.url) ?? bucketOf(spec),
  }),
}

function bucketOf({ endpoint, bucketName }: KubeObject['spec']): string | undefined {
  const host = repositoryOf(endpoint)
  const bucket = text(bucketName)
  return host !== undefined && bucket !== undefined ? `${host}/${bucket}` : host
}

function factsOf(object: KubeObject): ReturnType<Kind['normalise']>['facts'] {
  const { spec, status } = object
  const artifact = record(status.artifact)
  return defined({
    // Of a HelmChart: where its chart comes from. No other source has one.
    appliesFrom: sourceOf(object, spec.sourceRef),
    revision: definedOrNone({ applied: text(artifact.revision) }),
    more: definedOrNone({
      url: placeOf(spec.url) ?? placeOf(spec.endpoint),
      chart: text(spec.chart),
      artifactAt: text(artifact.lastUpdateTime),
    }),
  })
}
