import type { Kind, KubeObject } from '../kinds/kind.ts'
import { placeOf } from '../message.ts'
import type { ClusterName, Facts } from '../observation.ts'
import { defined, text } from '../wire.ts'
import { type CapiKind, readCapi } from './capi.ts'

/** A kind of the Helm add-on provider: it follows Cluster API's contract, with metav1 conditions at v1alpha1 (domain.md 2.6). */
export function helmProxyKind(
  key: { readonly kind: string; readonly plural: string },
  kind: Omit<CapiKind, 'primary'>,
): Kind {
  const reader: CapiKind = { primary: 'Ready', ...kind }
  return {
    group: 'addons.cluster.x-k8s.io',
    kind: key.kind,
    reach: { by: 'kube', plural: key.plural, versions: ['v1alpha1'] },
    part: 'gitops',
    normalise: (object) => readCapi(object, reader),
  }
}

/** The chart both kinds name, and where it goes. Never `values` or `valuesTemplate`: people put secrets there. */
export function chartFacts({ spec }: KubeObject): NonNullable<Facts['more']> {
  return defined({
    chart: text(spec.chartName),
    repository: placeOf(spec.repoURL),
    releaseName: text(spec.releaseName),
    releaseNamespace: text(spec.namespace),
    reconcileStrategy: text(spec.reconcileStrategy),
  })
}

/** A reference to a Cluster, in the referrer's namespace unless it says otherwise. */
export function clusterOf(namespace: string, ref: Readonly<Record<string, unknown>>): ClusterName | undefined {
  const name = text(ref.name)
  return name === undefined ? undefined : { namespace: text(ref.namespace) ?? namespace, name }
}
