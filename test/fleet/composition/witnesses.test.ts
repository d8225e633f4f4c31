import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { composeCluster } from '../../../fleet/compose-cluster.ts'
import { states } from '../../../fleet/health.ts'
import { aks, arm, armId, compose, member, type Options, pathOf } from '../members.ts'

const workers = (options: Options) =>
  member('MachinePool', 'Healthy', { at: 'np', facts: { replicas: { desired: 3 } }, ...options })

describe('of several that claim one cluster', () => {
  const later = { createdAt: '2026-05-02T00:00:00Z' }
  it.each<readonly [Options, Options, string, string]>([
    [{ fresh: false }, {}, 'neu', 'read lately before silent'],
    [{ health: { state: 'Suspended' } }, {}, 'neu', 'at work before paused: a move pauses the original'],
    [{ health: { state: 'Deleting' } }, {}, 'neu', 'kept before deleted'],
    [{ createdAt: '2026-05-01T00:00:00Z' }, later, 'neu', 'the newest: a move makes the copy later'],
    [
      { fresh: false, ...later },
      { health: { state: 'Suspended' } },
      'weu',
      'a leftover does not count because the copy is silent',
    ],
    [{}, {}, 'neu', 'else the first by name'],
    [later, { createdAt: '2026-05-01T00:00:00Z' }, 'weu', 'the newest, wherever it is'],
  ])('%o or %o: %s, %s', (one, other, source) => {
    const facts = compose(aks('Healthy', { source: 'weu', ...one }), aks('Healthy', { source: 'neu', ...other }))
    expect(facts.source).toBe(source)
    expect(facts.objectId).toBe(aks('Healthy', { source }).id)
  })

  const left = [
    aks('Suspended', { source: 'old', health: { underlying: 'Failed' } }),
    workers({ source: 'old' }),
    member('HelmRelease', 'Failed', { source: 'old' }),
  ]

  it('the paused original of a moved cluster neither suspends it nor counts its workers twice', () => {
    const facts = compose(aks('Healthy', { source: 'new' }), workers({ source: 'new' }), ...left)
    expect(facts).toMatchObject({
      source: 'new',
      health: { state: 'Healthy', flags: [] },
      gitops: null,
      workers: { desired: 3 },
      pools: [{ name: 'np' }],
    })
  })

  it('what acts on it from a source that declares none is its own; of an original left behind it is not', () => {
    const guest = member('HelmRelease', 'Degraded', {
      source: 'hub',
      facts: { gitops: { tool: 'flux', role: 'reconciler', suspended: false } },
    })
    const facts = compose(aks('Healthy', { source: 'new' }), ...left, guest)
    expect([facts.gitops?.state, facts.reconcilers.map(({ objectId }) => objectId)]).toEqual(['Degraded', [guest.id]])
  })

  it('one whose Cluster object is seen counts before one that only has parts', () => {
    expect(compose(workers({ source: 'a' }), aks('Healthy', { source: 'b' })).source).toBe('b')
  })

  it('two namespaces of one management cluster are two claims', () => {
    const facts = compose(
      aks('Healthy'),
      workers({}),
      aks('Suspended', { namespace: 'before', health: { underlying: 'Healthy' } }),
      workers({ namespace: 'before' }),
    )
    expect(facts).toMatchObject({ name: { namespace: 'team' }, health: { state: 'Healthy' }, workers: { desired: 3 } })
    expect(facts.disagreements.map(({ field }) => field)).toEqual(['managementCluster'])
  })

  it('judges what only relatives can judge for each of them', () => {
    const paused = { group: 'containerservice.azure.com', kind: 'ManagedCluster', name: 'prod', ready: true }
    const plane = (source: string) =>
      member('AzureASOManagedControlPlane', 'Healthy', { source, facts: { children: [paused] } })
    const facts = compose(aks('Healthy', { source: 'new' }), plane('new'), ...left, plane('old'))
    expect(facts.judgements.get(plane('new').id)?.state).toBe('Healthy')
    expect(facts.judgements.get(plane('old').id)?.state).toBe('Suspended')
  })
})

describe("Azure's own object", () => {
  it('alone is a cluster of its own', () => {
    const facts = compose(arm('Healthy', { createdAt: '2026-05-01T00:00:00Z', labels: { Owner: 'kim' } }))
    expect(facts).toMatchObject({
      name: { namespace: 'rg', name: 'prod' },
      source: 'corp/s',
      kind: 'Microsoft.ContainerService/managedClusters',
      objectId: arm().id,
      provider: 'aks',
      flavour: 'AKS',
      labels: { Owner: 'kim' },
      armId,
      createdAt: '2026-05-01T00:00:00Z',
      witnesses: ['arm'],
      disagreements: [],
      health: { state: 'Healthy' },
    })
  })

  it('is a witness of a cluster that Cluster API declares', () => {
    const facts = compose(aks(), arm('Degraded'))
    expect(facts).toMatchObject({
      source: 'weu',
      kind: 'cluster.x-k8s.io/Cluster',
      witnesses: ['capi', 'arm'],
      health: { state: 'Degraded' },
      flavour: 'AzureASOManaged',
    })
    expect(pathOf(facts)).toEqual(['Cluster/prod', `managedClusters/${armId.toLowerCase()}`])
  })

  it('ends the path to the root cause, behind what drives it', () => {
    const plane = member('AzureASOManagedControlPlane', 'Degraded')
    const managed = member('ManagedCluster', 'Degraded', { parent: plane })
    const facts = compose(aks(), plane, managed, arm('Failed', { health: { message: 'no cores' } }))
    expect(pathOf(facts)?.map((step) => step.split('/')[0])).toEqual([
      'Cluster',
      'AzureASOManagedControlPlane',
      'ManagedCluster',
      'managedClusters',
    ])
    expect(facts.rootCause?.message).toBe('no cores')
  })

  it('stopped, suspends the cluster: that nobody can reach it follows from it', () => {
    const stopped = arm('Suspended', { health: { reason: 'Stopped', underlying: 'Healthy' } })
    const facts = compose(aks('Degraded', { health: { reason: 'ConnectionDown' } }), stopped)
    expect(facts.health).toMatchObject({ state: 'Suspended', reason: 'Stopped', underlying: 'Degraded' })
    expect(pathOf(facts)?.at(-1)).toContain('managedClusters')
    expect(compose(stopped).health).toMatchObject({ state: 'Suspended', underlying: 'Healthy' })
  })

  it('stopped, says nothing once it is no longer read', () => {
    const stale = arm('Suspended', { fresh: false, health: { reason: 'Stopped', underlying: 'Healthy' } })
    expect(compose(aks('Degraded'), stale).health).toMatchObject({ state: 'Degraded', flags: ['partlyStale'] })
  })

  it('deleted behind the back of Cluster API, deletes the cluster', () => {
    expect(compose(aks(), arm('Deleting')).health.state).toBe('Deleting')
    expect(compose(aks('Suspended', { health: { underlying: 'Healthy' } }), arm('Deleting')).health.state).toBe(
      'Deleting',
    )
  })

  it('keeps a cluster from being Stale when its management cluster falls silent', () => {
    const facts = compose(aks('Healthy', { fresh: false }), arm('Progressing'))
    expect(facts.health).toMatchObject({ state: 'Progressing', flags: ['partlyStale'] })
  })

  it('carries on where the Cluster object is gone and parts linger', () => {
    const facts = compose(workers({}), arm('Healthy'))
    expect(facts).toMatchObject({ source: 'corp/s', name: { namespace: 'rg' }, witnesses: ['capi', 'arm'] })
  })

  it('told by two sources, counts once', () => {
    const pools = [{ name: 'sys', count: 3, state: 'Succeeded' }]
    const told = (source: string, more: Options = {}) => arm('Healthy', { source, facts: { pools }, ...more })
    const facts = compose(told('a/s', { fresh: false }), told('b/s'))
    expect(facts).toMatchObject({ source: 'b/s', workers: { desired: 3 }, pools: [{ name: 'sys' }] })
  })
})

describe('the same members', () => {
  const kinds = ['Cluster', 'AzureASOManagedControlPlane', 'ManagedCluster', 'MachinePool', 'HelmRelease'] as const
  const some = fc.record({
    kind: fc.constantFrom(...kinds, 'arm' as const),
    state: fc.constantFrom(...states),
    at: fc.constantFrom('prod', 'np'),
    source: fc.constantFrom('a', 'b', 'c'),
    namespace: fc.constantFrom('team', 'other'),
    fresh: fc.boolean(),
    createdAt: fc.constantFrom('2026-05-01T00:00:00Z', '2026-05-02T00:00:00Z'),
  })
  const cluster = fc.uniqueArray(
    some.map(({ kind, state, ...options }) => {
      const health = state === 'Suspended' ? { underlying: 'Healthy' as const } : {}
      const pools = [{ name: 'np', count: 2, state: 'Succeeded' }]
      return kind === 'arm'
        ? arm(state, { source: options.source, fresh: options.fresh, facts: { pools }, health })
        : member(kind, state, { ...options, health })
    }),
    { selector: ({ id }) => id, maxLength: 12 },
  )

  it('make the same cluster, in whatever order they come', () => {
    const name = { namespace: 'team', name: 'prod' }
    const shuffled = cluster.chain((members) =>
      fc.tuple(fc.constant(members), fc.shuffledSubarray(members, { minLength: members.length })),
    )
    fc.assert(
      fc.property(shuffled, ([members, other]) => {
        expect(composeCluster(name, other)).toEqual(composeCluster(name, members))
      }),
      { numRuns: 500 },
    )
  })
})
