import { expectedGitopsOf } from './flux.ts'
import type { Site } from './site.ts'
import {
  armIdOf,
  type ExpectedHealth,
  expectedHealthOf,
  type Flavour,
  type Stage,
  type Trouble,
  type Workload,
} from './workload.ts'

/** What a reader of the fleet should find out about one workload cluster. */
export interface TrueCluster {
  readonly source: string
  readonly namespace: string
  readonly name: string
  readonly region: string
  readonly environment: string
  readonly ring: string
  readonly owner: string | null
  readonly provider: 'aks' | 'azure'
  readonly flavour: Flavour
  readonly topologyClass: string | null
  readonly stage: Stage
  readonly trouble: Trouble | null
  readonly paused: boolean
  readonly health: ExpectedHealth
  /** Of the reconcilers that act on it from its management cluster; null where there are none. */
  readonly gitops: 'Healthy' | 'Progressing' | 'Degraded' | null
  /** As Kubernetes objects write them, with a `v`. */
  readonly versionDeclared: string
  readonly versionObserved: string
  /** Lower case; null for self-managed clusters. */
  readonly armId: string | null
  readonly pools: readonly TruePool[]
}

interface TruePool {
  readonly name: string
  readonly version: string
  readonly running: string
  readonly replicas: number
  readonly current: number
}

export function truthOf(site: Site, workload: Workload, workloads: readonly Workload[]): TrueCluster {
  const { namespace, name, region, environment, ring, owner, flavour, topologyClass, stage, trouble, paused } = workload
  return {
    ...{ namespace, name, region, environment, ring, owner, flavour, topologyClass, stage, trouble, paused },
    source: site.name,
    provider: flavour === 'AzureSelfManaged' ? 'azure' : 'aks',
    health: expectedHealthOf(workload),
    gitops: expectedGitopsOf(workload, workloads),
    versionDeclared: workload.version,
    versionObserved: workload.running,
    armId: flavour === 'AzureSelfManaged' ? null : armIdOf(workload).toLowerCase(),
    pools: workload.pools.map(({ name: pool, version, running, replicas, current }) => ({
      name: pool,
      version,
      running,
      replicas,
      current,
    })),
  }
}
