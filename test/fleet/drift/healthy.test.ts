import { describe, expect, it } from 'vitest'
import { composeCluster } from '../../../fleet/compose-cluster.ts'
import type { DriftCode } from '../../../fleet/drift/code.ts'
import { surroundedBy } from '../members.ts'
import {
  armId,
  azure,
  cluster,
  condition,
  core,
  infra,
  kustomization,
  machinePool,
  memberOf,
  repository,
  type Wire,
} from './wires.ts'

// Healthy clusters as their providers write them: whatever is found of these is a false drift.

const name = { namespace: 'team', name: 'prod' }

function driftOf(
  wires: readonly Wire[],
  witnesses: readonly ReturnType<typeof azure>[] = [],
  around: readonly Wire[] = [],
) {
  const members = [...wires, kustomization].map(memberOf)
  const surroundings = surroundedBy([...around, repository].map(memberOf))
  return composeCluster(name, [...members, ...witnesses], surroundings).drift
}

interface Asked {
  readonly version: string
  readonly channel?: string
  readonly autoscaled?: boolean
}

function aks({ version, channel, autoscaled = false }: Asked): readonly Wire[] {
  const infrastructure: Wire = {
    apiVersion: `${infra}/v1beta1`,
    kind: 'AzureASOManagedCluster',
    spec: {},
    status: { ready: true },
  }
  const controlPlane: Wire = {
    ...{ apiVersion: `${infra}/v1beta1`, kind: 'AzureASOManagedControlPlane' },
    spec: { version },
    status: { ready: true, initialized: true, version: 'v1.33.4' },
  }
  const managed: Wire = {
    ...{ apiVersion: 'containerservice.azure.com/v1api20250801', kind: 'ManagedCluster', owner: controlPlane },
    spec: {
      ...{
        azureName: 'prod',
        kubernetesVersion: version.replace('v', ''),
        location: 'West Europe',
        tags: { team: 'shop' },
      },
      ...{ sku: { tier: 'Standard' }, dnsPrefix: 'Prod', networkProfile: { networkPlugin: 'azure' } },
      ...(channel === undefined ? {} : { autoUpgradeProfile: { upgradeChannel: channel } }),
    },
    status: {
      id: armId,
      currentKubernetesVersion: '1.33.4',
      provisioningState: 'Succeeded',
      conditions: [condition('Ready')],
    },
  }
  const provider: Wire = {
    apiVersion: `${infra}/v1beta1`,
    kind: 'AzureASOManagedMachinePool',
    at: 'np',
    spec: {},
    status: { ready: true, replicas: 3 },
  }
  const annotations = autoscaled ? { 'cluster.x-k8s.io/replicas-managed-by': 'external-autoscaler' } : {}
  const pool = machinePool(provider, version, { annotations })
  const agentPool: Wire = {
    ...{
      apiVersion: 'containerservice.azure.com/v1api20250801',
      kind: 'ManagedClustersAgentPool',
      at: 'np',
      owner: provider,
    },
    spec: {
      azureName: 'np',
      count: 3,
      vmSize: 'Standard_D4s_v5',
      mode: 'System',
      orchestratorVersion: version.replace('v', ''),
    },
    status: {
      count: 3,
      currentOrchestratorVersion: '1.33.4',
      provisioningState: 'Succeeded',
      conditions: [condition('Ready')],
    },
  }
  const own = { ...provider, owner: pool }
  return [cluster(infrastructure, controlPlane), infrastructure, controlPlane, managed, pool, own, agentPool]
}

describe('a healthy cluster has no drift', () => {
  const clean = { differences: [], gaps: [] }

  it.each<readonly [string, Asked, object, object]>([
    ['as asked', { version: 'v1.33.4' }, { kubernetesVersion: '1.33.4' }, { orchestratorVersion: '1.33.4' }],
    ['asked for by a minor', { version: 'v1.33' }, {}, {}],
    [
      'that upgrades itself',
      { version: 'v1.32.1', channel: 'stable' },
      { kubernetesVersion: '1.33.4', autoUpgradeProfile: { upgradeChannel: 'stable' } },
      { orchestratorVersion: '1.33.4' },
    ],
    ['that is scaled by an autoscaler', { version: 'v1.33', autoscaled: true }, {}, { count: 9 }],
    ['that AKS scales', { version: 'v1.33' }, {}, { count: 9, enableAutoScaling: true, minCount: 1, maxCount: 12 }],
  ])('AKS %s', (_name, asked, properties, pool) => {
    const { looked, ...found } = driftOf(aks(asked), [azure(properties, pool)])
    expect(found).toEqual(clean)
    const expected: readonly DriftCode[] = [
      'behindSource',
      'cpBehindSpec',
      'aksVsSpec',
      'poolVsCluster',
      'settingVsSpec',
      'poolVsSpec',
      'aksUnmanaged',
    ]
    expect(looked).toEqual(expect.arrayContaining([...expected]))
  })

  it.each(['v1.33', 'v1.33.0'])('EKS, asked for %s', (version) => {
    const infrastructure: Wire = {
      apiVersion: `${infra}/v1beta2`,
      kind: 'AWSManagedCluster',
      spec: {},
      status: { ready: true },
    }
    const controlPlane: Wire = {
      ...{ apiVersion: 'controlplane.cluster.x-k8s.io/v1beta2', kind: 'AWSManagedControlPlane' },
      spec: { version, region: 'eu-west-1' },
      status: {
        ready: true,
        initialized: true,
        version: version === 'v1.33' ? '1.33' : '1.33.0-eks-a5b1',
        conditions: [condition('Ready')],
      },
    }
    const provider: Wire = {
      ...{ apiVersion: `${infra}/v1beta2`, kind: 'AWSManagedMachinePool', at: 'np', spec: { eksNodegroupName: 'np' } },
      status: { ready: true, replicas: 3, conditions: [condition('Ready')] },
    }
    const pool = machinePool(provider, 'v1.33.3')
    const { looked, ...found } = driftOf([
      cluster(infrastructure, controlPlane),
      infrastructure,
      controlPlane,
      pool,
      { ...provider, owner: pool },
    ])
    expect(found).toEqual(clean)
    expect(looked).toContain('cpAheadOfSpec')
  })

  it('GKE on a release channel, ahead of what was asked for', () => {
    const infrastructure: Wire = {
      apiVersion: `${infra}/v1beta1`,
      kind: 'GCPManagedCluster',
      spec: {},
      status: { ready: true },
    }
    const controlPlane: Wire = {
      ...{ apiVersion: `${infra}/v1beta1`, kind: 'GCPManagedControlPlane' },
      spec: { version: '1.31.5', releaseChannel: 'regular', location: 'europe-west1' },
      status: { ready: true, initialized: true, version: '1.32.2-gke.1068000', conditions: [condition('Ready')] },
    }
    const provider: Wire = {
      ...{ apiVersion: `${infra}/v1beta1`, kind: 'GCPManagedMachinePool', at: 'np', spec: {} },
      status: { ready: true, replicas: 3, conditions: [condition('Ready')] },
    }
    const pool = machinePool(provider, 'v1.32.2')
    const { looked, ...found } = driftOf([
      cluster(infrastructure, controlPlane),
      infrastructure,
      controlPlane,
      pool,
      { ...provider, owner: pool },
    ])
    expect(found).toEqual(clean)
    expect(looked).toContain('cpAheadOfSpec')
  })

  it('of machines, by a ClusterClass', () => {
    const version = 'v1.33.4+rke2r1'
    const owned = { 'topology.cluster.x-k8s.io/owned': '' }
    const clonedFrom = (kind: string, name: string) => ({
      ...{ 'cluster.x-k8s.io/cloned-from-groupkind': kind, 'cluster.x-k8s.io/cloned-from-name': name },
    })
    const infrastructure: Wire = {
      ...{ apiVersion: `${infra}/v1beta1`, kind: 'AzureCluster', labels: owned, spec: { location: 'westeurope' } },
      annotations: clonedFrom(`AzureClusterTemplate.${infra}`, 'azure-v2'),
      status: { ready: true, conditions: [condition('Ready')] },
    }
    const controlPlane: Wire = {
      ...{ apiVersion: 'controlplane.cluster.x-k8s.io/v1beta2', kind: 'KubeadmControlPlane', labels: owned },
      annotations: clonedFrom('KubeadmControlPlaneTemplate.controlplane.cluster.x-k8s.io', 'control-plane-v1'),
      spec: { version, replicas: 1 },
      status: {
        ...{ version, replicas: 1, readyReplicas: 1, availableReplicas: 1, upToDateReplicas: 1 },
        ...{
          versions: [{ version, replicas: 1 }],
          conditions: [condition('Available'), condition('RollingOut', 'False')],
        },
      },
    }
    const deployment: Wire = {
      ...{ apiVersion: `${core}/v1beta2`, kind: 'MachineDeployment', at: 'prod-md-x7k' },
      labels: { ...owned, 'topology.cluster.x-k8s.io/deployment-name': 'md' },
      spec: { clusterName: 'prod', replicas: 1, template: { spec: { version } } },
      status: {
        replicas: 1,
        readyReplicas: 1,
        versions: [{ version, replicas: 1 }],
        conditions: [condition('Available'), condition('RollingOut', 'False')],
      },
    }
    const set: Wire = {
      ...{ apiVersion: `${core}/v1beta2`, kind: 'MachineSet', at: 'prod-md-x7k-1', owner: deployment, labels: owned },
      spec: { clusterName: 'prod', replicas: 1, template: { spec: { version } } },
      status: { replicas: 1, readyReplicas: 1, conditions: [condition('MachinesReady')] },
    }
    const machine = (at: string, owner: Wire, labels = {}): Wire => ({
      ...{
        apiVersion: `${core}/v1beta2`,
        kind: 'Machine',
        at,
        owner,
        labels: { ...owned, ...labels },
        spec: { clusterName: 'prod', version },
      },
      status: {
        ...{ nodeRef: { name: at }, nodeInfo: { kubeletVersion: version }, phase: 'Running' },
        conditions: [condition('Ready'), condition('UpToDate'), condition('Available')],
      },
    })
    const clusterClass: Wire = {
      ...{ apiVersion: `${core}/v1beta2`, kind: 'ClusterClass', at: 'standard' },
      spec: {
        infrastructure: {
          templateRef: { apiVersion: `${infra}/v1beta1`, kind: 'AzureClusterTemplate', name: 'azure-v2' },
        },
        controlPlane: {
          templateRef: {
            ...{
              apiVersion: 'controlplane.cluster.x-k8s.io/v1beta2',
              kind: 'KubeadmControlPlaneTemplate',
              name: 'control-plane-v1',
            },
          },
        },
      },
      status: { conditions: [condition('VariablesReady')] },
    }
    const topology = {
      ...{ classRef: { name: 'standard' }, version },
      workers: { machineDeployments: [{ class: 'default', name: 'md', replicas: 1 }] },
    }
    const { looked, ...found } = driftOf(
      [
        ...[cluster(infrastructure, controlPlane, topology), infrastructure, controlPlane, deployment, set],
        ...[machine('w-1', set), machine('c-1', controlPlane, { 'cluster.x-k8s.io/control-plane': '' })],
      ],
      [],
      [clusterClass],
    )
    expect(found).toEqual(clean)
    const expected: readonly DriftCode[] = [
      'unmanagedByGit',
      'cpBehindSpec',
      'topologyPending',
      'workersBehindCP',
      'machineNotUpToDate',
      'topologyFailed',
    ]
    expect(looked).toEqual(expect.arrayContaining([...expected]))
  })
})
