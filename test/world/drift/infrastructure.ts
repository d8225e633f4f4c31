import { disagreementsOf } from '../azure/disagreement.ts'
import { settingsAsked } from '../azure/resource.ts'
import { controlPlaneOf } from '../capi-cluster.ts'
import { type Named, nameOf, type TrueDifference } from '../gitops/reconciler.ts'
import type { Workload } from '../workload.ts'
import { clusterRef } from './topology.ts'
import { type Subject, workerOf } from './version.ts'

/** What Azure has another than it was asked for, but for Kubernetes versions of the cluster (version.ts). */
export function infrastructureDrift({ workload, resource }: Subject): readonly TrueDifference[] {
  if (workload.paused) return []
  const { namespace, name } = workload
  const managed = { kind: 'ManagedCluster', namespace, name }
  const gone = workload.trouble === 'GoneInAzure' ? [{ code: 'missingInAzure' as const, about: managed }] : []
  if (resource === null) return gone
  const settings = Object.entries(settingsAsked).flatMap(([path, asked]) =>
    new Map<string, string>(Object.entries(resource.settings)).get(path) === asked
      ? []
      : [{ code: 'settingVsSpec' as const, about: askerOf(workload, path), field: path }],
  )
  return [
    ...gone,
    ...disagreementsOf(workload, resource).flatMap(({ field }): readonly TrueDifference[] => {
      if (field === 'powerState') return [{ code: 'powerVsSpec', about: clusterRef(workload), field }]
      const pool = workload.pools.find(({ name }) => field.startsWith(`nodePools.${name}.`))
      if (pool !== undefined) {
        const about = workerOf(workload, pool)
        return field.endsWith('.replicas') ? [{ code: 'replicasDrift', about }] : [{ code: 'poolVsSpec', about, field }]
      }
      return field.startsWith('kubernetes.') ? [] : [{ code: 'settingVsSpec', about: askerOf(workload, field), field }]
    }),
    ...settings,
  ]
}

/** CAPZ's older way asks for most in words of its own; the rest is asked for in Azure Service Operator's. */
function askerOf(workload: Workload, field: string): Named {
  const { namespace, name, flavour } = workload
  const own =
    field === 'tier' || field === 'autoUpgradeChannel' || /^(tags|networkProfile|oidcIssuerProfile)\./.test(field)
  return flavour === 'AzureManaged' && own
    ? nameOf(controlPlaneOf(workload))
    : { kind: 'ManagedCluster', namespace, name }
}
