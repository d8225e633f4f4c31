import { describe, expect, it } from 'vitest'
import type { Member } from '../../../fleet/cluster.ts'
import type { OwnDifference } from '../../../fleet/drift/difference.ts'
import type { Facts } from '../../../fleet/observation.ts'
import { aks, arm, compose, member, type Options } from '../members.ts'
import { answer, codesOf, found, only } from './of.ts'

type Answer = ReturnType<typeof answer>

const managed = (declared: Facts['declared'], more: Options = {}) =>
  member('ManagedCluster', 'Healthy', { facts: declared ? { declared } : {}, ...more })
const pool = (facts: Facts) => [
  member('MachinePool', 'Healthy', { at: 'np' }),
  member('ManagedClustersAgentPool', 'Healthy', {
    at: 'np',
    parent: member('MachinePool', 'Healthy', { at: 'np' }),
    facts,
  }),
]

describe('what Azure has and what is asked for', () => {
  it.each<readonly [Facts['declared'], Facts, readonly string[]]>([
    [{ tier: 'Standard' }, { tier: 'Paid' }, []],
    [{ tier: 'Premium' }, { tier: 'Free' }, ['ManagedCluster/prod tier: Premium → Free']],
    [{ upgradeChannel: 'patch' }, {}, ['ManagedCluster/prod autoUpgradeChannel: patch → none']],
    [{ settings: { dnsPrefix: 'Prod' } }, { settings: { dnsPrefix: 'prod' } }, []],
    [{ settings: { 'networkProfile.networkPlugin': 'azure' } }, { settings: {} }, []],
    [{}, { settings: { 'networkProfile.networkPlugin': 'azure' } }, []],
    [
      { settings: { 'networkProfile.networkPlugin': 'azure' } },
      { settings: { 'networkProfile.networkPlugin': 'kubenet' } },
      ['ManagedCluster/prod settings.networkProfile.networkPlugin: azure → kubenet'],
    ],
    [
      { settings: { 'sku.tier': 'Premium' }, tier: 'Premium' },
      { settings: { 'sku.tier': 'Free' }, tier: 'Premium' },
      [],
    ],
  ])('settings %o and %o: %o', (declared, azure, expected) => {
    const facts = compose(aks(), managed(declared), arm('Healthy', { facts: azure }))
    expect(found(facts, 'settingVsSpec')).toEqual(expected)
    expect(facts.drift.looked).toContain('settingVsSpec')
  })

  it('tags count by value, and one that is missing too', () => {
    const tags = { Env: 'prod', team: 'shop' }
    const facts = compose(aks(), managed({ tags }), arm('Healthy', { labels: { env: 'Prod' } }))
    expect(found(facts, 'settingVsSpec')).toEqual([
      'ManagedCluster/prod tags.Env: prod → Prod',
      'ManagedCluster/prod tags.team: shop → null',
    ])
    expect(only(facts, 'settingVsSpec')).toMatchObject({
      message: 'tags.Env is Prod in Azure, and ManagedCluster team/prod asks for prod.',
      evidence: [
        { field: 'tags.Env', expected: 'prod', actual: null, from: 'weu' },
        { field: 'tags.Env', expected: null, actual: 'Prod', from: 'corp/s' },
      ],
    })
  })

  it('by the word of the operator, where Azure does not testify', () => {
    const facts: Facts = { declared: { settings: { dnsPrefix: 'a' } }, settings: { dnsPrefix: 'b' } }
    expect(answer(compose(aks(), managed({}, { facts })), 'settingVsSpec')).toBe('differs')
    expect(answer(compose(aks(), managed({})), 'settingVsSpec')).toBe('nothing')
  })

  it.each<readonly [Facts, Facts['pools'], readonly string[]]>([
    [{ declared: { pool: { vmSize: 'D4' } } }, [{ name: 'np', vmSize: 'd4' }], []],
    [
      { declared: { pool: { vmSize: 'D4' } } },
      [{ name: 'np', vmSize: 'D8' }],
      ['ManagedClustersAgentPool/np nodePools.np.vmSize: D4 → D8'],
    ],
    [{}, [{ name: 'np' }, { name: 'mine' }], ['managedClusters/prod nodePools.mine: null → mine']],
    [
      {},
      [{ name: 'mine' }],
      ['MachinePool/np nodePools.np: np → null', 'managedClusters/prod nodePools.mine: null → mine'],
    ],
  ])('pools of %o and %o: %o', (facts, pools, expected) => {
    expect(
      found(compose(aks(), ...pool(facts), arm('Healthy', { facts: { pools: pools ?? [] } })), 'poolVsSpec'),
    ).toEqual(expected)
  })

  it('pools that cannot be read may be any', () => {
    const facts = compose(aks(), ...pool({}), arm('Healthy', { facts: { pools: [], unreadPools: 1 } }))
    expect(answer(facts, 'poolVsSpec')).toBe('gap')
  })

  it('a pool may be called replicas', () => {
    const facts = compose(
      aks(),
      ...pool({}),
      arm('Healthy', { facts: { pools: [{ name: 'np' }, { name: 'replicas' }] } }),
    )
    expect(codesOf(facts)).toContain('poolVsSpec')
  })

  it.each<readonly [string, string, Answer]>([
    ['Succeeded', 'Stopped', 'differs'],
    ['Stopping', 'Stopped', 'same'],
    ['Starting', 'Stopped', 'same'],
    ['Updating', 'Stopped', 'differs'],
  ])('power while Azure is %s, %s: %s', (provisioningState, powerState, expected) => {
    const azure = arm('Healthy', { facts: { powerState, more: { provisioningState } } })
    expect(answer(compose(aks(), azure), 'powerVsSpec')).toBe(expected)
  })

  const declares = (state: Member['health']['state'], facts: Facts = {}) =>
    member('MachinePool', state, { at: 'np', facts })
  const behind = (state: Member['health']['state'], reason: string) =>
    member('ManagedClustersAgentPool', state, { at: 'np', parent: declares('Healthy'), health: { reason } })
  it.each<readonly [string, readonly Member[], Facts['pools'], Answer]>([
    ['declared, and not in Azure', [declares('Healthy')], [{ name: 'other' }], 'differs'],
    [
      'that is being provisioned',
      [declares('Progressing', { phase: 'Provisioning' })],
      [{ name: 'np2', state: 'Deleting' }],
      'same',
    ],
    [
      'whose driver is making it',
      [declares('Healthy'), behind('Progressing', 'Creating')],
      [{ name: 'np2', state: 'Deleting' }],
      'same',
    ],
    ['that is being deleted', [declares('Deleting', { replicas: { desired: 1 } })], [{ name: 'np', count: 3 }], 'same'],
    [
      'whose driver is deleting it',
      [declares('Healthy'), behind('Deleting', 'Deleting')],
      [{ name: 'np2', state: 'Deleting' }],
      'same',
    ],
    ['that nobody declares', [declares('Healthy')], [{ name: 'np' }, { name: 'mine', state: 'Succeeded' }], 'differs'],
    [
      'that nobody declares, on its way out',
      [declares('Healthy')],
      [{ name: 'np' }, { name: 'mine', state: 'Deleting' }],
      'same',
    ],
  ])('a pool %s', (_name, members, pools, expected) => {
    const facts = compose(aks(), ...members, arm('Healthy', { facts: { pools: pools ?? [] } }))
    expect(answer(facts, 'poolVsSpec')).toBe(expected)
    expect(answer(facts, 'replicasDrift')).not.toBe('differs')
  })

  it.each<readonly [Member, string, Answer]>([
    [aks(), 'Stopped', 'differs'],
    [aks(), 'Running', 'same'],
    [aks('Suspended'), 'Stopped', 'same'],
    [aks('Deleting'), 'Stopped', 'nothing'],
  ])('power of %o, %s: %s', (cluster, powerState, expected) => {
    expect(answer(compose(cluster, arm('Healthy', { facts: { powerState } })), 'powerVsSpec')).toBe(expected)
  })
})

describe('an intended freeze', () => {
  const azure = arm('Healthy', { facts: { tier: 'Free', versionObserved: '1.32.0', pools: [{ name: 'other' }] } })
  const facts: Facts = { declared: { tier: 'Premium' }, versionDeclared: '1.33.0' }
  const paused: Facts = {
    ...facts,
    pause: { field: 'metadata.annotations[serviceoperator.azure.com/reconcile-policy]' },
  }
  const codes = (cluster: Member, of: Facts) =>
    codesOf(compose(cluster, managed({}, { facts: of }), ...pool({}), azure))

  it('is a paused Cluster whose driver is paused too: nothing of Azure is drift, though all is looked at', () => {
    expect(codes(aks('Suspended'), paused)).toEqual(['unmanagedByGit'])
    const { drift } = compose(aks('Suspended'), managed({}, { facts: paused }), ...pool({}), azure)
    expect(drift.looked).toEqual(expect.arrayContaining(['aksVsSpec', 'settingVsSpec', 'poolVsSpec']))
  })

  it('is not one side alone', () => {
    expect(codes(aks('Suspended'), facts)).toContain('settingVsSpec')
    expect(codes(aks(), paused)).toContain('settingVsSpec')
  })

  it('hides what the driver says that Azure lacks', () => {
    const gone: OwnDifference = {
      code: 'missingInAzure',
      field: 'status.conditions[Ready]',
      expected: 'True',
      actual: 'False',
    }
    expect(codes(aks('Suspended'), { ...paused, drift: [gone] })).not.toContain('missingInAzure')
    expect(codes(aks(), { ...facts, drift: [gone] })).toContain('missingInAzure')
  })
})
