import { capi, infra, partOf, remediating } from './capi-cluster.ts'
import { type Draft, legacyFalse, legacyTrue, type Modern, modern } from './draft.ts'
import { versionsOf } from './kubeadm-control-plane.ts'
import { poolObjectName } from './machine-pool.ts'
import { initialized, isOfTopology, type PoolModel, type Workload } from './workload.ts'

/** How a pool of machines stands: what both the deployment and its set report. */
interface Standing {
  readonly wanted: number
  readonly current: number
  readonly ready: number
  readonly upToDate: number
  readonly rolling: boolean
  readonly up: boolean
  readonly broken: boolean
}

function standingOf(workload: Workload, pool: PoolModel): Standing {
  const up = initialized(workload)
  const broken =
    pool === workload.pools[0] && (workload.trouble === 'UnhealthyMachines' || workload.trouble === 'MachineFailed')
  const rolling = pool.version !== pool.running
  const current = pool.current
  return {
    wanted: pool.replicas,
    current,
    ready: up ? current - (broken ? Math.min(1, current) : 0) : 0,
    upToDate: rolling ? Math.min(1, current) : current,
    rolling,
    up,
    broken,
  }
}

export const machineSetName = (workload: Workload, pool: PoolModel): string => `${poolObjectName(workload, pool)}-7xk2p`

export function machineDeploymentDraft(workload: Workload, pool: PoolModel): Draft {
  const standing = standingOf(workload, pool)
  const { wanted, current, ready, upToDate, rolling } = standing
  const part = partOf(workload)
  return {
    ...part,
    group: capi,
    kind: 'MachineDeployment',
    name: poolObjectName(workload, pool),
    labels: { ...part.labels, ...poolLabels(workload, pool) },
    annotations: { 'machinedeployment.clusters.x-k8s.io/revision': '1', ...autoscaling(pool) },
    finalizers: ['cluster.x-k8s.io/machinedeployment'],
    spec: {
      ...specOf(workload, pool),
      rollout: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } },
    },
    status: {
      ...countersOf(standing),
      selector: `cluster.x-k8s.io/cluster-name=${workload.name},cluster.x-k8s.io/deployment-name=${poolObjectName(workload, pool)}`,
      phase: current < wanted ? 'ScalingUp' : current > wanted ? 'ScalingDown' : 'Running',
      ...(standing.up ? { versions: versionsOf(pool.running, pool.version, current) } : {}),
      conditions: [
        available(standing),
        ...conditionsOf(workload, pool, standing),
        modern(
          'RollingOut',
          rolling,
          rolling ? 'RollingOut' : 'NotRollingOut',
          rolling ? `Rolling out ${current - upToDate} not up-to-date replicas` : '',
        ),
      ],
      deprecated: {
        v1beta1: {
          readyReplicas: ready,
          availableReplicas: ready,
          updatedReplicas: upToDate,
          unavailableReplicas: Math.max(0, wanted - ready),
          conditions: legacyDeployment(standing),
        },
      },
    },
  }
}

export function machineSetDraft(workload: Workload, pool: PoolModel): Draft {
  const standing = standingOf(workload, pool)
  const { ready, current, broken } = standing
  const part = partOf(workload)
  return {
    ...part,
    group: capi,
    kind: 'MachineSet',
    name: machineSetName(workload, pool),
    labels: { ...part.labels, ...poolLabels(workload, pool) },
    owner: { group: capi, kind: 'MachineDeployment', name: poolObjectName(workload, pool) },
    annotations: { 'machinedeployment.clusters.x-k8s.io/revision': '1' },
    finalizers: ['cluster.x-k8s.io/machineset'],
    spec: specOf(workload, pool),
    status: {
      ...countersOf(standing),
      selector: `cluster.x-k8s.io/cluster-name=${workload.name},cluster.x-k8s.io/set-name=${machineSetName(workload, pool)}`,
      conditions: conditionsOf(workload, pool, standing),
      deprecated: {
        v1beta1: {
          fullyLabeledReplicas: current,
          readyReplicas: ready,
          availableReplicas: ready,
          conditions: [
            broken ? legacyFalse('Ready', 'Warning', 'NotAllMachinesReady') : legacyTrue('Ready'),
            legacyTrue('MachinesCreated'),
            broken ? legacyFalse('MachinesReady', 'Warning', 'NotAllMachinesReady') : legacyTrue('MachinesReady'),
            legacyTrue('Resized'),
          ],
        },
      },
    },
  }
}

function specOf(workload: Workload, pool: PoolModel) {
  const name = poolObjectName(workload, pool)
  const matchLabels = { 'cluster.x-k8s.io/cluster-name': workload.name, 'cluster.x-k8s.io/deployment-name': name }
  return {
    clusterName: workload.name,
    replicas: pool.replicas,
    selector: { matchLabels },
    template: {
      metadata: { labels: matchLabels },
      spec: {
        clusterName: workload.name,
        version: pool.version,
        bootstrap: { configRef: { apiGroup: 'bootstrap.cluster.x-k8s.io', kind: 'KubeadmConfigTemplate', name } },
        infrastructureRef: { apiGroup: infra, kind: 'AzureMachineTemplate', name },
      },
    },
  }
}

const countersOf = ({ current, ready, upToDate }: Standing) => ({
  observedGeneration: 0,
  replicas: current,
  readyReplicas: ready,
  availableReplicas: ready,
  upToDateReplicas: upToDate,
})

export const poolLabels = (workload: Workload, pool: PoolModel): Record<string, string> => ({
  'cluster.x-k8s.io/deployment-name': poolObjectName(workload, pool),
  ...(isOfTopology(workload, pool)
    ? { 'topology.cluster.x-k8s.io/owned': '', 'topology.cluster.x-k8s.io/deployment-name': pool.name }
    : {}),
})

const autoscaling = (pool: PoolModel): Record<string, string> =>
  pool.autoscaled
    ? {
        'cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size': '1',
        'cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size': '50',
      }
    : {}

function available({ up, broken, ready, wanted }: Standing): Modern {
  const good = up && !broken && ready >= wanted
  return modern(
    'Available',
    good,
    good ? 'Available' : 'NotAvailable',
    good
      ? ''
      : `${ready} available replicas, at least ${wanted} required (spec.strategy.rollout.maxUnavailable is 0, spec.replicas is ${wanted})`,
  )
}

function conditionsOf(workload: Workload, pool: PoolModel, standing: Standing): readonly Modern[] {
  const { up, broken, rolling, current, wanted } = standing
  const growing = current < wanted
  const shrinking = current > wanted
  const good = up && !broken
  const scaling = `from ${current} to ${wanted} replicas`
  const gone = workload.stage === 'Deleting'
  return [
    modern('Deleting', gone, gone ? 'WaitingForMachineDeletion' : 'NotDeleting'),
    modern('MachinesReady', good, good ? 'Ready' : 'NotReady', good ? '' : '* Machine: NodeHealthy: Node is not ready'),
    modern('MachinesUpToDate', !rolling, rolling ? 'NotUpToDate' : 'UpToDate'),
    modern('Paused', workload.paused, workload.paused ? 'Paused' : 'NotPaused'),
    pool === workload.pools[0] ? remediating(workload) : modern('Remediating', false, 'NotRemediating'),
    modern(
      'ScalingDown',
      shrinking,
      shrinking ? 'ScalingDown' : 'NotScalingDown',
      shrinking ? `Scaling down ${scaling}` : '',
    ),
    modern('ScalingUp', growing, growing ? 'ScalingUp' : 'NotScalingUp', growing ? `Scaling up ${scaling}` : ''),
  ]
}

function legacyDeployment({ up, broken, ready, wanted }: Standing) {
  const waiting = `Minimum availability requires ${wanted} replicas, current ${ready} available`
  const short = !up || broken || ready < wanted
  const ended = short ? legacyFalse('Ready', 'Warning', 'WaitingForAvailableMachines', waiting) : legacyTrue('Ready')
  return [ended, { ...ended, type: 'Available' }, legacyTrue('MachineSetReady')]
}
