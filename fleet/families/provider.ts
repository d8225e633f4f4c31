import type { Kind, Part } from '../kinds/kind.ts'
import type { CapiKind } from './capi.ts'
import { readCapi } from './capi.ts'
import { withOrigin } from './topology.ts'

/** A provider's kind: it follows Cluster API's contract, today mostly with legacy conditions (domain.md 1). */
export function providerKind(
  key: {
    readonly group?: string
    readonly kind: string
    readonly plural: string
    readonly part: Part
    readonly versions?: readonly string[]
  },
  kind: Omit<CapiKind, 'primary'> & { readonly primary?: string },
): Kind {
  const reader: CapiKind = {
    primary: 'Ready',
    ...kind,
    facts: (object, judged) => withOrigin(key.part, object, kind.facts(object, judged)),
  }
  return {
    group: key.group ?? 'infrastructure.cluster.x-k8s.io',
    kind: key.kind,
    reach: { by: 'kube', plural: key.plural, versions: key.versions ?? ['v1beta1'] },
    part: key.part,
    normalise: (object) => readCapi(object, reader),
  }
}
