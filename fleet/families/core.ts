import type { Kind, KubeObject, Part } from '../kinds/kind.ts'
import { type CapiKind, readCapi } from './capi.ts'
import { withOrigin } from './topology.ts'

const versions = ['v1beta2', 'v1beta1'] as const

/** A kind that Cluster API itself ships: v1beta2 before v1beta1 (domain.md 6). */
export function coreKind(
  key: { readonly group?: string; readonly kind: string; readonly plural: string; readonly part: Part },
  kind: CapiKind,
): Kind {
  const reader: CapiKind = {
    ...kind,
    facts: (object, judged) => withOrigin(key.part, object, kind.facts(object, judged)),
  }
  return {
    group: key.group ?? 'cluster.x-k8s.io',
    kind: key.kind,
    reach: { by: 'kube', plural: key.plural, versions },
    part: key.part,
    normalise: (object: KubeObject) => readCapi(object, reader),
  }
}
