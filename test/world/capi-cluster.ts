import { topologyCondition, topologyOf } from './capi-topology.ts'
import { type Draft, legacyFalse, legacyTrue, type Modern, modern, type Touch } from './draft.ts'
import { initialized, isSelfManaged, tagsOf, type Workload, workersThere, workersWanted } from './workload.ts'

export const capi = 'cluster.x-k8s.io'
export const infra = 'infrastructure.cluster.x-k8s.io'
export const kubeadm = 'controlplane.cluster.x-k8s.io'
export const clusterLabel = 'cluster.x-k8s.io/cluster-name'

const refsByFlavour = {
  AzureSelfManaged: { infrastructure: 'AzureCluster', group: kubeadm, controlPlane: 'KubeadmControlPlane' },
  AzureManaged: { infrastructure: 'AzureManagedCluster', group: infra, controlPlane: 'AzureManagedControlPlane' },
  AzureASOManaged: {
    infrastructure: 'AzureASOManagedCluster',
    group: infra,
    controlPlane: 'AzureASOManagedControlPlane',
  },
  AWSManaged: { infrastructure: 'AWSManagedCluster', group: kubeadm, controlPlane: 'AWSManagedControlPlane' },
  GCPManaged: { infrastructure: 'GCPManagedCluster', group: infra, controlPlane: 'GCPManagedControlPlane' },
} as const

/** The object that is a cluster's control plane. */
export const controlPlaneOf = ({ flavour, namespace, name }: Workload) => ({
  group: refsByFlavour[flavour].group,
  kind: refsByFlavour[flavour].controlPlane,
  namespace,
  name,
})
/** The object that is its infrastructure. */
export const infrastructureOf = ({ flavour, namespace, name }: Workload) => ({
  group: infra,
  kind: refsByFlavour[flavour].infrastructure,
  namespace,
  name,
})

/** What every object of a cluster has in common. */
export const partOf = (workload: Workload) => ({
  namespace: workload.namespace,
  labels: { [clusterLabel]: workload.name },
  owner: { group: capi, kind: 'Cluster', name: workload.name },
  createdAt: workload.createdAt,
  since: workload.since,
  ...deleting(workload),
})

/** The field that pauses it was written when it was paused; by default by whoever did it, if that is known. */
export const pausedBy = (
  { paused, pausedAt, pausedBy: actor }: Workload,
  path: readonly string[],
  manager: string | null = actor,
): { readonly touched?: readonly Touch[] } =>
  paused && pausedAt !== null ? { touched: [{ path, manager, at: pausedAt }] } : {}

const deleting = (workload: Workload) => (workload.deletedAt === null ? {} : { deletedAt: workload.deletedAt })

/** The Cluster of Cluster API. */
export function clusterDraft(workload: Workload): Draft {
  const { name, namespace } = workload
  const refs = refsByFlavour[workload.flavour]
  return {
    group: capi,
    kind: 'Cluster',
    namespace,
    name,
    labels: labelsOf(workload),
    ...(workload.managedBy === 'argocd'
      ? { annotations: { 'argocd.argoproj.io/tracking-id': `clusters:${capi}/Cluster:${namespace}/${name}` } }
      : {}),
    finalizers: ['cluster.cluster.x-k8s.io'],
    createdAt: workload.createdAt,
    since: workload.since,
    ...deleting(workload),
    ...(workload.lagging ? { lag: 1 } : {}),
    ...pausedBy(workload, ['spec', 'paused']),
    spec: {
      ...(workload.paused ? { paused: true } : {}),
      clusterNetwork: {
        pods: { cidrBlocks: ['192.168.0.0/16'] },
        services: { cidrBlocks: ['10.96.0.0/12'] },
        serviceDomain: 'cluster.local',
      },
      ...(initialized(workload) ? { controlPlaneEndpoint: endpointOf(workload) } : {}),
      controlPlaneRef: { apiGroup: refs.group, kind: refs.controlPlane, name },
      infrastructureRef: { apiGroup: infra, kind: refs.infrastructure, name },
      ...topologyOf(workload),
    },
    ...(workload.trouble === 'NotReported' ? {} : { status: statusOf(workload) }),
  }
}

export function endpointOf({ name, region, flavour, subscription }: Workload): { host: string; port: number } {
  const id = subscription.replaceAll('-', '')
  switch (flavour) {
    case 'AzureSelfManaged':
      return { host: `${name}.${region}.cloudapp.azure.com`, port: 6443 }
    // EKS names its endpoint by URL, and CAPA copies that (`pkg/cloud/services/eks/cluster.go`).
    case 'AWSManaged':
      return { host: `https://${id.toUpperCase()}.gr7.${region}.eks.amazonaws.com`, port: 443 }
    case 'GCPManaged': {
      const [a, b, c] = [0, 2, 4].map((at) => Number.parseInt(id.slice(at, at + 2), 16))
      return { host: `34.${a}.${b}.${c}`, port: 443 }
    }
    default:
      return { host: `${name}.hcp.${region}.azmk8s.io`, port: 443 }
  }
}

/** `host:port`. */
export function addressOf(workload: Workload): string {
  const { host, port } = endpointOf(workload)
  return `${host.replace('https://', '')}:${port}`
}

function labelsOf(workload: Workload): Record<string, string> {
  return {
    [clusterLabel]: workload.name,
    ...conventionOf(workload),
    ...(workload.topologyClass === null ? {} : { 'topology.cluster.x-k8s.io/owned': '' }),
    ...(workload.managedBy === 'flux'
      ? { 'kustomize.toolkit.fluxcd.io/name': 'clusters', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' }
      : {}),
  }
}

/** Two companies' habits, both among Rollcall's defaults (design.md part 4). */
function conventionOf(workload: Workload): Record<string, string> {
  const { environment, owner, ...rest } = tagsOf(workload)
  const [environmentKey, ringKey, ownerKey] =
    workload.labelling === 'long' ? ['environment', 'ring', 'owner'] : ['env', 'wave', 'team']
  return {
    [environmentKey]: environment ?? '',
    [ringKey]: workload.ring,
    ...(owner === undefined ? {} : { [ownerKey]: owner }),
    ...rest,
  }
}

function statusOf(workload: Workload): Readonly<Record<string, unknown>> {
  const up = initialized(workload)
  const self = isSelfManaged(workload)
  const down = workload.trouble === 'UnhealthyMachines' || workload.trouble === 'MachineFailed' ? 1 : 0
  const counters = (desired: number, current: number, missing: number) => ({
    desiredReplicas: desired,
    replicas: current,
    readyReplicas: current - missing,
    availableReplicas: current - missing,
    upToDateReplicas: workload.stage === 'Upgrading' ? Math.min(1, current) : current,
  })
  return {
    observedGeneration: 0,
    phase: workload.stage === 'Deleting' ? 'Deleting' : up ? 'Provisioned' : 'Provisioning',
    initialization: { ...(up ? { controlPlaneInitialized: true } : {}), infrastructureProvisioned: true },
    ...(self
      ? {
          controlPlane: counters(workload.controlPlaneReplicas, workload.controlPlaneCurrent, 0),
          workers: counters(workersWanted(workload), workersThere(workload), down),
          failureDomains: ['1', '2', '3'].map((name) => ({ name, controlPlane: true })),
        }
      : {}),
    conditions: conditionsOf(workload),
    deprecated: { v1beta1: { conditions: legacyOf(workload) } },
  }
}

function conditionsOf(workload: Workload): readonly Modern[] {
  const { stage, trouble } = workload
  const self = isSelfManaged(workload)
  const up = initialized(workload)
  const broken = trouble === 'UnhealthyMachines' || trouble === 'MachineFailed'
  const reachable = up && trouble !== 'Unreachable'
  const rolling = self && stage === 'Upgrading'
  const growing = self && stage === 'Scaling'
  const probe = reachable
    ? modern('RemoteConnectionProbe', true, 'ProbeSucceeded')
    : modern('RemoteConnectionProbe', false, 'ProbeFailed', 'Remote connection probe failed: dial tcp: i/o timeout')
  const workers = broken
    ? modern(
        'WorkersAvailable',
        false,
        'NotAvailable',
        `* MachineDeployment ${workload.name}-${workload.pools[0]?.name}: unavailable`,
      )
    : modern('WorkersAvailable', true, self ? 'Available' : 'NoWorkers')
  const topology = topologyCondition(workload)
  const inputs = [probe, workers, ...(trouble === 'TopologyFailed' ? topology : [])].filter(
    (input) => input.status === 'False',
  )
  const issues = inputs.map((input) => `* ${input.type}: ${input.message}`).join('\n')
  const available = up && stage !== 'Deleting' && inputs.length === 0
  return [
    modern(
      'Available',
      available,
      available ? 'Available' : 'NotAvailable',
      stage === 'Deleting' ? '* Deleting' : issues,
    ),
    modern(
      'ControlPlaneAvailable',
      up,
      up ? 'Available' : 'NotAvailable',
      up ? '' : 'Control plane not yet initialized',
    ),
    modern(
      'ControlPlaneInitialized',
      up,
      up ? 'Initialized' : 'NotInitialized',
      up ? '' : 'Control plane not yet initialized',
    ),
    modern('ControlPlaneMachinesReady', true, self ? 'Ready' : 'NoReplicas'),
    modern('ControlPlaneMachinesUpToDate', !rolling, rolling ? 'NotUpToDate' : self ? 'UpToDate' : 'NoReplicas'),
    modern('Deleting', stage === 'Deleting', stage === 'Deleting' ? 'WaitingForWorkersDeletion' : 'NotDeleting'),
    modern('InfrastructureReady', true, 'Ready'),
    modern('Paused', workload.paused, workload.paused ? 'Paused' : 'NotPaused'),
    remediating(workload),
    probe,
    modern(
      'RollingOut',
      rolling,
      rolling ? 'RollingOut' : 'NotRollingOut',
      rolling ? `Rolling out to ${workload.version}` : '',
    ),
    modern('ScalingDown', false, 'NotScalingDown'),
    modern('ScalingUp', growing, growing ? 'ScalingUp' : 'NotScalingUp', growing ? 'Scaling up' : ''),
    ...topology,
    modern('WorkerMachinesReady', !broken, broken ? 'NotReady' : self ? 'Ready' : 'NoReplicas'),
    modern('WorkerMachinesUpToDate', !rolling, rolling ? 'NotUpToDate' : self ? 'UpToDate' : 'NoReplicas'),
    workers,
  ]
}

/** Machines are being replaced. */
export function remediating({ remediatedAt }: Workload): Modern {
  const given = remediatedAt.length
  return given === 0
    ? modern('Remediating', false, 'NotRemediating')
    : modern('Remediating', true, 'Remediating', `* ${given} Machines: OwnerRemediated: being deleted`)
}

function legacyOf(workload: Workload) {
  const up = initialized(workload)
  const waiting = (type: string) =>
    legacyFalse(
      type,
      'Info',
      'WaitingForControlPlane',
      'Waiting for control plane provider to indicate the control plane has been initialized',
    )
  return [
    up ? legacyTrue('Ready') : waiting('Ready'),
    up ? legacyTrue('ControlPlaneInitialized') : waiting('ControlPlaneInitialized'),
    up ? legacyTrue('ControlPlaneReady') : waiting('ControlPlaneReady'),
    legacyTrue('InfrastructureReady'),
  ]
}
