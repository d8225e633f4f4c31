import { at, condition, legacy, metadata } from './wire-metadata.ts'

/** Wire objects as an API server sends them, of mixed kinds, about 4 KB each, half of it managedFields. The same for the same count. */
export function wireObjects(count: number): object[] {
  return Array.from({ length: count }, (_, i) => (makers[i % makers.length] ?? cluster)(i))
}

const ref = (kind: string, name: string) => ({ apiGroup: 'infrastructure.cluster.x-k8s.io', kind, name })

const counters = { availableReplicas: 3, readyReplicas: 3, replicas: 3, upToDateReplicas: 3 }

function cluster(i: number): object {
  const trues = [
    'Available',
    'RemoteConnectionProbe',
    'InfrastructureReady',
    'ControlPlaneInitialized',
    'ControlPlaneAvailable',
    'WorkersAvailable',
    'ControlPlaneMachinesReady',
    'WorkerMachinesReady',
    'TopologyReconciled',
  ]
  const falses = ['RollingOut', 'ScalingUp', 'ScalingDown', 'Remediating', 'Deleting', 'Paused']
  return {
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    kind: 'Cluster',
    metadata: metadata(i, `prod-${i}`, { ownerReferences: undefined }),
    spec: {
      clusterNetwork: { pods: { cidrBlocks: ['192.168.0.0/16'] } },
      controlPlaneEndpoint: { host: `prod-${i}.example.test`, port: 6443 },
      controlPlaneRef: { ...ref('KubeadmControlPlane', `prod-${i}`), apiGroup: 'controlplane.cluster.x-k8s.io' },
      infrastructureRef: ref('AzureCluster', `prod-${i}`),
      topology: { classRef: { name: 'standard' }, version: 'v1.33.4' },
    },
    status: {
      conditions: [
        ...trues.map((type) => condition(i, type, i % 20 === 0 && type === 'Available' ? 'False' : 'True', type)),
        ...falses.map((type) => condition(i, type, 'False', `Not${type}`)),
      ],
      controlPlane: { ...counters, desiredReplicas: 3, versions: [{ replicas: 3, version: 'v1.33.4' }] },
      initialization: { controlPlaneInitialized: true, infrastructureProvisioned: true },
      observedGeneration: 1 + (i % 7),
      phase: 'Provisioned',
      workers: { ...counters, desiredReplicas: 3 },
    },
  }
}

function machine(i: number): object {
  const trues = [
    'Available',
    'Ready',
    'UpToDate',
    'BootstrapConfigReady',
    'InfrastructureReady',
    'NodeHealthy',
    'NodeReady',
    'HealthCheckSucceeded',
  ]
  return {
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    kind: 'Machine',
    metadata: metadata(i, `prod-${i}-md-0-${i}`),
    spec: {
      bootstrap: { configRef: ref('KubeadmConfig', `b-${i}`), dataSecretName: `b-${i}` },
      clusterName: `prod-${i % 500}`,
      infrastructureRef: ref('AzureMachine', `m-${i}`),
      providerID: `azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/m-${i}`,
      version: 'v1.33.4',
    },
    status: {
      addresses: [{ address: `10.0.${i % 250}.4`, type: 'InternalIP' }],
      conditions: [
        ...trues.map((type) => condition(i, type, 'True', type)),
        condition(i, 'Deleting', 'False', 'NotDeleting'),
        condition(i, 'Paused', 'False', 'NotPaused'),
      ],
      nodeInfo: {
        architecture: 'amd64',
        containerRuntimeVersion: 'containerd://2.0.5',
        kernelVersion: '6.8.0',
        kubeletVersion: 'v1.33.4',
        operatingSystem: 'linux',
        osImage: 'Ubuntu 24.04',
      },
      nodeRef: { name: `m-${i}` },
      observedGeneration: 1 + (i % 7),
      phase: 'Running',
    },
  }
}

function machineDeployment(i: number): object {
  const falses = ['RollingOut', 'ScalingUp', 'ScalingDown', 'Remediating', 'Deleting', 'Paused']
  return {
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    kind: 'MachineDeployment',
    metadata: metadata(i, `prod-${i}-md-0`),
    spec: {
      clusterName: `prod-${i % 500}`,
      replicas: 3,
      rollout: { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }, type: 'RollingUpdate' } },
      selector: { matchLabels: { 'cluster.x-k8s.io/deployment-name': `prod-${i}-md-0` } },
      template: {
        metadata: { labels: { pool: 'a' } },
        spec: {
          clusterName: `prod-${i % 500}`,
          infrastructureRef: ref('AzureMachineTemplate', `t-${i}`),
          version: 'v1.33.4',
        },
      },
    },
    status: {
      ...counters,
      conditions: [
        ...['Available', 'MachinesReady', 'MachinesUpToDate'].map((type) => condition(i, type, 'True', type)),
        ...falses.map((type) => condition(i, type, 'False', `Not${type}`)),
      ],
      deprecated: { v1beta1: { conditions: ['Ready', 'Available', 'MachineSetReady'].map((type) => legacy(i, type)) } },
      observedGeneration: 1 + (i % 7),
      phase: 'Running',
    },
  }
}

function azureMachine(i: number): object {
  return {
    apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1',
    kind: 'AzureMachine',
    metadata: metadata(i, `m-${i}`),
    spec: {
      identity: 'None',
      image: { marketplace: { offer: 'ubuntu', publisher: 'canonical', sku: 'server', version: '1' } },
      networkInterfaces: [{ privateIPConfigs: 1, subnetName: 'nodes' }],
      osDisk: {
        cachingType: 'None',
        diskSizeGB: 128,
        managedDisk: { storageAccountType: 'Premium_LRS' },
        osType: 'Linux',
      },
      providerID: `azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/m-${i}`,
      sshPublicKey: 'c3NoLXJzYSBBQUFB'.repeat(30),
      vmSize: 'Standard_D4s_v5',
    },
    status: {
      addresses: [{ address: `10.0.${i % 250}.4`, type: 'InternalIP' }],
      conditions: [
        ...[
          'Ready',
          'BootstrapSucceeded',
          'DisksReady',
          'NetworkInterfacesReady',
          'RoleAssignmentsReady',
          'VMIdentitiesReady',
          'VMRunning',
        ].map((type) => legacy(i, type)),
      ],
      ready: true,
      vmState: 'Succeeded',
    },
  }
}

function kustomization(i: number): object {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: metadata(i, `apps-${i}`, { ownerReferences: undefined }),
    spec: {
      interval: '10m0s',
      kubeConfig: { secretRef: { name: `prod-${i % 500}-kubeconfig` } },
      path: './apps',
      prune: true,
      sourceRef: { kind: 'GitRepository', name: 'fleet', namespace: 'flux-system' },
      timeout: '5m0s',
    },
    status: {
      conditions: [
        condition(
          i,
          'Ready',
          i % 15 === 0 ? 'False' : 'True',
          i % 15 === 0 ? 'BuildFailed' : 'ReconciliationSucceeded',
        ),
        condition(i, 'Healthy', 'True', 'Succeeded'),
      ],
      history: [
        {
          digest: `sha256:${'ab'.repeat(32)}`,
          firstReconciled: at(i),
          lastReconciled: at(i, 5),
          lastReconciledDuration: '1.2s',
          lastReconciledStatus: 'ReconciliationSucceeded',
          totalReconciliations: 12,
        },
      ],
      inventory: { entries: Array.from({ length: 12 }, (_, n) => ({ id: `apps_web-${n}_apps_Deployment`, v: 'v1' })) },
      lastAppliedRevision: `main@sha1:${'0123456789abcdef'.repeat(2)}00000000`,
      lastAttemptedRevision: `main@sha1:${'0123456789abcdef'.repeat(2)}00000000`,
      observedGeneration: 1 + (i % 7),
    },
  }
}

function agentPool(i: number): object {
  return {
    apiVersion: 'containerservice.azure.com/v1api20250801',
    kind: 'ManagedClustersAgentPool',
    metadata: metadata(i, `np-${i}`),
    spec: {
      azureName: `np${i % 9}`,
      count: 3,
      enableAutoScaling: i % 2 === 0,
      mode: 'User',
      orchestratorVersion: '1.33.4',
      osDiskSizeGB: 128,
      owner: { name: `prod-${i % 500}` },
      vmSize: 'Standard_D4s_v5',
    },
    status: {
      conditions: [condition(i, 'Ready', 'True', 'Succeeded')],
      count: 3,
      currentOrchestratorVersion: '1.33.4',
      enableAutoScaling: i % 2 === 0,
      id: `/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod-${i % 500}/agentPools/np${i % 9}`,
      mode: 'User',
      nodeImageVersion: 'AKSUbuntu-2204gen2containerd-202605.01.0',
      orchestratorVersion: '1.33.4',
      osSKU: 'Ubuntu',
      osType: 'Linux',
      powerState: { code: 'Running' },
      provisioningState: 'Succeeded',
      vmSize: 'Standard_D4s_v5',
    },
  }
}

const makers = [
  cluster,
  machine,
  machine,
  machine,
  machineDeployment,
  azureMachine,
  azureMachine,
  kustomization,
  agentPool,
  machine,
]
