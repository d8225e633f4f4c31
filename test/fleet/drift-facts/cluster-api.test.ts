import { describe, expect, it } from 'vitest'
import { codesOf, condition, factsOf, type Snippet } from './facts-of.ts'

const core = 'cluster.x-k8s.io'
const v1beta2 = `${core}/v1beta2`
const controlPlane = 'controlplane.cluster.x-k8s.io/KubeadmControlPlane'
const at = '2026-06-01T10:00:00Z'
const cluster = (snippet: Snippet) => factsOf(`${core}/Cluster`, { apiVersion: v1beta2, ...snippet })

describe('rollouts', () => {
  const rolling = condition('RollingOut', 'True', 'RollingOut', { message: '* 1 Machine not up-to-date' })
  const primary = condition('Available', 'True')
  it.each([
    ['Cluster', `${core}/Cluster`],
    ['KubeadmControlPlane', controlPlane],
    ['MachineDeployment', `${core}/MachineDeployment`],
    ['MachinePool', `${core}/MachinePool`],
  ] as const)('%s: RollingOut dates its beginning', (_kind, key) => {
    const apiVersion = `${key.slice(0, key.indexOf('/'))}/v1beta2`
    const read = (...conditions: object[]) => factsOf(key, { apiVersion, status: { conditions } }).rollout
    expect(read(primary, rolling)).toEqual({ startedAt: at })
    expect(read(primary, condition('RollingOut', 'False', 'NotRollingOut'))).toBeUndefined()
    expect(read(primary)).toBeUndefined()
  })

  it.each([
    [
      'a deletion that takes too long',
      condition('ScalingDown', 'True', 'ScalingDown', {
        message:
          'Scaling down from 4 to 3 replicas\n* Machine md-1 is in deletion since more than 15m, delay likely due to PodDisruptionBudgets',
      }),
      '* Machine md-1 is in deletion since more than 15m, delay likely due to PodDisruptionBudgets',
    ],
    [
      'what scaling needs',
      condition('ScalingUp', 'True', 'ScalingUp', {
        message: 'Scaling up from 3 to 4 replicas is blocked because KubeadmConfigTemplate is missing',
      }),
      'Scaling up from 3 to 4 replicas is blocked because KubeadmConfigTemplate is missing',
    ],
    [
      'a hook',
      condition('TopologyReconciled', 'False', 'LifecycleHookBlocking', {
        message: 'hook BeforeClusterUpgrade is blocking',
      }),
      'hook BeforeClusterUpgrade is blocking',
    ],
    [
      'nothing that is said',
      condition('ScalingUp', 'True', 'ScalingUp', { message: 'Scaling up from 3 to 4 replicas' }),
      undefined,
    ],
  ])('are held up by %s', (_why, speaker, blockedBy) => {
    const status = { conditions: [primary, rolling, speaker] }
    expect(cluster({ status }).rollout).toEqual({ startedAt: at, ...(blockedBy && { blockedBy }) })
  })

  const legacy = (type: string, status: string, reason: string) => ({
    type,
    status,
    reason,
    severity: 'Info',
    lastTransitionTime: at,
  })
  it.each([
    [
      'of EKS',
      'controlplane.cluster.x-k8s.io/AWSManagedControlPlane',
      legacy('EKSControlPlaneUpdating', 'True', 'updating'),
      { startedAt: at },
    ],
    [
      'of GKE',
      'infrastructure.cluster.x-k8s.io/GCPManagedControlPlane',
      legacy('GKEControlPlaneUpdating', 'True', 'updating'),
      { startedAt: at },
    ],
    [
      'of EKS at rest',
      'controlplane.cluster.x-k8s.io/AWSManagedControlPlane',
      legacy('EKSControlPlaneUpdating', 'False', 'updated'),
      undefined,
    ],
    [
      'of old, which no date tells the beginning of',
      controlPlane,
      { ...legacy('MachinesSpecUpToDate', 'False', 'RollingUpdateInProgress'), severity: 'Warning' },
      {},
    ],
    [
      'of old, scaling only',
      controlPlane,
      { ...legacy('Resized', 'False', 'ScalingUp'), severity: 'Warning' },
      undefined,
    ],
  ] as const)('%s', (_why, key, one, rollout) => {
    const apiVersion = `${key.slice(0, key.indexOf('/'))}/v1beta1`
    expect(factsOf(key, { apiVersion, status: { conditions: [legacy('Ready', 'True', ''), one] } }).rollout).toEqual(
      rollout,
    )
  })

  it('AKS: an upgrade of the cluster is dated by its last change, one of a pool by nothing', () => {
    const id = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/a'
    const read = (properties: object) =>
      factsOf('Microsoft.ContainerService/managedClusters', {
        id,
        systemData: { lastModifiedAt: at },
        properties,
      })
    expect(read({ provisioningState: 'Upgrading' }).rollout).toEqual({ startedAt: at })
    const pool = { name: 'np', provisioningState: 'UpgradingNodeImageVersion' }
    expect(read({ provisioningState: 'Succeeded', agentPoolProfiles: [pool] }).rollout).toEqual({})
    expect(read({ provisioningState: 'Updating' }).rollout).toBeUndefined()
    const conditions = [condition('Ready', 'False', 'Reconciling', { severity: 'Info' })]
    const status = { provisioningState: 'Upgrading', conditions }
    expect(factsOf('containerservice.azure.com/ManagedClustersAgentPool', { status }).rollout).toEqual({
      startedAt: at,
    })
  })
})

describe('versions', () => {
  const versions = [
    { version: 'v1.32.9', replicas: 1 },
    { version: 'v1.33.4', replicas: 2 },
  ]
  const still = condition('RollingOut', 'False', 'NotRollingOut')
  it.each([
    ['several, and nothing rolls out', versions, still, ['mixedVersions']],
    ['several during a rollout', versions, condition('RollingOut', 'True'), []],
    ['several, and nobody says whether something rolls out', versions, undefined, []],
    ['one', versions.slice(1), still, []],
    ['one, with and without v', [{ version: 'v1.33.4' }, { version: '1.33.4' }], still, []],
  ])('%s', (_why, found, rolling, codes) => {
    for (const key of [controlPlane, `${core}/MachineDeployment`] as const) {
      const conditions = [condition('Available', 'True'), ...(rolling ? [rolling] : [])]
      const snippet = {
        apiVersion: `${key.slice(0, key.indexOf('/'))}/v1beta2`,
        status: { versions: found, conditions },
      }
      const facts = factsOf(key, snippet)
      expect(codesOf(facts)).toEqual(codes)
      // The condition is dated by the end of the rollout before, not by when the versions parted.
      for (const own of facts.drift ?? []) expect(own).not.toHaveProperty('since')
    }
  })

  const set = { ownerReferences: [{ apiVersion: v1beta2, kind: 'MachineSet', name: 's', uid: 'u', controller: true }] }
  const machine = (
    version: string | undefined,
    kubeletVersion: string | undefined,
    conditions: object[] = [],
    node = 'n',
  ) => ({
    apiVersion: v1beta2,
    metadata: set,
    spec: { version },
    status: {
      nodeRef: { name: node },
      nodeInfo: { kubeletVersion },
      conditions: [condition('Ready', 'True'), ...conditions],
    },
  })
  it.each([
    ['as asked for', machine('v1.33.4', 'v1.33.4'), []],
    ['without v', machine('1.33.4', 'v1.33.4'), []],
    ['with what its provider appends', machine('v1.33.4', 'v1.33.4-eks-abc123'), []],
    ['a minor names every patch of it', machine('1.33', 'v1.33.4'), []],
    ['another patch', machine('v1.33.4', 'v1.33.3'), ['machineNotUpToDate']],
    ['another build', machine('v1.33.4+rke2r2', 'v1.33.4+rke2r1'), ['machineNotUpToDate']],
    ['no version', machine('latest', 'v1.33.3'), []],
    ['nothing asked for', machine(undefined, 'v1.33.3'), []],
    ['no node yet', machine('v1.33.4', undefined, [condition('UpToDate', 'False', 'NotUpToDate')], ''), []],
    [
      'by its own word',
      machine('v1.33.4', 'v1.33.4', [condition('UpToDate', 'False', 'NotUpToDate')]),
      ['machineNotUpToDate'],
    ],
    [
      'by its own word of before',
      machine('v1.33.4', 'v1.33.4', [condition('UpToDate', 'False', 'NotUpToDate', { observedGeneration: 1 })]),
      [],
    ],
  ])('a Machine: %s', (_why, snippet, codes) => {
    expect(codesOf(factsOf(`${core}/Machine`, snippet))).toEqual(codes)
  })

  it.each([
    ['of a set', set, []],
    ['of a control plane', { labels: { 'cluster.x-k8s.io/control-plane': '' } }, []],
    ['of nobody', {}, ['orphanMachine']],
    [
      'that only belongs to its Cluster',
      { ownerReferences: [{ apiVersion: v1beta2, kind: 'Cluster', name: 'c', uid: 'u' }] },
      ['orphanMachine'],
    ],
    ['of nobody, on its way out', { deletionTimestamp: at }, []],
  ])('a Machine %s', (_why, metadata, codes) => {
    expect(codesOf(factsOf(`${core}/Machine`, { apiVersion: v1beta2, metadata }))).toEqual(codes)
  })
})

describe('remediation', () => {
  const sick = condition('HealthCheckSucceeded', 'False', 'UnhealthyNode')
  it.each([
    ['marked', [sick, condition('OwnerRemediated', 'False', 'WaitingForRemediation')], { at, reason: 'UnhealthyNode' }],
    [
      'marked for somebody else',
      [sick, condition('ExternallyRemediated', 'False', 'WaitingForRemediation')],
      { at, reason: 'UnhealthyNode' },
    ],
    [
      'marked, and nothing is said of why',
      [condition('OwnerRemediated', 'False', 'WaitingForRemediation')],
      { at, reason: 'WaitingForRemediation' },
    ],
    ['sick, and not allowed to be replaced', [sick], undefined],
    ['well', [condition('OwnerRemediated', 'True'), condition('HealthCheckSucceeded', 'True')], undefined],
  ])('a Machine that is %s', (_why, conditions, remediation) => {
    const status = { conditions: [condition('Ready', 'True'), ...conditions] }
    expect(factsOf(`${core}/Machine`, { apiVersion: v1beta2, status }).remediation).toEqual(remediation)
  })

  it('a control plane names the machine that it replaced last', () => {
    const last = { at, reason: 'Remediated', machine: 'cp-1' }
    expect(factsOf(controlPlane, { status: { lastRemediation: { machine: 'cp-1', time: at } } }).remediation).toEqual(
      last,
    )
    expect(
      factsOf(controlPlane, { status: { lastRemediation: { machine: 'cp-1', timestamp: at } } }).remediation,
    ).toEqual(last)
    expect(factsOf(controlPlane, { status: { lastRemediation: { machine: 'cp-1' } } })).not.toHaveProperty(
      'remediation',
    )
  })
})

it.each([
  ['ReconcileFailed', {}, ['topologyFailed']],
  ['ClusterClassNotReconciled', {}, ['topologyFailed']],
  ['ClusterUpgrading', {}, []],
  ['ReconcileFailed', { observedGeneration: 1 }, []],
])('topology: %s %j', (reason, more, codes) => {
  const status = {
    conditions: [condition('Available', 'True'), condition('TopologyReconciled', 'False', reason, more)],
  }
  expect(codesOf(cluster({ status }))).toEqual(codes)
})

it.each([
  ['AzureResourceNotFound', {}, ['missingInAzure']],
  ['AzureResourceNotFound', { observedGeneration: 1 }, []],
  ['ReferenceNotFound', {}, []],
])('Azure Service Operator: %s %j', (reason, more, codes) => {
  const status = { conditions: [condition('Ready', 'False', reason, { severity: 'Warning', ...more })] }
  expect(codesOf(factsOf('containerservice.azure.com/ManagedCluster', { status }))).toEqual(codes)
})
