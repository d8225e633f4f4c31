import type { AksResource } from '../azure/resource.ts'
import { controlPlaneOf } from '../capi-cluster.ts'
import type { Named, TrueDifference } from '../gitops/reconciler.ts'
import { poolObjectName } from '../machine-pool.ts'
import type { Era } from '../resource.ts'
import {
  bare,
  initialized,
  isAks,
  isOfTopology,
  isSelfManaged,
  type PoolModel,
  providers,
  type Workload,
} from '../workload.ts'

/** A declared cluster, and what Azure has of it; null: nothing, or nobody asked. */
export interface Subject {
  readonly workload: Workload
  readonly era: Era
  readonly resource: AksResource | null
}

/** The object that declares a pool. */
export const workerOf = (workload: Workload, pool: PoolModel): Named => ({
  kind: isSelfManaged(workload) ? 'MachineDeployment' : 'MachinePool',
  namespace: workload.namespace,
  name: poolObjectName(workload, pool),
})

export function versionDrift(subject: Subject): readonly TrueDifference[] {
  return [
    ...controlPlaneDrift(subject),
    ...topologyPending(subject),
    ...aksDrift(subject),
    ...subject.workload.pools.flatMap((pool) => poolDrift(subject, pool)),
  ]
}

/** Whoever is on a channel is ahead of what was asked for, and nobody minds. */
function upgradesItself({ workload, resource }: Subject): boolean {
  if (providers[workload.flavour] === 'gke') return workload.releaseChannel !== null
  const channels = [workload.upgradeChannel, resource?.upgradeChannel]
  return isAks(workload) && channels.some((one) => one === 'patch' || one === 'stable' || one === 'rapid')
}

/** Cluster API's own view of the control plane: what it runs, and what it is asked to. */
function controlPlaneDrift(subject: Subject): readonly TrueDifference[] {
  const { workload } = subject
  if (!initialized(workload)) return []
  const about = controlPlaneOf(workload)
  const order = compare(workload.running, workload.version)
  if (order < 0) return [{ code: 'cpBehindSpec', about }]
  return order > 0 && !upgradesItself(subject) ? [{ code: 'cpAheadOfSpec', about }] : []
}

function topologyPending({ workload }: Subject): readonly TrueDifference[] {
  if (workload.topologyClass === null) return []
  const wanted = workload.held ?? workload.version
  const pools = workload.pools.filter((pool) => isOfTopology(workload, pool) && pool.version !== wanted)
  return [
    ...(workload.version === wanted ? [] : [controlPlaneOf(workload)]),
    ...pools.map((pool) => workerOf(workload, pool)),
  ].map((about) => ({ code: 'topologyPending', about }))
}

/** What AKS runs, or was asked for by somebody else, against what the cluster's owners declare. */
function aksDrift(subject: Subject): readonly TrueDifference[] {
  const { workload, resource } = subject
  if (resource === null || workload.paused) return []
  const automatic = upgradesItself(subject)
  const differs = (other: string): boolean => {
    const order = compareGiven(other, workload.version)
    return order !== 0 && !(automatic && order > 0)
  }
  const wrong = differs(resource.running) || differs(resource.version)
  return wrong ? [{ code: 'aksVsSpec', about: controlPlaneOf(workload) }] : []
}

/** What nodes run; null: nobody tells. */
function nodesOf({ workload, resource, era }: Subject, pool: PoolModel): string | null {
  const inAzure = resource?.pools.find(({ name }) => name === pool.name)
  if (inAzure !== undefined) return inAzure.running
  if (isAks(workload)) return initialized(workload) ? pool.running : null
  // Old releases do not list versions, and there are no machines to ask.
  if (!isSelfManaged(workload)) return era === 'new' && initialized(workload) ? pool.running : null
  return pool.current > 0 && initialized(workload) ? pool.running : null
}

function poolDrift(subject: Subject, pool: PoolModel): readonly TrueDifference[] {
  const { workload, resource } = subject
  const runs = nodesOf(subject, pool)
  if (runs === null) return []
  const about = workerOf(workload, pool)
  const cluster = resource?.running ?? bare(workload.running)
  const told = resource !== null || initialized(workload)
  return [
    ...(told && minorOf(runs) !== minorOf(cluster) ? [{ code: 'workersBehindCP' as const, about }] : []),
    ...(isAks(workload) && compare(runs, cluster) !== 0 ? [{ code: 'poolVsCluster' as const, about }] : []),
  ]
}

const numbersOf = (version: string): readonly number[] =>
  (/(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? '').split('.').map(Number)
const minorOf = (version: string): string => numbersOf(version).slice(0, 2).join('.')

/** Below 0 where the first is older; suffixes of providers are passed over. */
function compare(a: string, b: string): number {
  const [x, y] = [numbersOf(a), numbersOf(b)]
  const at = [0, 1, 2].find((i) => x[i] !== y[i])
  return at === undefined ? 0 : (x[at] ?? 0) - (y[at] ?? 0)
}

/** On the components that both give: a minor alone stands for all its patches. */
function compareGiven(a: string, b: string): number {
  const given = Math.min(numbersOf(a).length, numbersOf(b).length)
  const cut = (version: string): string => numbersOf(version).slice(0, given).join('.')
  return compare(cut(a), cut(b))
}
