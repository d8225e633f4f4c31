import { capi, infra, kubeadm, partOf } from './capi-cluster.ts'
import { clonedFrom } from './capi-topology.ts'
import { type Draft, type DraftOwner, legacyFalse, legacyTrue, type Modern, modern } from './draft.ts'
import { bare, initialized, type Workload } from './workload.ts'

/** What one machine is, besides its cluster. */
export interface MachineModel {
  readonly name: string
  /** Null: nothing manages it. */
  readonly owner: DraftOwner | null
  readonly labels: Readonly<Record<string, string>>
  readonly version: string
  readonly running: string
  readonly vmSize: string
  readonly controlPlane: boolean
  readonly trouble: 'NodeUnhealthy' | 'VmFailed' | null
  /** When its health check gave it up: it is being replaced since. */
  readonly remediatedAt?: Date
  /** The AzureMachineTemplate it was cloned from. */
  readonly template: string
}

/** A Machine and the AzureMachine behind it. */
export function machineDrafts(workload: Workload, machine: MachineModel): readonly Draft[] {
  return [machineDraft(workload, machine), azureMachineDraft(workload, machine)]
}

const vmIdOf = (workload: Workload, machine: MachineModel): string =>
  `azure:///subscriptions/${workload.subscription}/resourceGroups/rg-${workload.name}/providers/Microsoft.Compute/virtualMachines/${machine.name}`

/** What ends with the cluster, or because it is being replaced. */
function lifeOf(workload: Workload, { remediatedAt }: MachineModel) {
  const { owner: _owner, ...part } = partOf(workload)
  return remediatedAt === undefined ? part : { ...part, since: remediatedAt, deletedAt: remediatedAt }
}

function machineDraft(workload: Workload, machine: MachineModel): Draft {
  const made = initialized(workload) && machine.trouble !== 'VmFailed'
  const part = lifeOf(workload, machine)
  const going = workload.stage === 'Deleting' || machine.remediatedAt !== undefined
  return {
    ...part,
    group: capi,
    kind: 'Machine',
    name: machine.name,
    labels: { ...part.labels, ...machine.labels },
    ...(machine.owner === null ? {} : { owner: machine.owner }),
    finalizers: ['machine.cluster.x-k8s.io'],
    spec: {
      clusterName: workload.name,
      version: machine.running,
      bootstrap: {
        configRef: { apiGroup: 'bootstrap.cluster.x-k8s.io', kind: 'KubeadmConfig', name: machine.name },
        dataSecretName: machine.name,
      },
      infrastructureRef: { apiGroup: infra, kind: 'AzureMachine', name: machine.name },
      failureDomain: '1',
      ...(made ? { providerID: vmIdOf(workload, machine) } : {}),
    },
    status: {
      observedGeneration: 0,
      initialization: { bootstrapDataSecretCreated: true, ...(made ? { infrastructureProvisioned: true } : {}) },
      phase: going ? 'Deleting' : made ? 'Running' : 'Provisioning',
      ...(made
        ? {
            addresses: [{ type: 'InternalIP', address: '10.1.0.4' }],
            nodeRef: { name: machine.name },
            nodeInfo: nodeInfoOf(machine),
            ...(machine.controlPlane
              ? { certificatesExpiryDate: new Date(workload.createdAt.getTime() + 365 * 86_400_000).toISOString() }
              : {}),
          }
        : {}),
      conditions: conditionsOf(workload, machine, made),
      deprecated: { v1beta1: { conditions: legacyOf(machine, made) } },
    },
  }
}

function conditionsOf(workload: Workload, machine: MachineModel, made: boolean): readonly Modern[] {
  const remediated = machine.remediatedAt !== undefined
  const sick = machine.trouble === 'NodeUnhealthy' || remediated
  const going = workload.stage === 'Deleting' || remediated
  const outdated = machine.version !== machine.running
  const ready = made && !sick
  const why = !made
    ? '* InfrastructureReady: waiting for the virtual machine'
    : sick
      ? '* NodeHealthy: kubelet stopped posting node status'
      : ''
  const failed = machine.trouble === 'VmFailed'
  const pods = [
    'APIServerPodHealthy',
    'ControllerManagerPodHealthy',
    'EtcdMemberHealthy',
    'EtcdPodHealthy',
    'SchedulerPodHealthy',
  ]
  return [
    ...(machine.controlPlane && made
      ? pods.map((type) => modern(type, true, type.includes('Member') ? 'Healthy' : 'Running'))
      : []),
    modern('Available', ready, ready ? 'Available' : 'NotReady'),
    modern('BootstrapConfigReady', true, 'Ready'),
    modern('Deleting', going, going ? 'DrainingNode' : 'NotDeleting'),
    ...(sick
      ? [
          modern(
            'HealthCheckSucceeded',
            false,
            'UnhealthyNode',
            'Health check failed: Condition Ready on Node is Unknown for more than 5m0s',
          ),
        ]
      : []),
    modern(
      'InfrastructureReady',
      made,
      made ? 'Ready' : failed ? 'VMProvisionFailed' : 'NotReady',
      failed ? vmFailure : '',
    ),
    modern('NodeHealthy', made ? !sick : null, made ? (sick ? 'NodeNotHealthy' : 'NodeHealthy') : 'InspectionFailed'),
    modern('NodeReady', made ? !sick : null, made ? (sick ? 'NodeNotReady' : 'NodeReady') : 'InspectionFailed'),
    ...(remediated
      ? [modern('OwnerRemediated', false, 'WaitingForRemediation', 'Waiting for remediation: Machine is being deleted')]
      : []),
    modern('Paused', workload.paused, workload.paused ? 'Paused' : 'NotPaused'),
    modern('Ready', ready, ready ? 'Ready' : 'NotReady', why),
    modern(
      'UpToDate',
      !outdated,
      outdated ? 'NotUpToDate' : 'UpToDate',
      outdated ? `* Version ${machine.running}, ${machine.version} required` : '',
    ),
    modern('Updating', false, 'NotUpdating'),
  ]
}

const vmFailure =
  'failed to reconcile AzureMachine service virtualmachine: OperationNotAllowed: Operation could not be completed as it results in exceeding approved Total Regional Cores quota'

function legacyOf(machine: MachineModel, made: boolean) {
  const failed = machine.trouble === 'VmFailed'
  const infrastructure = made
    ? legacyTrue('InfrastructureReady')
    : failed
      ? legacyFalse('InfrastructureReady', 'Error', 'VMProvisionFailed', vmFailure)
      : legacyFalse('InfrastructureReady', 'Info', 'WaitingForInfrastructure')
  const remediated = machine.remediatedAt !== undefined
  const sick = machine.trouble === 'NodeUnhealthy' || remediated
  return [
    sick ? legacyFalse('Ready', 'Warning', 'NodeConditionsFailed') : { ...infrastructure, type: 'Ready' },
    legacyTrue('BootstrapReady'),
    infrastructure,
    sick ? legacyFalse('NodeHealthy', 'Warning', 'NodeConditionsFailed') : legacyTrue('NodeHealthy'),
    ...(remediated
      ? [
          legacyFalse('HealthCheckSucceeded', 'Warning', 'UnhealthyNode', 'Condition Ready on node is Unknown'),
          legacyFalse('OwnerRemediated', 'Warning', 'WaitingForRemediation'),
        ]
      : []),
  ]
}

const nodeInfoOf = (machine: MachineModel) => ({
  architecture: 'amd64',
  bootID: '00000000-0000-4000-8000-000000000000',
  containerRuntimeVersion: 'containerd://1.7.27',
  kernelVersion: '5.15.0-1089-azure',
  kubeProxyVersion: machine.running,
  kubeletVersion: machine.running,
  machineID: '00000000000040008000000000000000',
  operatingSystem: 'linux',
  osImage: 'Ubuntu 22.04.5 LTS',
  systemUUID: '00000000-0000-4000-8000-000000000001',
})

function azureMachineDraft(workload: Workload, machine: MachineModel): Draft {
  const failed = machine.trouble === 'VmFailed'
  const made = initialized(workload) && !failed
  const part = lifeOf(workload, machine)
  return {
    ...part,
    group: infra,
    kind: 'AzureMachine',
    name: machine.name,
    labels: { ...part.labels, ...machine.labels },
    annotations: clonedFrom(`AzureMachineTemplate.${infra}`, machine.template),
    owner: { group: capi, kind: 'Machine', name: machine.name },
    finalizers: ['azuremachine.infrastructure.cluster.x-k8s.io'],
    spec: {
      identity: 'None',
      image: {
        computeGallery: {
          gallery: 'ClusterAPI-f72ceb4f-5159-4c26-a0fe-2ea738f0d019',
          name: 'capi-ubun2-2204',
          version: bare(machine.running),
        },
      },
      osDisk: {
        cachingType: 'None',
        diskSizeGB: 128,
        managedDisk: { storageAccountType: 'Premium_LRS' },
        osType: 'Linux',
      },
      sshPublicKey: '',
      vmSize: machine.vmSize,
      ...(made ? { providerID: vmIdOf(workload, machine) } : {}),
    },
    status: {
      ready: made,
      vmState: made ? 'Succeeded' : failed ? 'Failed' : 'Creating',
      ...(made ? { addresses: [{ type: 'InternalIP', address: '10.1.0.4' }] } : {}),
      ...(failed ? { failureReason: 'CreateError', failureMessage: vmFailure } : {}),
      conditions: [
        made
          ? legacyTrue('Ready')
          : legacyFalse(
              'Ready',
              failed ? 'Error' : 'Info',
              failed ? 'VMProvisionFailed' : 'VMCreating',
              failed ? vmFailure : '',
            ),
        made
          ? legacyTrue('VMRunning')
          : legacyFalse(
              'VMRunning',
              failed ? 'Error' : 'Info',
              failed ? 'VMProvisionFailed' : 'VMCreating',
              failed ? vmFailure : '',
            ),
        legacyTrue('BootstrapSucceeded'),
      ],
    },
  }
}

export const controlPlaneOwner = (workload: Workload): DraftOwner => ({
  group: kubeadm,
  kind: 'KubeadmControlPlane',
  name: workload.name,
})
