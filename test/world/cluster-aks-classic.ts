import { agentPoolDraft, managedClusterDraft, resourceGroupDraft } from './azure-service-operator.ts'
import { clusterDraft, endpointOf, infra, partOf } from './capi-cluster.ts'
import { type Draft, type Legacy, legacyFalse, legacyTrue } from './draft.ts'
import { machinePoolDraft, poolBusy, poolObjectName, providerIdsOf } from './machine-pool.ts'
import { initialized, nodeResourceGroupOf, type PoolModel, resourceGroupOf, tagsOf, type Workload } from './workload.ts'

/** AKS the older way (AzureManaged*): CAPZ describes it in its own words, and drives Azure Service Operator behind. */
export function classicClusterDrafts(workload: Workload): readonly Draft[] {
  const owner = { group: infra, kind: 'AzureManagedControlPlane', name: workload.name }
  return [
    clusterDraft(workload),
    infrastructureDraft(workload),
    controlPlaneDraft(workload),
    resourceGroupDraft(workload, owner),
    managedClusterDraft(workload, owner),
    ...workload.pools.flatMap((pool) => [
      machinePoolDraft(workload, pool, 'AzureManagedMachinePool'),
      poolDraft(workload, pool),
      agentPoolDraft(workload, pool, {
        owner: { group: infra, kind: 'AzureManagedMachinePool', name: poolObjectName(workload, pool) },
        trouble: null,
      }),
    ]),
  ]
}

function infrastructureDraft(workload: Workload): Draft {
  return {
    ...partOf(workload),
    group: infra,
    kind: 'AzureManagedCluster',
    name: workload.name,
    finalizers: ['azuremanagedcluster.infrastructure.cluster.x-k8s.io'],
    spec: initialized(workload) ? { controlPlaneEndpoint: endpointOf(workload) } : {},
    status: { ready: initialized(workload) },
  }
}

function controlPlaneDraft(workload: Workload): Draft {
  const up = initialized(workload)
  return {
    ...partOf(workload),
    group: infra,
    kind: 'AzureManagedControlPlane',
    name: workload.name,
    finalizers: ['azuremanagedcontrolplane.infrastructure.cluster.x-k8s.io'],
    spec: {
      additionalTags: tagsOf(workload),
      autoUpgradeProfile: { upgradeChannel: workload.upgradeChannel },
      identityRef: {
        apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1',
        kind: 'AzureClusterIdentity',
        name: 'cluster-identity',
      },
      location: workload.region,
      loadBalancerSKU: 'Standard',
      networkPlugin: 'azure',
      networkPolicy: 'azure',
      oidcIssuerProfile: { enabled: true },
      nodeResourceGroupName: nodeResourceGroupOf(workload),
      resourceGroupName: resourceGroupOf(workload),
      sku: { tier: workload.tier },
      sshPublicKey: '',
      subscriptionID: workload.subscription,
      version: workload.version,
      virtualNetwork: {
        cidrBlock: '10.0.0.0/8',
        name: workload.name,
        subnet: { cidrBlock: '10.240.0.0/16', name: workload.name },
      },
      ...(up ? { controlPlaneEndpoint: endpointOf(workload) } : {}),
    },
    status: {
      initialized: up,
      ready: up,
      ...(up ? { version: workload.running } : {}),
      conditions: conditionsOf(workload),
    },
  }
}

function conditionsOf(workload: Workload): readonly Legacy[] {
  const failure =
    'failed to reconcile AzureManagedControlPlane service managedcluster: ControlPlaneAddOnsNotReady: Pods not in Running status: coredns-6d9f; 409 Conflict'
  const running = !initialized(workload)
    ? legacyFalse('ManagedClusterRunning', 'Info', 'Creating', 'managed cluster is being created')
    : workload.trouble === 'ControlPlaneError'
      ? legacyFalse('ManagedClusterRunning', 'Error', 'Failed', failure)
      : workload.version === workload.running
        ? legacyTrue('ManagedClusterRunning')
        : legacyFalse(
            'ManagedClusterRunning',
            'Info',
            'Updating',
            `managed cluster is being upgraded to ${workload.version}`,
          )
  return [
    { ...running, type: 'Ready' },
    legacyTrue('AgentPoolsReady'),
    running,
    legacyTrue('ResourceGroupReady'),
    legacyTrue('SubnetsReady'),
    legacyTrue('VNetReady'),
  ]
}

function poolDraft(workload: Workload, pool: PoolModel): Draft {
  const up = initialized(workload)
  const busy = poolBusy(workload, pool)
  const agents = busy
    ? legacyFalse('AgentPoolsReady', 'Info', up ? 'Updating' : 'Creating')
    : legacyTrue('AgentPoolsReady')
  return {
    ...partOf(workload),
    group: infra,
    kind: 'AzureManagedMachinePool',
    name: poolObjectName(workload, pool),
    finalizers: ['azuremanagedmachinepool.infrastructure.cluster.x-k8s.io'],
    spec: {
      mode: pool.mode,
      name: pool.name,
      osDiskSizeGB: 128,
      osType: pool.os,
      sku: pool.vmSize,
      ...(pool.autoscaled ? { scaling: { minSize: 1, maxSize: 50 } } : {}),
      ...(up ? { providerIDList: providerIdsOf(workload, pool) } : {}),
    },
    status: { ready: up, replicas: pool.current, conditions: [{ ...agents, type: 'Ready' }, agents] },
  }
}
