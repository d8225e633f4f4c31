import { agentPoolDraft, managedClusterDraft, resourceGroupDraft, serviceOperator } from './azure-service-operator.ts'
import { clusterDraft, endpointOf, infra, partOf } from './capi-cluster.ts'
import type { Draft } from './draft.ts'
import { machinePoolDraft, poolBusy, poolObjectName, providerIdsOf } from './machine-pool.ts'
import { initialized, type PoolModel, resourceGroupOf, type Workload } from './workload.ts'

/** AKS the newer way: CAPZ only wraps objects of Azure Service Operator (AzureASOManaged*). */
export function asoClusterDrafts(workload: Workload): readonly Draft[] {
  const [system] = workload.pools
  return [
    clusterDraft(workload),
    infrastructureDraft(workload),
    controlPlaneDraft(workload),
    resourceGroupDraft(workload, { group: infra, kind: 'AzureASOManagedCluster', name: workload.name }),
    managedClusterDraft(workload, { group: infra, kind: 'AzureASOManagedControlPlane', name: workload.name }),
    ...workload.pools.flatMap((pool) => [
      machinePoolDraft(workload, pool, 'AzureASOManagedMachinePool'),
      poolDraft(workload, pool),
      agentPoolDraft(workload, pool, {
        owner: { group: infra, kind: 'AzureASOManagedMachinePool', name: poolObjectName(workload, pool) },
        trouble: pool === system ? null : workload.trouble,
      }),
    ]),
  ]
}

const resource = (group: string, version: string, kind: string, name: string, ready: boolean) => ({
  resource: { group, version, kind, name },
  ready,
})

function infrastructureDraft(workload: Workload): Draft {
  const name = workload.name
  return {
    ...partOf(workload),
    group: infra,
    kind: 'AzureASOManagedCluster',
    name,
    finalizers: ['azureasomanagedcluster.infrastructure.cluster.x-k8s.io'],
    spec: {
      ...(initialized(workload) ? { controlPlaneEndpoint: endpointOf(workload) } : {}),
      resources: [
        {
          apiVersion: 'resources.azure.com/v1api20200601',
          kind: 'ResourceGroup',
          metadata: { name: resourceGroupOf(workload) },
          spec: { location: workload.region },
        },
      ],
    },
    status: {
      ready: true,
      resources: [resource('resources.azure.com', 'v1api20200601', 'ResourceGroup', resourceGroupOf(workload), true)],
    },
  }
}

function controlPlaneDraft(workload: Workload): Draft {
  const up = initialized(workload)
  const settled = up && workload.version === workload.running && workload.trouble !== 'GoneInAzure'
  return {
    ...partOf(workload),
    group: infra,
    kind: 'AzureASOManagedControlPlane',
    name: workload.name,
    finalizers: ['azureasomanagedcontrolplane.infrastructure.cluster.x-k8s.io'],
    spec: {
      version: workload.version,
      resources: [
        {
          apiVersion: `${serviceOperator.container}/${serviceOperator.version}`,
          kind: 'ManagedCluster',
          metadata: { name: workload.name },
          spec: {
            location: workload.region,
            owner: { name: resourceGroupOf(workload) },
            dnsPrefix: workload.name,
            identity: { type: 'SystemAssigned' },
            networkProfile: { loadBalancerSku: 'standard', networkPlugin: 'azure', networkPolicy: 'azure' },
            oidcIssuerProfile: { enabled: true },
            servicePrincipalProfile: { clientId: 'msi' },
          },
        },
      ],
    },
    status: {
      ready: up,
      initialized: up,
      ...(up ? { controlPlaneEndpoint: endpointOf(workload), version: workload.running } : {}),
      resources: [
        resource(serviceOperator.container, serviceOperator.version, 'ManagedCluster', workload.name, settled),
      ],
    },
  }
}

function poolDraft(workload: Workload, pool: PoolModel): Draft {
  const name = poolObjectName(workload, pool)
  const refused =
    workload.pools[0] !== pool && (workload.trouble === 'QuotaExceeded' || workload.trouble === 'ReferenceNotFound')
  const ready = !poolBusy(workload, pool) && !refused
  return {
    ...partOf(workload),
    group: infra,
    kind: 'AzureASOManagedMachinePool',
    name,
    finalizers: ['azureasomanagedmachinepool.infrastructure.cluster.x-k8s.io'],
    spec: {
      ...(initialized(workload) ? { providerIDList: providerIdsOf(workload, pool) } : {}),
      resources: [
        {
          apiVersion: `${serviceOperator.container}/${serviceOperator.version}`,
          kind: 'ManagedClustersAgentPool',
          metadata: { name },
          spec: {
            azureName: pool.name,
            owner: { name: workload.name },
            mode: pool.mode,
            vmSize: pool.vmSize,
            type: 'VirtualMachineScaleSets',
          },
        },
      ],
    },
    status: {
      ready,
      replicas: pool.current,
      resources: [
        resource(serviceOperator.container, serviceOperator.version, 'ManagedClustersAgentPool', name, ready),
      ],
    },
  }
}
