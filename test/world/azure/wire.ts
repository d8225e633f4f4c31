import { hash } from 'node:crypto'
import { timeOf } from '../api/write.ts'
import { type AksPool, type AksResource, idOf, keyOf } from './resource.ts'

export const tenantId = '72f988bf-0000-4000-8000-2d7cd011db47'

/** Answers of ARM differ in the casing of ids and types from one resource to the next (azure.md 2.1). */
function casingOf(resource: AksResource): { id: string; type: string } {
  const id = idOf(resource)
  return Number.parseInt(hash('sha256', keyOf(resource), 'hex').slice(0, 2), 16) % 4 === 0
    ? { id, type: 'Microsoft.ContainerService/managedClusters' }
    : { id: id.replace('/resourceGroups/', '/resourcegroups/'), type: 'Microsoft.ContainerService/ManagedClusters' }
}

/** The resource as ARM's LIST and GET give it, in api-version 2026-06-01. */
export function wireOf(resource: AksResource): Readonly<Record<string, unknown>> {
  const { systemData, tags } = resource
  return {
    ...casingOf(resource),
    location: resource.region,
    name: resource.name,
    ...(Object.keys(tags).length === 0 ? {} : { tags: { ...tags } }),
    properties: propertiesOf(resource),
    identity: { type: 'SystemAssigned', principalId: '00000000-0000-0000-0000-000000000001', tenantId },
    sku: { name: 'Base', tier: resource.tier },
    ...(systemData === null
      ? {}
      : {
          systemData: {
            createdBy: systemData.createdBy,
            createdByType: systemData.createdBy.includes('@') ? 'User' : 'Application',
            createdAt: timeOf(systemData.createdAt),
            lastModifiedAt: timeOf(systemData.lastModifiedAt),
          },
        }),
  }
}

/** The same as a row of Resource Graph: other casing again, and no systemData. */
export function rowOf(resource: AksResource): Readonly<Record<string, unknown>> {
  const { systemData: _systemData, ...body } = wireOf(resource)
  return {
    ...body,
    id: idOf(resource),
    type: 'microsoft.containerservice/managedclusters',
    tenantId,
    kind: '',
    resourceGroup: resource.resourceGroup.toLowerCase(),
    subscriptionId: resource.subscription,
    managedBy: '',
    plan: null,
    tags: Object.keys(resource.tags).length === 0 ? null : { ...resource.tags },
    zones: null,
    extendedLocation: null,
  }
}

function propertiesOf(resource: AksResource): Readonly<Record<string, unknown>> {
  const { dns, region, uid, error, supportPlan, upgradeChannel, nodeOsUpgradeChannel, settings } = resource
  return {
    provisioningState: resource.provisioningState,
    powerState: { code: resource.power },
    kubernetesVersion: resource.version,
    currentKubernetesVersion: resource.running,
    dnsPrefix: dns,
    fqdn: `${dns}.hcp.${region}.azmk8s.io`,
    azurePortalFQDN: `${dns}.portal.hcp.${region}.azmk8s.io`,
    agentPoolProfiles: resource.pools.map((pool) => poolOf(pool, resource.power)),
    servicePrincipalProfile: { clientId: 'msi' },
    nodeResourceGroup: resource.nodeResourceGroup,
    enableRBAC: true,
    ...(supportPlan === null ? {} : { supportPlan }),
    networkProfile: {
      networkPlugin: settings['networkProfile.networkPlugin'],
      networkPolicy: settings['networkProfile.networkPolicy'],
      loadBalancerSku: settings['networkProfile.loadBalancerSku'],
      podCidr: '192.168.0.0/16',
    },
    maxAgentPools: 100,
    autoUpgradeProfile: {
      ...(upgradeChannel === null ? {} : { upgradeChannel }),
      ...(nodeOsUpgradeChannel === null ? {} : { nodeOSUpgradeChannel: nodeOsUpgradeChannel }),
    },
    ...(resource.entra ? { aadProfile: { managed: true, enableAzureRBAC: false, tenantID: tenantId } } : {}),
    disableLocalAccounts: resource.entra,
    oidcIssuerProfile:
      settings['oidcIssuerProfile.enabled'] === 'true'
        ? { enabled: true, issuerURL: `https://${region}.oic.prod-aks.azure.com/${tenantId}/${uid}/` }
        : { enabled: false },
    resourceUID: uid,
    ...(error === null ? {} : { status: { provisioningError: { ...error, details: [] } } }),
  }
}

function poolOf(pool: AksPool, power: AksResource['power']): Readonly<Record<string, unknown>> {
  return {
    name: pool.name,
    count: pool.count,
    vmSize: pool.vmSize,
    osDiskSizeGB: 128,
    type: 'VirtualMachineScaleSets',
    enableAutoScaling: pool.autoscaled,
    ...(pool.autoscaled ? { minCount: 1, maxCount: 50 } : {}),
    provisioningState: pool.provisioningState,
    powerState: { code: power === 'Stopped' ? power : pool.power },
    orchestratorVersion: pool.version,
    currentOrchestratorVersion: pool.running,
    mode: pool.mode,
    osType: pool.os,
    osSKU: pool.os === 'Windows' ? 'Windows2022' : 'Ubuntu',
    nodeImageVersion: pool.image.name,
  }
}
