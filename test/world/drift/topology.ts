import { controlPlaneOf, infrastructureOf } from '../capi-cluster.ts'
import { classVariables } from '../cluster-class.ts'
import { type Named, nameOf, type TrueDifference } from '../gitops/reconciler.ts'
import { initialized, isOfTopology, isSelfManaged, type PoolModel, type Workload } from '../workload.ts'
import { type Subject, workerOf } from './version.ts'

/** How a cluster stands to its ClusterClass. */
export interface TrueTopology {
  readonly class: string
  readonly rebaseNeeded: boolean
  /** Variables with another value than the class's default. */
  readonly variablesDiffCount: number
}

export function topologyTruthOf({ topologyClass, deviation }: Workload): TrueTopology | null {
  if (topologyClass === null) return null
  const given = Object.entries(deviation.variables ?? {})
  return {
    class: topologyClass,
    rebaseNeeded: deviation.olderTemplates === true,
    variablesDiffCount: given.filter(([name, value]) => classVariables[name] !== value).length,
  }
}

export const clusterRef = ({ namespace, name }: Workload): Named => ({ kind: 'Cluster', namespace, name })

/** What differs from the topology, and machines that differ from their sets. */
export function topologyDrift(subject: Subject): readonly TrueDifference[] {
  const { workload } = subject
  const { deviation } = workload
  const cluster = clusterRef(workload)
  const [first] = workload.pools
  return [
    ...(workload.trouble === 'TopologyFailed' ? [{ code: 'topologyFailed' as const, about: cluster }] : []),
    ...(deviation.olderTemplates
      ? [infrastructureOf(workload), controlPlaneOf(workload)].map((ref) => ({
          ...{ code: 'rebasePending' as const, about: nameOf(ref) },
        }))
      : []),
    ...(deviation.missingPool === undefined ? [] : [{ code: 'missingWorker' as const, about: cluster }]),
    ...workload.pools.flatMap((pool) => poolDrift(workload, pool)),
    ...(deviation.replicas !== undefined && first !== undefined && deviation.replicas !== first.replicas
      ? [{ code: 'replicasDrift' as const, about: workerOf(workload, first) }]
      : []),
    ...machineDrift(workload),
  ]
}

function poolDrift(workload: Workload, pool: PoolModel): readonly TrueDifference[] {
  const about = workerOf(workload, pool)
  const unmanaged = workload.topologyClass !== null && !isOfTopology(workload, pool)
  // A MachinePool has what it counts, which is nothing before the cluster is there; of machines, health speaks.
  const counted = initialized(workload) ? pool.current : 0
  const short = !isSelfManaged(workload) && !pool.autoscaled && counted !== pool.replicas
  return [
    ...(unmanaged ? [{ code: 'unmanagedWorker' as const, about }] : []),
    ...(short ? [{ code: 'replicasDrift' as const, about }] : []),
  ]
}

/** Machines that are still to be replaced, by the set they are of; and those that are of none. */
function machineDrift(workload: Workload): readonly TrueDifference[] {
  if (!isSelfManaged(workload) || !initialized(workload)) return []
  const { namespace } = workload
  const controlPlane =
    workload.version !== workload.running && workload.controlPlaneCurrent > 0 ? [controlPlaneOf(workload)] : []
  const pools = workload.pools.filter((pool) => pool.version !== pool.running && pool.current > 0)
  const sets: readonly Named[] = [...controlPlane, ...pools.map((pool) => workerOf(workload, pool))]
  return [
    ...sets.map((set) => ({ code: 'machineNotUpToDate' as const, about: nameOf(set) })),
    ...workload.strays.map((name) => ({ code: 'orphanMachine' as const, about: { kind: 'Machine', namespace, name } })),
  ]
}
