import { chartFacts, clusterOf, helmProxyKind } from '../families/caaph.ts'
import { summedRow } from '../families/summed-row.ts'
import type { ClusterName, Condition } from '../observation.ts'
import { defined, definedOrNone, int, record, text } from '../wire.ts'
import type { KubeObject } from './kind.ts'

/**
 * One chart on one Cluster. NotAvailable is the reason of a Cluster whose control plane is not initialized yet, which it waits for
 * (CAAPH `controllers/helmreleaseproxy`, `api/v1alpha1/condition_consts.go`).
 */
export const caaphHelmReleaseProxy = helmProxyKind(
  { kind: 'HelmReleaseProxy', plural: 'helmreleaseproxies', role: 'reconciler' },
  {
    row: summedRow(
      ['ClusterAvailable', 'HelmReleaseReady'],
      new Set(['NotAvailable', 'PreparingToHelmInstall', 'HelmReleasePending']),
    ),
    owner: actsOn,
    facts: (object, conditions) =>
      defined({
        actsOn: actsOn(object),
        revision: definedOrNone({ desired: text(object.spec.version), applied: appliedBy(object, conditions) }),
        more: definedOrNone({
          ...chartFacts(object),
          ...defined({ releaseStatus: text(object.status.status), releaseRevision: int(object.status.revision) }),
        }),
      }),
  },
)

function actsOn({ ref, spec }: KubeObject): ClusterName | undefined {
  return clusterOf(ref.namespace, record(spec.clusterRef))
}

/**
 * The chart's version on the cluster. Nothing reports it: it is the wanted one once the release of this generation is ready, unless
 * the strategy leaves a first installation as it is.
 */
function appliedBy({ generation, spec, status }: KubeObject, conditions: readonly Condition[]): string | undefined {
  const ready = conditions.find(({ type }) => type === 'HelmReleaseReady')
  if (ready?.status !== 'True' || spec.reconcileStrategy === 'InstallOnce') return undefined
  const seen = ready.observedGeneration ?? int(status.observedGeneration)
  return seen === undefined || generation === null || seen < generation ? undefined : text(spec.version)
}
