import { describe, expect, it } from 'vitest'
import { factsOf } from './facts-of.ts'

const core = 'cluster.x-k8s.io'
const infrastructure = 'infrastructure.cluster.x-k8s.io'

describe('the topology that a Cluster declares', () => {
  const read = (topology: unknown) => factsOf(`${core}/Cluster`, { apiVersion: `${core}/v1beta2`, spec: { topology } })

  it('names its workers, with replicas where it sets them', () => {
    const workers = {
      machineDeployments: [{ name: 'md', class: 'default', replicas: 3 }, { name: 'auto' }, { class: 'unnamed' }],
      machinePools: [{ name: 'mp', replicas: 0 }],
    }
    expect(read({ classRef: { name: 'std' }, workers }).topology?.workers).toEqual([
      { name: 'md', kind: 'machineDeployment', replicas: 3 },
      { name: 'auto', kind: 'machineDeployment' },
      { name: 'mp', kind: 'machinePool', replicas: 0 },
    ])
  })

  it('tells values apart without telling them', () => {
    const value = { password: 'hush', size: 3 }
    const variables = [
      { name: 'b', value },
      { name: 'a', value: 'hush' },
      { name: 'c' },
      { name: 'b', value: 'other' },
      { value: 1 },
    ]
    const facts = read({ variables })
    expect(Object.entries(facts.topology?.variables ?? {})).toEqual([
      ['a', expect.stringMatching(/^[0-9a-f]{6}$/)],
      ['b', expect.stringMatching(/^[0-9a-f]{6}$/)],
      ['c', ''],
    ])
    expect(JSON.stringify(facts)).not.toContain('hush')
    // The order of keys is nothing that differs.
    const swapped = read({ variables: [{ name: 'b', value: { size: 3, password: 'hush' } }] })
    expect(swapped.topology?.variables?.b).toBe(facts.topology?.variables?.b)
    const changed = read({ variables: [{ name: 'b', value: { size: 4, password: 'hush' } }] })
    expect(changed.topology?.variables?.b).not.toBe(facts.topology?.variables?.b)
  })

  it('survives a value that is nested without end', () => {
    const deep = JSON.parse(`${'['.repeat(9000)}${']'.repeat(9000)}`)
    expect(read({ variables: [{ name: 'deep', value: deep }] }).topology?.variables?.deep).toHaveLength(6)
  })

  it('is absent where there is none', () => {
    expect(read(undefined)).not.toHaveProperty('topology')
    expect(read('std')).not.toHaveProperty('topology')
  })
})

describe('what a ClusterClass offers', () => {
  const ref = (kind: string, name: string) => ({ apiVersion: `${infrastructure}/v1beta1`, kind, name })
  const parts = (field: 'ref' | 'templateRef') => {
    const holder = (kind: string, name: string) => ({ [field]: ref(kind, name) })
    const machines = {
      bootstrap: holder('KubeadmConfigTemplate', 'boot'),
      infrastructure: holder('AzureMachineTemplate', 'worker'),
    }
    return {
      infrastructure: holder('AzureClusterTemplate', 'net'),
      controlPlane: {
        ...holder('KubeadmControlPlaneTemplate', 'cp'),
        machineInfrastructure: holder('AzureMachineTemplate', 'cp-machine'),
      },
      workers: {
        machineDeployments: [{ class: 'default', ...(field === 'ref' ? { template: machines } : machines) }],
        machinePools: [{ class: 'pool', ...(field === 'ref' ? { template: machines } : machines) }],
      },
      variables: [
        { name: 'size', schema: { openAPIV3Schema: { type: 'integer', default: 3 } } },
        { name: 'token', schema: { openAPIV3Schema: { type: 'string' } } },
      ],
    }
  }

  it.each([
    ['v1beta1', 'ref'],
    ['v1beta2', 'templateRef'],
  ] as const)('%s', (version, field) => {
    const { topology } = factsOf(`${core}/ClusterClass`, { apiVersion: `${core}/${version}`, spec: parts(field) })
    expect(topology?.classVersion).toBe('2')
    expect(topology?.templates?.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`)).toEqual([
      'AzureClusterTemplate team/net',
      'KubeadmControlPlaneTemplate team/cp',
      'AzureMachineTemplate team/cp-machine',
      'KubeadmConfigTemplate team/boot',
      'AzureMachineTemplate team/worker',
    ])
    expect(topology?.workers).toEqual([
      { name: 'default', kind: 'machineDeployment' },
      { name: 'pool', kind: 'machinePool' },
    ])
    expect(topology?.variables).toEqual({ size: expect.stringMatching(/^[0-9a-f]{6}$/), token: '' })
  })

  it('a value that is the default has its digest', () => {
    const offered = factsOf(`${core}/ClusterClass`, { spec: parts('ref') }).topology?.variables?.size
    const spec = { topology: { variables: [{ name: 'size', value: 3 }] } }
    expect(factsOf(`${core}/Cluster`, { spec }).topology?.variables?.size).toBe(offered)
  })
})

describe('where objects of a topology come from', () => {
  const labels = { 'topology.cluster.x-k8s.io/owned': '', 'topology.cluster.x-k8s.io/deployment-name': 'md' }
  const annotations = {
    'cluster.x-k8s.io/cloned-from-name': 'net',
    'cluster.x-k8s.io/cloned-from-groupkind': `AzureClusterTemplate.${infrastructure}`,
  }
  const clonedFrom = { groupKind: `AzureClusterTemplate.${infrastructure}`, name: 'net' }
  it.each([
    ['a set of its workers', `${core}/MachineDeployment`, { labels }, { owned: true, workerName: 'md' }],
    ['a set that is not its own', `${core}/MachinePool`, {}, { owned: false }],
    [
      'a clone',
      `${infrastructure}/AzureCluster`,
      { labels, annotations },
      { clonedFrom, owned: true, workerName: 'md' },
    ],
    [
      'a clone of the ASO flavour',
      `${infrastructure}/AzureASOManagedCluster`,
      { annotations },
      { clonedFrom, owned: false },
    ],
    ['what nobody cloned', `${infrastructure}/AzureCluster`, {}, undefined],
    [
      'half a mark',
      `${infrastructure}/AzureCluster`,
      { annotations: { 'cluster.x-k8s.io/cloned-from-name': 'net' } },
      undefined,
    ],
    ['a machine, of which there are many', `${infrastructure}/AzureMachine`, { annotations }, undefined],
  ] as const)('%s', (_why, key, metadata, topology) => {
    expect(factsOf(key, { metadata }).topology).toEqual(topology)
  })
})

describe('settings of AKS', () => {
  const properties = {
    networkProfile: { networkPlugin: 'azure', loadBalancerSku: 'standard', podCidr: '10.244.0.0/16' },
    oidcIssuerProfile: { enabled: false, issuerURL: 'https://hush' },
    securityProfile: { workloadIdentity: { enabled: true } },
    aadProfile: { managed: true, serverAppSecret: 'hush' },
    dnsPrefix: 'prod',
    servicePrincipalProfile: { secret: 'hush' },
  }
  const settings = {
    'networkProfile.networkPlugin': 'azure',
    'networkProfile.loadBalancerSku': 'standard',
    'networkProfile.podCidr': '10.244.0.0/16',
    'oidcIssuerProfile.enabled': 'false',
    'securityProfile.workloadIdentity.enabled': 'true',
    'aadProfile.managed': 'true',
    dnsPrefix: 'prod',
  }

  it('as Azure Service Operator asks for them, and as Azure has them', () => {
    const snippet = { spec: properties, status: { dnsPrefix: 'other' } }
    const facts = factsOf('containerservice.azure.com/ManagedCluster', snippet)
    expect(facts.declared?.settings).toEqual(settings)
    expect(facts.settings).toEqual({ dnsPrefix: 'other' })
    expect(JSON.stringify(facts)).not.toContain('hush')
  })

  it('as CAPZ asks for them, by other names', () => {
    const spec = {
      networkPlugin: 'azure',
      loadBalancerSKU: 'Standard',
      dnsServiceIP: '10.0.0.10',
      nodeResourceGroupName: 'MC_x',
      apiServerAccessProfile: { enablePrivateCluster: true },
      disableLocalAccounts: false,
    }
    expect(factsOf(`${infrastructure}/AzureManagedControlPlane`, { spec }).declared?.settings).toEqual({
      'networkProfile.networkPlugin': 'azure',
      'networkProfile.loadBalancerSku': 'Standard',
      'networkProfile.dnsServiceIP': '10.0.0.10',
      nodeResourceGroup: 'MC_x',
      'apiServerAccessProfile.enablePrivateCluster': 'true',
      disableLocalAccounts: 'false',
    })
  })
})
