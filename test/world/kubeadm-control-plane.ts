import { infra, kubeadm, partOf } from './capi-cluster.ts'
import { madeByTopology } from './capi-topology.ts'
import { type Draft, legacyFalse, legacyTrue, modern } from './draft.ts'
import { initialized, type Workload } from './workload.ts'

/** Versions that run, old to new, as Cluster API 1.14 lists them. Rolling out replaces one machine after another. */
export function versionsOf(
  running: string,
  declared: string,
  replicas: number,
): readonly { version: string; replicas: number }[] {
  if (running === declared || replicas < 2) return [{ version: running, replicas }]
  return [
    { version: running, replicas: replicas - 1 },
    { version: declared, replicas: 1 },
  ]
}

/** The control plane of a self-managed cluster. */
export function kubeadmControlPlaneDraft(workload: Workload): Draft {
  const { name, controlPlaneReplicas: wanted, controlPlaneCurrent: current } = workload
  const up = initialized(workload)
  const rolling = workload.version !== workload.running
  const growing = current < wanted
  const ready = up ? current : 0
  const upToDate = rolling ? Math.min(1, current) : current
  return {
    ...partOf(workload),
    group: kubeadm,
    kind: 'KubeadmControlPlane',
    name,
    ...madeByTopology(workload, `KubeadmControlPlaneTemplate.${kubeadm}`, '-control-plane'),
    finalizers: ['kubeadm.controlplane.cluster.x-k8s.io'],
    spec: {
      replicas: wanted,
      version: workload.version,
      machineTemplate: {
        metadata: { labels: { 'node.rollcall.example/role': 'control-plane' } },
        spec: { infrastructureRef: { apiGroup: infra, kind: 'AzureMachineTemplate', name: `${name}-control-plane` } },
      },
      kubeadmConfigSpec: kubeadmConfig(),
      rollout: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } },
    },
    status: {
      observedGeneration: 0,
      initialization: up ? { controlPlaneInitialized: true } : {},
      selector: `cluster.x-k8s.io/cluster-name=${name},cluster.x-k8s.io/control-plane`,
      replicas: current,
      readyReplicas: ready,
      availableReplicas: ready,
      upToDateReplicas: upToDate,
      version: workload.running,
      conditions: [
        modern('Available', up, up ? 'Available' : 'NotAvailable', up ? '' : 'Control plane not yet initialized'),
        modern('CertificatesAvailable', true, 'Available'),
        modern(
          'ControlPlaneComponentsHealthy',
          up ? true : null,
          up ? 'Healthy' : 'HealthUnknown',
          up ? '' : 'Waiting for Cluster control plane to be initialized',
        ),
        modern(
          'Deleting',
          workload.stage === 'Deleting',
          workload.stage === 'Deleting' ? 'WaitingForMachineDeletion' : 'NotDeleting',
        ),
        modern('EtcdClusterHealthy', up ? true : null, up ? 'Healthy' : 'HealthUnknown'),
        modern('Initialized', up, up ? 'Initialized' : 'NotInitialized'),
        modern('MachinesReady', up, up ? 'Ready' : 'NotReady', up ? '' : '* Machine: NodeHealthy: Waiting for Node'),
        modern(
          'MachinesUpToDate',
          !rolling,
          rolling ? 'NotUpToDate' : 'UpToDate',
          rolling ? `* Version ${workload.running}, ${workload.version} required` : '',
        ),
        modern('Paused', workload.paused, workload.paused ? 'Paused' : 'NotPaused'),
        modern('Remediating', false, 'NotRemediating'),
        modern(
          'RollingOut',
          rolling,
          rolling ? 'RollingOut' : 'NotRollingOut',
          rolling ? `Rolling out ${current - upToDate} not up-to-date replicas` : '',
        ),
        modern('ScalingDown', false, 'NotScalingDown'),
        modern(
          'ScalingUp',
          growing,
          growing ? 'ScalingUp' : 'NotScalingUp',
          growing ? `Scaling up from ${current} to ${wanted} replicas` : '',
        ),
      ],
      ...(up ? { versions: versionsOf(workload.running, workload.version, current) } : {}),
      deprecated: {
        v1beta1: {
          readyReplicas: ready,
          updatedReplicas: upToDate,
          unavailableReplicas: Math.max(0, wanted - ready),
          conditions: legacyOf(up, rolling, `Rolling ${current - upToDate} replicas with outdated spec`),
        },
      },
    },
  }
}

function legacyOf(up: boolean, rolling: boolean, message: string) {
  const ready = !up
    ? legacyFalse('Ready', 'Info', 'WaitingForKubeadmInit')
    : rolling
      ? legacyFalse('Ready', 'Warning', 'RollingUpdateInProgress', message)
      : legacyTrue('Ready')
  return [
    ready,
    up ? legacyTrue('Available') : legacyFalse('Available', 'Info', 'WaitingForKubeadmInit'),
    legacyTrue('CertificatesAvailable'),
    ...(up
      ? [legacyTrue('ControlPlaneComponentsHealthy'), legacyTrue('EtcdClusterHealthy'), legacyTrue('MachinesReady')]
      : []),
    rolling
      ? legacyFalse('MachinesSpecUpToDate', 'Warning', 'RollingUpdateInProgress', message)
      : legacyTrue('MachinesSpecUpToDate'),
  ]
}

const kubeadmConfig = () => ({
  initConfiguration: { nodeRegistration: { name: '{{ ds.meta_data["local_hostname"] }}' } },
  joinConfiguration: { nodeRegistration: { name: '{{ ds.meta_data["local_hostname"] }}' } },
})
