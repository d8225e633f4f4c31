import type { GitOps } from '../gitops.ts'
import type { Kind, KubeObject } from '../kinds/kind.ts'
import type { Facts } from '../observation.ts'
import type { ObjectRef } from '../reference.ts'
import { defined, definedOrNone } from '../wire.ts'
import { durationMs } from './duration.ts'
import { readFlux } from './flux.ts'

/** A kind of Flux's image automation: v1 from image-reflector 1.0, v1beta2 and v1beta1 before (CRDs of 0.35 and 1.2). */
export function fluxImageKind(
  key: { readonly kind: string; readonly plural: string; readonly role: GitOps['role'] },
  more: (object: KubeObject) => NonNullable<Facts['more']>,
  appliesFrom: (object: KubeObject) => ObjectRef | undefined = () => undefined,
): Kind {
  return {
    group: 'image.toolkit.fluxcd.io',
    kind: key.kind,
    reach: { by: 'kube', plural: key.plural, versions: ['v1', 'v1beta2', 'v1beta1'] },
    part: 'gitops',
    normalise: (object) =>
      readFlux(object, {
        facts: (read) => defined({ appliesFrom: appliesFrom(read), more: definedOrNone(more(read)) }),
        gitops: {
          tool: 'flux',
          role: key.role,
          more: ({ spec }) => ({ intervalMs: durationMs(spec.interval) }),
        },
      }),
  }
}
