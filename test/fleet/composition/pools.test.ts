import { describe, expect, it } from 'vitest'
import type { NodePool } from '../../../fleet/cluster.ts'
import type { Facts, ListedPool } from '../../../fleet/observation.ts'
import { aks, arm, compose, member, type Options, refOf } from '../members.ts'

const image = 'AKSUbuntu-2204gen2containerd-202604.28.0'
const listed = (more: Partial<ListedPool> = {}): ListedPool => ({
  name: 'np',
  mode: 'System',
  vmSize: 'D8',
  nodeImage: image,
  os: 'Linux',
  versionDeclared: '1.33',
  versionObserved: '1.33.4',
  count: 3,
  autoscaled: false,
  state: 'Succeeded',
  powerState: 'Running',
  ...more,
})
const azure = (pools: readonly ListedPool[], more: Options = {}) =>
  arm('Healthy', { facts: { versionObserved: '1.34.1', pools }, ...more })
const worker = (facts: Facts = {}, more: Options = {}) =>
  member('MachinePool', 'Healthy', {
    at: 'prod-np',
    facts: { refs: { infrastructure: refOf('AzureManagedMachinePool', 'prod-np') }, ...facts },
    ...more,
  })
const provider = (facts: Facts = {}) =>
  member('AzureManagedMachinePool', 'Healthy', {
    at: 'prod-np',
    facts: { ...facts, pool: { name: 'np', ...facts.pool } },
  })
const operator = (pools: readonly ListedPool[]) => member('ManagedCluster', 'Healthy', { facts: { pools } })

describe('a node pool that is declared, and that Azure has', () => {
  const declared = [
    worker({ versionDeclared: 'v1.33.4', versionObserved: 'v1.32.0', replicas: { desired: 3, ready: 2 } }),
    provider({ pool: { mode: 'User', vmSize: 'D4' } }),
  ]

  it('is one pool: asked for by Cluster API, running as Azure says', () => {
    expect(compose(aks(), ...declared, azure([listed({ name: 'NP' })])).pools).toEqual([
      {
        id: worker().id,
        name: 'prod-np',
        kind: 'MachinePool',
        mode: 'System',
        versionDeclared: 'v1.33.4',
        versionObserved: '1.33.4',
        nodeImage: image,
        imageReleasedAt: '2026-04-28',
        os: 'linux',
        skewMinors: 1,
        vmSize: 'D8',
        autoscaled: false,
        replicas: { desired: 3, current: null, ready: 2, available: null, upToDate: null },
        health: expect.objectContaining({ state: 'Healthy' }),
      },
    ])
  })

  it('stays what Azure said when Azure falls silent', () => {
    const [before] = compose(aks(), ...declared, azure([listed()])).pools
    const [pool] = compose(aks(), ...declared, azure([listed()], { fresh: false })).pools
    expect({ ...pool, health: null }).toEqual({ ...before, health: null })
  })

  it("takes the operator's list for what no object of its own says", () => {
    const [pool, ...others] = compose(aks(), ...declared, operator([listed(), listed({ name: 'gone' })])).pools
    expect(pool).toMatchObject({ mode: 'User', nodeImage: image })
    // The list may be an hour old.
    expect(others).toEqual([])
  })

  it.each<readonly [Partial<ListedPool>, string]>([
    [{ state: 'Failed' }, 'Failed'],
    [{ state: 'Upgrading' }, 'Progressing'],
    [{ state: 'Canceled' }, 'Degraded'],
    [{ powerState: 'Stopped' }, 'Healthy'],
  ])('is as ill as Azure says: %o is %s', (pool, state) => {
    expect(compose(aks(), ...declared, azure([listed(pool)])).pools[0]?.health.state).toBe(state)
  })

  it('is autoscaled when either side says so', () => {
    expect(compose(aks(), ...declared, azure([listed({ autoscaled: true })])).pools[0]?.autoscaled).toBe(true)
  })
})

describe('a node pool that only Azure has', () => {
  const only = (pool: Partial<ListedPool>, more: Options = {}): NodePool | undefined =>
    compose(azure([listed(pool)], more)).pools[0]

  it('is a pool too', () => {
    expect(only({})).toMatchObject({
      name: 'np',
      kind: 'agentPools',
      versionDeclared: '1.33',
      versionObserved: '1.33.4',
      imageReleasedAt: '2026-04-28',
      os: 'linux',
      skewMinors: 1,
      autoscaled: false,
      replicas: { desired: 3, current: 3, ready: null },
      health: { state: 'Healthy', reason: 'Succeeded' },
    })
  })

  it('also beside declared ones, and in their number', () => {
    const facts = compose(
      aks(),
      worker({ replicas: { desired: 2 } }),
      provider(),
      azure([listed(), listed({ name: 'x' })]),
    )
    expect(facts.pools.map(({ name }) => name)).toEqual(['prod-np', 'x'])
    expect(facts.workers.desired).toBe(5)
  })

  it('keeps its id, whoever lists it, in whatever letter case', () => {
    const id = only({})?.id
    expect(only({ name: 'NP' }, { source: 'other/s' })?.id).toBe(id)
    expect(only({ name: 'other' })?.id).not.toBe(id)
    const armId = arm().facts.armId?.toUpperCase() ?? ''
    const again = member('ManagedCluster', 'Healthy', { facts: { armId, pools: [listed()] } })
    expect(compose(aks(), again).pools[0]?.id).toBe(id)
  })

  it.each<readonly [Partial<ListedPool>, object, string]>([
    [{ state: 'Failed' }, { state: 'Failed' }, ''],
    [
      { powerState: 'Stopped' },
      { state: 'Suspended', reason: 'Stopped', underlying: 'Healthy' },
      'normal for a User pool',
    ],
    [
      { powerState: 'Stopped', state: 'Starting' },
      { state: 'Progressing', reason: 'Starting' },
      'beats the power state',
    ],
    [{ powerState: 'Stopped', state: 'Deleting' }, { state: 'Deleting' }, 'even when stopped'],
    [{ state: 'Pondering' }, { state: 'Unknown', reason: 'UnrecognisedState:Pondering' }, 'a word nobody documented'],
  ])('is by itself: %o is %o: %s', (pool, health) => {
    expect(only(pool)?.health).toMatchObject(health)
  })

  it('says so where it tells no state, or is no longer read', () => {
    const silent = compose(azure([{ name: 'np' }])).pools[0]
    expect(silent).toMatchObject({ health: { state: 'Unknown', reason: 'NotReported' }, replicas: { desired: null } })
    expect(only({}, { fresh: false })?.health).toMatchObject({ state: 'Stale', underlying: 'Healthy' })
  })

  it.each<readonly [Partial<ListedPool>, object, string]>([
    [{ state: 'Scaling' }, { desired: 3, current: null }, 'not there yet'],
    [{ powerState: 'Stopped' }, { desired: 3, current: 0 }, 'no nodes run'],
  ])('counts what it is to have: %o is %o, %s', (pool, replicas) => {
    expect(only(pool)?.replicas).toMatchObject(replicas)
  })

  it("is known by the operator's list where nothing else is seen", () => {
    expect(compose(aks(), operator([listed()])).pools).toMatchObject([{ name: 'np', kind: 'agentPools' }])
  })
})
