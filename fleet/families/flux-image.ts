import type { Kind, KubeObject } from '../kinds/kind.ts'
import type { Facts } from '../observation.ts'
import { definedOrNone } from '../wire.ts'
import { readFlux } from './flux.ts'

/** A kind of Flux's image automation: v1 from image-reflector 1.0, v1beta2 and v1beta1 before (CRDs of 0.35 and 1.2). */
export function fluxImageKind(
  key: { readonly kind: string; readonly plural: string },
  more: (object: KubeObject) => NonNullable<Facts['more']>,
): Kind {
  return {
    group: 'image.toolkit.fluxcd.io',
    kind: key.kind,
    reach: { by: 'kube', plural: key.plural, versions: ['v1', 'v1beta2', 'v1beta1'] },
    part: 'gitops',
    normalise: (object) => readFlux(object, { facts: (read) => factsOf(more(read)) }),
  }
}

function factsOf(more: NonNullable<Facts['more']>): Facts {
  const some = definedOrNone(more)
  return some ? { more: some } : {}
}
