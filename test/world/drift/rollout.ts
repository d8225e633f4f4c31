import { type AksResource, keyOf } from '../azure/resource.ts'
import { controlPlaneOf } from '../capi-cluster.ts'
import { type Named, nameOf } from '../gitops/reconciler.ts'
import { bare, isAks, isSelfManaged, providers, type Workload } from '../workload.ts'
import { workerOf } from './version.ts'

/** A change of version under way, by the object that tells when it began. */
export interface TrueRollout extends Named {
  /** As that object writes them; null: to the version that it has. */
  readonly from: string | null
  readonly to: string | null
  /** Null: nobody tells. Exact until the world's life moves the rollout on. */
  readonly startedAt: Date | null
}

/** Those that were asked for, as their management cluster tells of them. */
export function rolloutsOf(workload: Workload): readonly TrueRollout[] {
  const { version, running, since, stage, namespace, name } = workload
  if (stage !== 'Upgrading') return []
  const pools = workload.pools.filter((pool) => pool.version !== pool.running)
  const about = isAks(workload) ? { kind: 'ManagedCluster', namespace, name } : nameOf(controlPlaneOf(workload))
  // Azure and Google write no `v`.
  const written = isAks(workload) || providers[workload.flavour] === 'gke' ? bare : (one: string) => one
  const controlPlane = { ...about, from: written(running), to: written(version) }
  // A cluster of machines says by itself that something of it rolls out.
  const whole = isSelfManaged(workload)
    ? [{ kind: 'Cluster', namespace, name, from: null, to: null, startedAt: since }]
    : []
  return [
    ...whole,
    ...(version === running ? [] : [{ ...controlPlane, startedAt: since }]),
    ...pools.map((pool) => ({
      ...{ ...workerOf(workload, pool), from: pool.running, to: pool.version, startedAt: since },
    })),
  ]
}

/** One that Azure has under way, whoever asked for it. */
export function rolloutInAzure(resource: AksResource): readonly TrueRollout[] {
  const { provisioningState, running, version, systemData } = resource
  if (provisioningState !== 'Upgrading') return []
  const [from, to] = running === version ? [null, null] : [running, version]
  const startedAt = systemData?.lastModifiedAt ?? null
  return [{ kind: 'managedClusters', namespace: '', name: keyOf(resource), from, to, startedAt }]
}
