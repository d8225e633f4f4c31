import { clusterLabel, partOf, pausedBy } from './capi-cluster.ts'
import type { Draft, DraftOwner } from './draft.ts'
import { poolBusy, poolObjectName } from './machine-pool.ts'
import {
  armIdOf,
  bare,
  initialized,
  nodeResourceGroupOf,
  type PoolModel,
  resourceGroupOf,
  type Trouble,
  tagsOf,
  type Workload,
} from './workload.ts'

/** Group and version that CAPZ asks for. */
export const serviceOperator = {
  container: 'containerservice.azure.com',
  version: 'v1api20240901',
  resources: 'resources.azure.com',
} as const

/** Azure Service Operator's one condition. */
interface ReadyCondition {
  readonly type: 'Ready'
  readonly status: 'True' | 'False'
  readonly severity?: 'Error' | 'Warning' | 'Info'
  readonly reason: string
  readonly message?: string
  readonly observedGeneration: number
  readonly lastTransitionTime: string
}

const ready = (
  reason = 'Succeeded',
  severity?: 'Error' | 'Warning' | 'Info',
  message?: string,
): readonly ReadyCondition[] => [
  {
    type: 'Ready',
    status: severity === undefined ? 'True' : 'False',
    ...(severity === undefined ? {} : { severity }),
    reason,
    ...(message === undefined ? {} : { message }),
    observedGeneration: 0,
    lastTransitionTime: '',
  },
]

const reconciling = ready('Reconciling', 'Info', 'The resource is in the process of being reconciled by the operator')

const policyAnnotation = 'serviceoperator.azure.com/reconcile-policy'

const gone = ready('AzureResourceNotFound', 'Warning', 'The resource was not found in Azure: 404 ResourceNotFound')

/** Labels and finalizer that every object made by CAPZ carries. */
const madeByCapz = (workload: Workload, owner: DraftOwner, policy: 'manage' | 'skip') => ({
  ...partOf(workload),
  ...pausedBy(workload, ['metadata', 'annotations', policyAnnotation], 'manager'),
  owner,
  labels: { [clusterLabel]: workload.name },
  annotations: {
    'serviceoperator.azure.com/operator-namespace': 'capz-system',
    'serviceoperator.azure.com/poller-resume-id': 'ContainerService_ManagedClusters_CreateOrUpdate',
    [policyAnnotation]: policy,
  },
  finalizers: ['serviceoperator.azure.com/finalizer'],
})

const policyOf = (workload: Workload): 'manage' | 'skip' => (workload.paused ? 'skip' : 'manage')

export function resourceGroupDraft(workload: Workload, owner: DraftOwner): Draft {
  const name = resourceGroupOf(workload)
  return {
    ...madeByCapz(workload, owner, policyOf(workload)),
    group: serviceOperator.resources,
    kind: 'ResourceGroup',
    name,
    spec: { azureName: name, location: workload.region, tags: tagsOf(workload) },
    status: {
      conditions: ready(),
      id: `/subscriptions/${workload.subscription}/resourceGroups/${name}`,
      location: workload.region,
      name,
      properties: { provisioningState: 'Succeeded' },
      type: 'Microsoft.Resources/resourceGroups',
    },
  }
}

export function managedClusterDraft(workload: Workload, owner: DraftOwner): Draft {
  const up = initialized(workload)
  const busy = !up || workload.version !== workload.running
  const state = !up ? 'Creating' : busy ? 'Upgrading' : 'Succeeded'
  return {
    ...madeByCapz(workload, owner, policyOf(workload)),
    group: serviceOperator.container,
    kind: 'ManagedCluster',
    name: workload.name,
    spec: {
      azureName: workload.name,
      autoUpgradeProfile: {
        nodeOSUpgradeChannel: workload.nodeOsUpgradeChannel,
        upgradeChannel: workload.upgradeChannel,
      },
      dnsPrefix: workload.name,
      identity: { type: 'SystemAssigned' },
      kubernetesVersion: bare(workload.version),
      location: workload.region,
      networkProfile: {
        loadBalancerSku: 'standard',
        networkPlugin: 'azure',
        networkPolicy: 'azure',
        podCidr: '192.168.0.0/16',
      },
      oidcIssuerProfile: { enabled: true },
      owner: { name: resourceGroupOf(workload) },
      servicePrincipalProfile: { clientId: 'msi' },
      sku: { name: 'Base', tier: workload.tier },
      supportPlan: workload.supportPlan,
      tags: tagsOf(workload),
    },
    status: {
      conditions: workload.trouble === 'GoneInAzure' ? gone : busy ? reconciling : ready(),
      ...(up
        ? {
            agentPoolProfiles: workload.pools.map((pool) => agentPoolStatus(workload, pool)),
            currentKubernetesVersion: bare(workload.running),
            fqdn: `${workload.name}.hcp.${workload.region}.azmk8s.io`,
            nodeResourceGroup: nodeResourceGroupOf(workload),
            powerState: { code: 'Running' },
          }
        : {}),
      dnsPrefix: workload.name,
      // ARM answers with its own casing (domain.md 4.4).
      id: armIdOf(workload).replace('/resourceGroups/', '/resourcegroups/'),
      kubernetesVersion: bare(workload.version),
      location: workload.region,
      name: workload.name,
      provisioningState: state,
      sku: { name: 'Base', tier: workload.tier },
      supportPlan: workload.supportPlan,
      tags: tagsOf(workload),
      type: 'Microsoft.ContainerService/ManagedClusters',
    },
  }
}

function agentPoolStatus(workload: Workload, pool: PoolModel) {
  return {
    count: pool.current,
    currentOrchestratorVersion: bare(pool.running),
    enableAutoScaling: pool.autoscaled,
    mode: pool.mode,
    name: pool.name,
    nodeImageVersion: pool.image.name,
    orchestratorVersion: bare(pool.version),
    osSKU: pool.os === 'Windows' ? 'Windows2022' : 'Ubuntu',
    osType: pool.os,
    powerState: { code: 'Running' },
    provisioningState: stateOf(workload, pool),
    vmSize: pool.vmSize,
  }
}

function stateOf(workload: Workload, pool: PoolModel): string {
  if (pool.version !== pool.running) return 'Upgrading'
  return poolBusy(workload, pool) ? 'Scaling' : 'Succeeded'
}

const refusals: Partial<Record<Trouble, readonly ReadyCondition[]>> = {
  QuotaExceeded: ready(
    'ErrCode_InsufficientVCPUQuota',
    'Error',
    'Insufficient regional vcpu quota left for location: left regional vcpu quota 4, requested quota 16. PUT https://management.azure.com/…: 400 Bad Request',
  ),
  ReferenceNotFound: ready(
    'ReferenceNotFound',
    'Warning',
    'failed resolving ARM IDs for references: virtual-network/subnet-nodes does not exist',
  ),
}

export function agentPoolDraft(
  workload: Workload,
  pool: PoolModel,
  made: { readonly owner: DraftOwner; readonly trouble: Trouble | null },
): Draft {
  const up = initialized(workload)
  const refused = made.trouble === null ? undefined : refusals[made.trouble]
  return {
    ...madeByCapz(workload, made.owner, policyOf(workload)),
    group: serviceOperator.container,
    kind: 'ManagedClustersAgentPool',
    name: poolObjectName(workload, pool),
    spec: {
      azureName: pool.name,
      count: pool.replicas,
      enableAutoScaling: pool.autoscaled,
      ...(pool.autoscaled ? { minCount: 1, maxCount: 50 } : {}),
      mode: pool.mode,
      orchestratorVersion: bare(pool.version),
      osType: pool.os,
      owner: { name: workload.name },
      type: 'VirtualMachineScaleSets',
      vmSize: pool.vmSize,
    },
    status: {
      conditions: refused ?? (poolBusy(workload, pool) ? reconciling : ready()),
      ...(up ? { ...agentPoolStatus(workload, pool), id: `${armIdOf(workload)}/agentPools/${pool.name}` } : {}),
    },
  }
}
