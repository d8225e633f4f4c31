import { describe, expect, it } from 'vitest'
import type { Member } from '../../../fleet/cluster.ts'
import type { Declared, Facts, ListedPool } from '../../../fleet/observation.ts'
import { aks, arm, compose, member, type Options, refOf } from '../members.ts'

const plane = (facts: Facts, more: Options = {}) => member('AzureASOManagedControlPlane', 'Healthy', { facts, ...more })
const operator = (facts: Facts) => member('ManagedCluster', 'Healthy', { facts })
const asks = (declared: Declared) => operator({ declared })
const azure = (facts: Facts, more: Options = {}) =>
  arm('Healthy', { facts: { more: { name: 'prod', provisioningState: 'Succeeded' }, ...facts }, ...more })

/** Every disagreement as one text: field, what Cluster API says, what Azure says. */
const found = (...members: Member[]) =>
  compose(aks(), ...members).disagreements.map(({ field, values }) =>
    [field, ...values.map(({ value }) => value ?? 'none')].join(' '),
  )

describe('Cluster API and Azure', () => {
  it.each<readonly [string, Member, Member, readonly string[]]>([
    [
      'the same patch, with and without v',
      plane({ versionDeclared: 'v1.33.4' }),
      azure({ versionDeclared: '1.33.4' }),
      [],
    ],
    [
      'an alias names every patch of its minor',
      plane({ versionDeclared: 'v1.33.4' }),
      azure({ versionDeclared: '1.33' }),
      [],
    ],
    [
      'another minor than the alias',
      plane({ versionDeclared: 'v1.34.1' }),
      azure({ versionDeclared: '1.33' }),
      ['kubernetes.declared 1.34.1 1.33'],
    ],
    [
      'by number, not by letter',
      plane({ versionDeclared: 'v1.9.1' }),
      azure({ versionDeclared: '1.10.1' }),
      ['kubernetes.declared 1.9.1 1.10.1'],
    ],
    [
      'an upgrade behind the back of Cluster API',
      plane({ versionDeclared: 'v1.33.4', versionObserved: 'v1.33.4' }),
      azure({ versionDeclared: '1.34.1', versionObserved: '1.34.1' }),
      ['kubernetes.declared 1.33.4 1.34.1', 'kubernetes.observed 1.33.4 1.34.1'],
    ],
    [
      'an upgrade that both ask for and neither has: nothing to disagree on',
      plane({ versionDeclared: 'v1.34.1', versionObserved: 'v1.33.4' }),
      azure({ versionDeclared: '1.34.1', versionObserved: '1.33.4' }),
      [],
    ],
    [
      'AKS upgrades by itself: what was asked for stays behind',
      plane({ versionDeclared: 'v1.33.4' }),
      azure({ versionDeclared: '1.33.9', upgradeChannel: 'patch' }),
      [],
    ],
    [
      'but it never goes back',
      plane({ versionDeclared: 'v1.33.4' }),
      azure({ versionDeclared: '1.33.2', upgradeChannel: 'patch' }),
      ['kubernetes.declared 1.33.4 1.33.2'],
    ],
    [
      'the channel of node images upgrades no Kubernetes',
      plane({ versionDeclared: 'v1.33.4' }),
      azure({ versionDeclared: '1.33.9', upgradeChannel: 'node-image' }),
      ['kubernetes.declared 1.33.4 1.33.9'],
    ],
    ['what is no version says nothing', plane({ versionDeclared: 'latest' }), azure({ versionDeclared: '1.33' }), []],
    ['what one side does not report', plane({ versionDeclared: 'v1.33.4' }), azure({}), []],
    ['a region in another letter case', plane({ region: 'WestEurope' }), azure({ region: 'westeurope' }), []],
    ['another region', plane({ region: 'eastus' }), azure({ region: 'westeurope' }), ['region eastus westeurope']],
    ['a tier', asks({ tier: 'Free' }), azure({ tier: 'Standard' }), ['tier Free Standard']],
    ['Paid is what Standard was called', asks({ tier: 'Paid' }), azure({ tier: 'Standard' }), []],
    [
      'a plan, where Azure leaves the default out',
      asks({ supportPlan: 'AKSLongTermSupport' }),
      azure({}),
      ['supportPlan AKSLongTermSupport KubernetesOfficial'],
    ],
    ['a plan that nobody asks for', asks({ tier: 'Free' }), azure({ supportPlan: 'AKSLongTermSupport' }), []],
    ['no channel is the channel none', asks({ upgradeChannel: 'none' }), azure({}), []],
    ['a channel that is gone', asks({ upgradeChannel: 'patch' }), azure({}), ['autoUpgradeChannel patch none']],
    ['silence of an answer without a state', asks({ upgradeChannel: 'patch' }), azure({ more: {} }), []],
    [
      'a channel of node images',
      asks({ nodeOsUpgradeChannel: 'NodeImage' }),
      azure({ nodeOsUpgradeChannel: 'None' }),
      ['nodeOsUpgradeChannel NodeImage None'],
    ],
    ['which Azure need not report', asks({ nodeOsUpgradeChannel: 'NodeImage' }), azure({}), []],
    [
      'a tag with another value, whatever the case of its key',
      asks({ tags: { owner: 'blue', Env: 'prod' } }),
      azure({}, { labels: { Owner: 'green', env: 'prod', more: 'x' } }),
      ['tags.owner blue green'],
    ],
    ['a tag somebody removed', asks({ tags: { owner: 'blue' } }), azure({}), ['tags.owner blue none']],
    [
      'the letter case of a value counts',
      asks({ tags: { a: 'X' } }),
      azure({}, { labels: { a: 'x' } }),
      ['tags.a X x'],
    ],
    ['tags nobody asks for', asks({}), azure({}, { labels: { a: 'x' } }), []],
    ['stopped while nobody paused it', plane({}), azure({ powerState: 'Stopped' }), ['powerState Running Stopped']],
    ['running', plane({}), azure({ powerState: 'Running' }), []],
  ])('%s', (_why, ours, theirs, fields) => {
    expect(found(ours, theirs)).toEqual(fields)
  })

  it('agree on a cluster that rests on both sides', () => {
    const paused = aks('Suspended', { health: { underlying: 'Healthy' } })
    expect(compose(paused, azure({ powerState: 'Stopped' })).disagreements).toEqual([])
  })

  it('are named with the objects that say so', () => {
    const [ours, theirs] = [plane({ region: 'eastus' }), azure({ region: 'westeurope' })]
    expect(compose(aks(), ours, theirs).disagreements).toEqual([
      {
        field: 'region',
        values: [
          {
            source: 'weu',
            objectId: ours.id,
            kind: 'infrastructure.cluster.x-k8s.io/AzureASOManagedControlPlane',
            value: 'eastus',
          },
          {
            source: 'corp/s',
            objectId: theirs.id,
            kind: 'Microsoft.ContainerService/managedClusters',
            value: 'westeurope',
          },
        ],
      },
    ])
  })

  it('cannot disagree where only one of them speaks', () => {
    expect(compose(aks(), plane({ region: 'eastus' })).disagreements).toEqual([])
    expect(compose(azure({ region: 'eastus' })).disagreements).toEqual([])
  })

  it('two management clusters that claim one cluster', () => {
    const facts = compose(aks('Healthy', { source: 'a' }), aks('Suspended', { source: 'b' }))
    expect(facts.disagreements).toMatchObject([
      { field: 'managementCluster', values: [{ value: 'a/team/prod' }, { value: 'b/team/prod' }] },
    ])
  })
})

describe('node pools', () => {
  const declaredPool = (facts: Facts, provider: Facts, more: Options = {}) => [
    member('MachinePool', 'Healthy', {
      at: 'prod-np',
      facts: { ...facts, refs: { infrastructure: refOf('AzureManagedMachinePool', 'prod-np') } },
      ...more,
    }),
    member('AzureManagedMachinePool', 'Healthy', {
      at: 'prod-np',
      facts: { ...provider, pool: { name: 'np', ...provider.pool } },
    }),
  ]
  const has = (...pools: Partial<ListedPool>[]) => azure({ pools: pools.map((pool) => ({ name: 'np', ...pool })) })

  it.each<readonly [string, Facts, Facts, Partial<ListedPool>, readonly string[]]>([
    ['the same number', { replicas: { desired: 3 } }, {}, { count: 3 }, []],
    ['scaled behind its back', { replicas: { desired: 3 } }, {}, { count: 6 }, ['nodePools.np.replicas 3 6']],
    ["Azure's autoscaler decides", { replicas: { desired: 3 } }, {}, { count: 6, autoscaled: true }, []],
    [
      "somebody else's autoscaler decides",
      { replicas: { desired: 3 }, pool: { autoscaled: true } },
      {},
      { count: 6, autoscaled: false },
      [],
    ],
    [
      'the provider was asked for an autoscaler',
      { replicas: { desired: 3 } },
      { pool: { autoscaled: true } },
      { count: 6, autoscaled: false },
      ['nodePools.np.autoscaled true false'],
    ],
    ['a size', {}, { pool: { vmSize: 'D4' } }, { vmSize: 'D8' }, ['nodePools.np.vmSize D4 D8']],
    ['a size in another letter case', {}, { pool: { vmSize: 'Standard_D4' } }, { vmSize: 'standard_d4' }, []],
    [
      'what was asked for, not what the operator saw',
      {},
      { pool: { vmSize: 'D8' }, declared: { pool: { vmSize: 'D4' } } },
      { vmSize: 'D8' },
      ['nodePools.np.vmSize D4 D8'],
    ],
    [
      'what the operator saw is nothing it asked for',
      {},
      { pool: { vmSize: 'D4' }, declared: { pool: {} } },
      { vmSize: 'D8' },
      [],
    ],
    ['a mode', {}, { pool: { mode: 'System' } }, { mode: 'User' }, ['nodePools.np.mode System User']],
    [
      'a version, asked for on both sides',
      { versionDeclared: 'v1.34.1', versionObserved: 'v1.33.4' },
      {},
      { versionDeclared: '1.33.4', versionObserved: '1.33.4' },
      ['nodePools.np.version 1.34.1 1.33.4'],
    ],
    ['an alias', { versionDeclared: 'v1.34.1' }, {}, { versionDeclared: '1.34' }, []],
  ])('%s', (_why, worker, provider, pool, fields) => {
    expect(found(...declaredPool(worker, provider), has(pool))).toEqual(fields)
  })

  it('are found by their names in Azure, and missed on either side', () => {
    expect(found(...declaredPool({}, {}), has({ name: 'NP' }))).toEqual([])
    expect(found(...declaredPool({}, {}), has({ name: 'other' }))).toEqual([
      'nodePools.np np none',
      'nodePools.other none other',
    ])
  })

  it('one on its way out is not missed', () => {
    const deleting = declaredPool({}, {}, { health: { state: 'Deleting' } })
    expect(found(...deleting, has({}))).toEqual([])
    expect(found(...deleting, has({ name: 'other' }))).toEqual(['nodePools.other none other'])
  })

  it('one that the managed cluster itself asks for is declared', () => {
    expect(found(...declaredPool({}, {}), asks({ pools: ['sys'] }), has({}, { name: 'sys' }))).toEqual([])
  })

  it('are not compared where one side lists none: it may not have been read', () => {
    expect(found(has({}))).toEqual([])
    expect(found(...declaredPool({}, {}), azure({}))).toEqual([])
    // The one that could not be read may be the one that seems to be missing.
    const others: Facts = { pools: [{ name: 'other' }] }
    const missing = (facts: Facts) => found(...declaredPool({}, {}), azure(facts)).filter((one) => one.includes('np'))
    expect([missing(others).length, missing({ ...others, unreadPools: 1 })]).toEqual([1, []])
  })
})
