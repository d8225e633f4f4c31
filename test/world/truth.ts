import { addressOf } from './capi-cluster.ts'
import type { TruePause } from './drift/management.ts'
import { type TrueReconciler, truthOfReconciler } from './drift/reconciler.ts'
import { rolloutsOf, type TrueRollout } from './drift/rollout.ts'
import { type TrueTopology, topologyTruthOf } from './drift/topology.ts'
import { driftOf, type TrueDrift } from './drift/truth.ts'
import type { Reconciler } from './gitops/reconciler.ts'
import type { Site } from './site.ts'
import {
  armIdOf,
  type ExpectedHealth,
  expectedHealthOf,
  type Flavour,
  initialized,
  isAks,
  providers,
  type Stage,
  type Trouble,
  type Workload,
} from './workload.ts'

/** What a reader of the fleet should find out about one workload cluster, from its management cluster alone. */
export interface TrueCluster extends TrueDrift {
  readonly source: string
  readonly namespace: string
  readonly name: string
  readonly region: string
  readonly environment: string
  readonly ring: string
  readonly owner: string | null
  readonly provider: (typeof providers)[Flavour]
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
  /** Lower case; null for all but AKS. */
  readonly armId: string | null
  readonly pools: readonly TruePool[]
  /** `host:port` in lower case; null while it has none. */
  readonly endpoint: string | null
  /** Who applies its Cluster object from Git. */
  readonly managedBy: 'flux' | 'argocd' | 'topology' | null
  readonly reconcilers: readonly TrueReconciler[]
  /** The oldest first. */
  readonly rollouts: readonly TrueRollout[]
  readonly topology: TrueTopology | null
  /** Of its Cluster object. */
  readonly pause: TruePause | null
  /** When health checks gave up machines of its first pool. */
  readonly remediations: readonly Date[]
}

interface TruePool {
  readonly name: string
  readonly version: string
  readonly running: string
  readonly replicas: number
  readonly current: number
}

/** @param all reconcilers of its management cluster. */
export function truthOf(site: Site, workload: Workload, all: readonly Reconciler[]): TrueCluster {
  const { namespace, name, region, environment, ring, owner, flavour, topologyClass, stage, trouble, paused } = workload
  const reconcilers = all.filter(({ target }) => target === workload)
  return {
    ...{ namespace, name, region, environment, ring, owner, flavour, topologyClass, stage, trouble, paused },
    source: site.name,
    provider: providers[flavour],
    health: expectedHealthOf(workload),
    gitops: expectedGitopsOf(reconcilers),
    versionDeclared: workload.held ?? workload.version,
    versionObserved: workload.running,
    armId: isAks(workload) ? armIdOf(workload).toLowerCase() : null,
    pools: workload.pools.map(({ name: pool, version, running, replicas, current }) => ({
      name: pool,
      version,
      running,
      replicas,
      current,
    })),
    endpoint: initialized(workload) ? addressOf(workload).toLowerCase() : null,
    managedBy: workload.managedBy ?? (topologyClass === null ? null : 'topology'),
    reconcilers: reconcilers.map(truthOfReconciler),
    rollouts: rolloutsOf(workload),
    topology: topologyTruthOf(workload),
    pause: pauseOf(workload),
    remediations: workload.remediatedAt,
    ...driftOf({ workload, era: site.era, resource: null }, reconcilers, { asksAzure: false, claims: 1 }),
  }
}

/** The worst of what acts on it: a pause is no state of its own. */
function expectedGitopsOf(reconcilers: readonly Reconciler[]): TrueCluster['gitops'] {
  const worstFirst = ['Degraded', 'Progressing', 'Healthy'] as const
  return worstFirst.find((state) => reconcilers.some((one) => one.state === state)) ?? null
}

function pauseOf({ paused, pausedAt, pausedBy, namespace, name }: Workload): TruePause | null {
  if (!paused || pausedAt === null) return null
  return { kind: 'Cluster', namespace, name, field: 'spec.paused', since: pausedAt, actor: pausedBy }
}
