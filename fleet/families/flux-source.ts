import type { Rung } from '../health.ts'
import type { Kind, KubeObject } from '../kinds/kind.ts'
import type { View } from '../ladder.ts'
import { placeOf } from '../message.ts'
import { defined, definedOrNone, record, text } from '../wire.ts'
import { readFlux } from './flux.ts'

/** A kind of source-controller: they differ in name and served versions only. */
export function fluxSource(key: {
  readonly kind: string
  readonly plural: string
  readonly versions: readonly string[]
  readonly rest?: (view: View) => Rung | undefined
}): Kind {
  const { rest } = key
  const reader = rest ? { facts: factsOf, rest } : { facts: factsOf }
  return {
    group: 'source.toolkit.fluxcd.io',
    kind: key.kind,
    reach: { by: 'kube', plural: key.plural, versions: key.versions },
    part: 'gitops',
    normalise: (object) => readFlux(object, reader),
  }
}

function factsOf({ spec, status }: KubeObject): ReturnType<Kind['normalise']>['facts'] {
  const artifact = record(status.artifact)
  return defined({
    revision: definedOrNone({ applied: text(artifact.revision) }),
    more: definedOrNone({
      url: placeOf(spec.url) ?? placeOf(spec.endpoint),
      chart: text(spec.chart),
      artifactAt: text(artifact.lastUpdateTime),
    }),
  })
}
