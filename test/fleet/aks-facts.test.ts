import { describe, expect, it } from 'vitest'
import { kindOf } from '../../fleet/kinds/registry.ts'
import { normalise } from '../../fleet/normalise.ts'
import type { ClusterName } from '../../fleet/observation.ts'
import type { KindKey } from '../../fleet/reference.ts'

const read = (key: KindKey, wire: object) => normalise('s', wire, kindOf(key))
const arm: KindKey = 'Microsoft.ContainerService/managedClusters'
const id = '/subscriptions/S/resourcegroups/RG-Prod/providers/Microsoft.ContainerService/managedClusters/Prod-1'
const profile = {
  name: 'sys',
  count: 3,
  minCount: 1,
  maxCount: 5,
  enableAutoScaling: true,
  vmSize: 'Standard_D4s_v5',
  mode: 'System',
  osType: 'Linux',
  orchestratorVersion: '1.33',
  currentOrchestratorVersion: '1.33.4',
  nodeImageVersion: 'AKSUbuntu-2204gen2containerd-202604.28.0',
  provisioningState: 'Succeeded',
  powerState: { code: 'Running' },
  kubeletConfig: { secret: 'not taken over' },
}
const listed = {
  name: 'sys',
  mode: 'System',
  nodeImage: 'AKSUbuntu-2204gen2containerd-202604.28.0',
  vmSize: 'Standard_D4s_v5',
  autoscaled: true,
  os: 'Linux',
  versionDeclared: '1.33',
  versionObserved: '1.33.4',
  count: 3,
  countMin: 1,
  countMax: 5,
  state: 'Succeeded',
  powerState: 'Running',
}
const properties = {
  provisioningState: 'Succeeded',
  powerState: { code: 'Running' },
  kubernetesVersion: '1.33',
  currentKubernetesVersion: '1.33.4',
  fqdn: 'p.example.test',
  agentPoolProfiles: [profile],
  nodeResourceGroup: 'MC_x',
  resourceUID: 'u1',
  supportPlan: 'AKSLongTermSupport',
  autoUpgradeProfile: { upgradeChannel: 'patch', nodeOSUpgradeChannel: 'NodeImage' },
  linuxProfile: { ssh: { publicKeys: [{ keyData: 'ssh-rsa AAAA' }] } },
  servicePrincipalProfile: { clientId: 'msi', secret: 'hush' },
}
const resource = {
  id,
  name: 'Prod-1',
  location: 'West Europe',
  sku: { name: 'Base', tier: 'Premium' },
  tags: { Environment: 'prod' },
  systemData: { createdBy: 'kim@example.test', createdAt: '2026-01-01T00:00:00Z' },
  properties,
}

describe('an AKS cluster as Azure tells it', () => {
  it('gives exactly these facts: no key, no secret, nothing else', () => {
    const { observation, rejected } = read(arm, resource)
    expect(rejected).toEqual([])
    expect(observation?.facts).toEqual({
      provider: 'aks',
      versionDeclared: '1.33',
      versionObserved: '1.33.4',
      armId: id,
      region: 'westeurope',
      endpoint: 'p.example.test:443',
      resourceUid: 'u1',
      nodeResourceGroup: 'MC_x',
      supportPlan: 'AKSLongTermSupport',
      tier: 'Premium',
      powerState: 'Running',
      upgradeChannel: 'patch',
      nodeOsUpgradeChannel: 'NodeImage',
      settings: { nodeResourceGroup: 'MC_x' },
      createdBy: 'kim@example.test',
      pools: [listed],
      more: { name: 'Prod-1', provisioningState: 'Succeeded' },
    })
    expect(observation).toMatchObject({
      uid: 'u1',
      labels: { Environment: 'prod' },
      createdAt: '2026-01-01T00:00:00Z',
      owner: { namespace: 'rg-prod', name: 'Prod-1' },
    })
  })

  it.each<readonly [object, ClusterName, string]>([
    [{ name: undefined }, { namespace: 'rg-prod', name: 'Prod-1' }, 'the name in the id'],
    [{ id: `${id.toUpperCase()}/` }, { namespace: 'rg-prod', name: 'Prod-1' }, 'segments in any letter case'],
  ])('stands for the cluster of its resource group: %o, %o, by %s', (change, owner) => {
    expect(read(arm, { ...resource, ...change }).observation?.owner).toEqual(owner)
  })

  it.each([
    '/garbage',
    'nonsense',
    '/subscriptions/S/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/x',
    `${id}/agentPools/np`,
    `/garbage\u0000\ud800`,
  ])('is none whose id is no managed cluster’s: %j', (odd) => {
    const { observation, rejected } = read(arm, { ...resource, id: odd })
    expect(observation).toBeNull()
    expect(rejected).toEqual([{ why: `id is ${JSON.stringify(odd)}, not a managed cluster's` }])
  })

  it("names Cluster API's provider as its maker by a tag, in whatever letter case policies left it", () => {
    const tags = { 'Sigs.K8s.io_cluster-api-provider-azure_cluster_web': 'owned' }
    expect(read(arm, { ...resource, systemData: undefined, tags }).observation?.facts.createdBy).toBe(
      'cluster-api-provider-azure (web)',
    )
    expect(read(arm, { ...resource, systemData: undefined }).observation?.facts).not.toHaveProperty('createdBy')
  })

  it.each<readonly [object, string | undefined, string]>([
    [{ currentOrchestratorVersion: undefined }, undefined, 'an alias names no patch'],
    [{ currentOrchestratorVersion: null, orchestratorVersion: '1.33.4' }, '1.33.4', 'a patch that was asked for runs'],
  ])('the version of a pool that tells only what was asked for: %o, %s (%s)', (change, versionObserved) => {
    const one = { ...resource, properties: { ...properties, agentPoolProfiles: [{ ...profile, ...change }] } }
    expect(read(arm, one).observation?.facts.pools?.[0]?.versionObserved).toBe(versionObserved)
  })

  it('counts the machines of a pool of single machines, and names their size where they have one', () => {
    const machines = {
      name: 'vms',
      virtualMachineNodesStatus: [
        { size: 'D4', count: 2 },
        { size: 'D4', count: 1 },
      ],
    }
    const one = { ...resource, properties: { ...properties, agentPoolProfiles: [machines] } }
    expect(read(arm, one).observation?.facts.pools).toEqual([{ name: 'vms', vmSize: 'D4', count: 3 }])
  })

  it.each([
    [{ agentPoolProfiles: 'x' }, undefined, ['agentPoolProfiles is a string, not a list']],
    [{ agentPoolProfiles: [null] }, [], ['agentPoolProfiles[0] is null, not an object']],
    [{ agentPoolProfiles: ['x', profile] }, [listed], ['agentPoolProfiles[0] is a string, not an object']],
    [{ agentPoolProfiles: [{ ...profile, name: null }] }, [], ['agentPoolProfiles[0] has no name']],
    [{ agentPoolProfiles: [profile] }, [listed], []],
    [
      { agentPoolProfiles: [null, { count: 1 }, profile, { name: 'np', count: 'x', powerState: 7, mode: [] }] },
      [listed, { name: 'np' }],
      ['agentPoolProfiles[0] is null, not an object', 'agentPoolProfiles[1] has no name'],
    ],
    [{ agentPoolProfiles: null }, undefined, []],
  ])('keeps what it can read of malformed pools, and says and counts the rest: %#', (change, pools, why) => {
    const { observation, rejected } = read(arm, { ...resource, properties: { ...properties, ...change } })
    expect(observation?.facts.pools).toEqual(pools)
    expect(observation?.facts.unreadPools).toBe(why.length === 0 ? undefined : why.length)
    expect(rejected.map((one) => one.why)).toEqual(why)
  })

  it('survives tags and systemData of any shape', () => {
    const { observation, rejected } = read(arm, { ...resource, tags: 'x', systemData: [], sku: null })
    expect(observation?.labels).toEqual({})
    expect(rejected.map(({ why }) => why)).toEqual(['tags is a string, not an object'])
  })
})

describe('an AKS cluster as Azure Service Operator tells it', () => {
  const key: KindKey = 'containerservice.azure.com/ManagedCluster'
  const metadata = { name: 'prod', namespace: 'team' }

  it('keeps what is asked for apart from what there is', () => {
    const spec = {
      kubernetesVersion: '1.33.4',
      location: 'westeurope',
      sku: { tier: 'Standard' },
      supportPlan: 'KubernetesOfficial',
      autoUpgradeProfile: { upgradeChannel: 'none' },
      tags: { b: '2', a: '1', broken: 3 },
      agentPoolProfiles: [{ name: 'sys' }],
      linuxProfile: { ssh: { publicKeys: [{ keyData: 'ssh-rsa AAAA' }] } },
    }
    const status = { ...properties, id, location: 'westeurope', sku: resource.sku, tags: resource.tags }
    expect(read(key, { metadata, spec, status }).observation?.facts).toEqual({
      provider: 'aks',
      versionDeclared: '1.33.4',
      versionObserved: '1.33.4',
      armId: id,
      region: 'westeurope',
      endpoint: 'p.example.test:443',
      resourceUid: 'u1',
      nodeResourceGroup: 'MC_x',
      supportPlan: 'AKSLongTermSupport',
      tier: 'Premium',
      powerState: 'Running',
      upgradeChannel: 'patch',
      nodeOsUpgradeChannel: 'NodeImage',
      settings: { nodeResourceGroup: 'MC_x' },
      tags: { Environment: 'prod' },
      pools: [listed],
      declared: {
        tier: 'Standard',
        supportPlan: 'KubernetesOfficial',
        upgradeChannel: 'none',
        tags: { a: '1', b: '2' },
        pools: ['sys'],
      },
      more: { provisioningState: 'Succeeded', versionAccepted: '1.33' },
    })
  })

  it('a pool: what is asked for, and what is seen first', () => {
    const { observation } = read('containerservice.azure.com/ManagedClustersAgentPool', {
      metadata,
      spec: { azureName: 'np', vmSize: 'D4', mode: 'User', enableAutoScaling: false, osType: 'Windows' },
      status: { vmSize: 'D8', nodeImageVersion: 'image' },
    })
    expect(observation?.facts).toMatchObject({
      pool: { name: 'np', vmSize: 'D8', mode: 'User', nodeImage: 'image', autoscaled: false, os: 'Windows' },
      declared: { pool: { vmSize: 'D4', mode: 'User', autoscaled: false, os: 'Windows' } },
    })
  })
})

describe('what CAPZ asks of AKS', () => {
  const group = 'infrastructure.cluster.x-k8s.io'
  const metadata = { name: 'prod', namespace: 'team' }

  it('AzureManagedControlPlane', () => {
    const spec = {
      location: 'West Europe',
      nodeResourceGroupName: 'MC_x',
      sku: { tier: 'Paid' },
      autoUpgradeProfile: { upgradeChannel: 'stable' },
      additionalTags: { owner: 'blue' },
    }
    expect(read(`${group}/AzureManagedControlPlane`, { metadata, spec }).observation?.facts).toMatchObject({
      region: 'westeurope',
      nodeResourceGroup: 'MC_x',
      declared: { tier: 'Paid', upgradeChannel: 'stable', tags: { owner: 'blue' } },
    })
  })

  it.each([
    [[{ kind: 'ManagedClustersAgentPool', metadata: { name: 'prod-np' }, spec: { azureName: 'np' } }], { name: 'np' }],
    [[{ kind: 'ManagedClustersAgentPool', metadata: { name: 'np' } }], { name: 'np' }],
    [[null, { kind: 'Other' }], undefined],
    ['x', undefined],
  ])('AzureASOManagedMachinePool names its pool in Azure: %#', (resources, pool) => {
    const wire = { metadata, spec: { resources } }
    expect(read(`${group}/AzureASOManagedMachinePool`, wire).observation?.facts.pool).toEqual(pool)
  })
})
