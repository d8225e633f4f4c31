import { type Modern, modern } from './draft.ts'
import { isOfTopology, type Workload } from './workload.ts'

/** `spec.topology` of a Cluster that has a class: what its owners ask the class for. */
export function topologyOf(workload: Workload): object {
  const { topologyClass, deviation, held, version } = workload
  if (topologyClass === null) return {}
  const pools = workload.pools.filter((pool) => isOfTopology(workload, pool))
  const machineDeployments = [
    ...pools.map((pool, i) => ({
      class: 'default-worker',
      name: pool.name,
      replicas: i === 0 ? (deviation.replicas ?? pool.replicas) : pool.replicas,
    })),
    ...(deviation.missingPool === undefined
      ? []
      : [{ class: 'default-worker', name: deviation.missingPool, replicas: 2 }]),
  ]
  const variables = Object.entries(deviation.variables ?? {}).map(([name, value]) => ({ name, value }))
  return {
    topology: {
      classRef: { name: topologyClass },
      version: held ?? version,
      controlPlane: { replicas: workload.controlPlaneReplicas },
      ...(variables.length === 0 ? {} : { variables }),
      workers: { machineDeployments },
    },
  }
}

/** How the topology controller got on. */
export function topologyCondition(workload: Workload): readonly Modern[] {
  const type = 'TopologyReconciled'
  if (workload.trouble === 'TopologyFailed') {
    const message = 'error reconciling the Cluster topology: failed to apply patch: variable "vmSize" has no value'
    return [modern(type, false, 'ReconcileFailed', message)]
  }
  if (workload.topologyClass === null) return []
  if (workload.held !== null) {
    const message = `Control plane rollout and upgrade to version ${workload.held} on hold`
    return [modern(type, false, 'ControlPlaneUpgradePending', message)]
  }
  return workload.stage === 'Upgrading'
    ? [modern(type, false, 'ClusterUpgrading', `Cluster is upgrading to ${workload.version}`)]
    : [modern(type, true, 'ReconcileSucceeded')]
}

/** What Cluster API writes on whatever it cloned from a template. */
export function clonedFrom(groupKind: string, name: string): Record<string, string> {
  return { 'cluster.x-k8s.io/cloned-from-groupkind': groupKind, 'cluster.x-k8s.io/cloned-from-name': name }
}

/** What the topology controller writes on what it makes of a class's template, under the name that had when it was cloned. */
export function madeByTopology(workload: Workload, groupKind: string, suffix: string) {
  const { topologyClass, deviation, name } = workload
  if (topologyClass === null) return {}
  return {
    labels: { 'cluster.x-k8s.io/cluster-name': name, 'topology.cluster.x-k8s.io/owned': '' },
    annotations: clonedFrom(groupKind, `${topologyClass}${suffix}${deviation.olderTemplates ? '-v1' : ''}`),
  }
}
