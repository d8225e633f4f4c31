import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { registerSources } from '../../db/source.ts'
import { armClusterKind, clusterKind } from '../../fleet/reference.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { World } from './identity-model.ts'
import { at, cluster, deployment, deploymentKind, listed } from './wire.ts'
import {
  armClaimOf,
  armIdOf,
  azure,
  declared,
  inAzure,
  managedCluster,
  managedClusterKind,
  sourceOf,
  witnessesOf,
} from './witnesses.ts'

const sources = ['weu', 'neu', azure].map(sourceOf)

describe.each(engines)('identity on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(async () => {
    await clear(store)
    await registerSources(store.db, sources, at(0))
  })
  afterAll(() => store.close())

  const { take, rows, clusters, claims, inCluster, inArm, settled } = witnessesOf(() => store)

  it('joins what Azure runs to what Cluster API declares', async () => {
    await inCluster(0, 'weu', ['one'])
    await settled(0)
    const [before] = await clusters()
    await inArm(1, [inAzure('one'), inAzure('stray')])
    await settled(1)
    expect(await clusters()).toMatchObject([
      { id: before?.id, source_id: 'weu', kind: clusterKind, name: 'one', witnesses: ['capi', 'arm'], gone: false },
      { source_id: azure, kind: armClusterKind, name: 'stray', witnesses: ['arm'], gone: false },
    ])
    expect(await claims()).toEqual([
      `arm:${armIdOf('one').toLowerCase()}`,
      `arm:${armIdOf('stray').toLowerCase()}`,
      'capi:weu/fleet/one',
    ])
  })

  it('keeps the older id when Azure knew the cluster first, and finds the other still', async () => {
    await inArm(0, [inAzure('one')])
    await settled(0)
    const [before] = await clusters()
    await inCluster(1, 'weu', ['one'])
    await settled(1)
    expect(await clusters()).toMatchObject([
      { id: before?.id, source_id: 'weu', kind: clusterKind, witnesses: ['capi', 'arm'], gone: false },
    ])
    const [former] = (await claims()).filter((claim) => claim.startsWith('id:'))
    expect(former).not.toBe(`id:${before?.id}`)
    expect(await rows(sql`select distinct cluster_id as id from object`)).toEqual([{ id: before?.id }])
    // From then on it is one, whoever tells.
    await inArm(2, [inAzure('one', { state: 'Upgrading' })])
    await inCluster(3, 'weu', ['one'], { paused: true })
    await settled(3)
    expect(await clusters()).toHaveLength(1)
    expect(await rows(sql`select from unsettled`)).toEqual([])
  })

  it('follows a cluster from one management cluster to another, under one id', async () => {
    await inCluster(0, 'weu', ['one'])
    await inArm(0, [inAzure('one')])
    await settled(0)
    const [before] = await clusters()
    await inCluster(1, 'weu', ['one'], { paused: true })
    await inCluster(1, 'neu', ['one'])
    await settled(1)
    expect(await clusters()).toMatchObject([{ id: before?.id, source_id: 'neu', gone: false }])
    const [both] = await rows(sql`select disagreements, state from cluster`)
    expect(both?.state).not.toBe('Suspended')
    expect(both?.disagreements).toContainEqual(expect.objectContaining({ field: 'managementCluster' }))
    expect((await claims()).filter((claim) => claim.startsWith('capi:'))).toHaveLength(2)
    await inCluster(2, 'weu', [])
    await settled(2)
    expect(await clusters()).toMatchObject([{ id: before?.id, source_id: 'neu', gone: false }])
    expect((await rows(sql`select disagreements from cluster`))[0]?.disagreements).toEqual([])
    const living = await rows(sql`select from cluster where gone_at is null`)
    expect(living).toHaveLength(1)
  })

  it('joins by the name of the API server what tells no ARM id', async () => {
    const host = 'one-1a2b3c.hcp.westeurope.azmk8s.io'
    const one = inAzure('one')
    await inArm(0, [{ ...one, properties: { ...one.properties, fqdn: host } }, inAzure('two')])
    const endpointed = (name: string, host: string) => {
      const made = declared({ name })
      return { ...made, spec: { ...made.spec, controlPlaneEndpoint: { host, port: 443 } } }
    }
    const told = { kind: clusterKind, source: 'weu' }
    await take(listed(at(1), [endpointed('one', host.toUpperCase()), endpointed('three', '10.0.0.4')], told))
    await settled(1)
    expect(await clusters()).toMatchObject([
      { name: 'one', source_id: 'weu', witnesses: ['capi', 'arm'] },
      { name: 'three', witnesses: ['capi'] },
      { name: 'two', witnesses: ['arm'] },
    ])
  })

  it('has each pool once, whoever holds the cluster', async () => {
    const pools = { agentPoolProfiles: [{ name: 'system', mode: 'System', count: 2, provisioningState: 'Succeeded' }] }
    const one = inAzure('one')
    await inArm(0, [{ ...one, properties: { ...one.properties, ...pools } }])
    await settled(0)
    await inCluster(1, 'weu', ['one'])
    await settled(1)
    await inCluster(2, 'neu', ['one'])
    await inCluster(2, 'weu', ['one'], { paused: true })
    await settled(2)
    expect(await rows(sql`select name, source_id, gone_at from node_pool`)).toEqual([
      { name: 'system', source_id: 'neu', gone_at: null },
    ])
  })

  it('what a removed management cluster declared is what Azure has of it', async () => {
    await inCluster(0, 'weu', ['one'])
    await inArm(0, [inAzure('one')])
    await settled(0)
    const [before] = await clusters()
    await registerSources(store.db, sources.slice(1), at(1))
    await settled(1)
    expect(await clusters()).toMatchObject([{ id: before?.id, source_id: azure, kind: armClusterKind, gone: false }])
    await registerSources(store.db, sources, at(2))
    await settled(2)
    expect(await clusters()).toMatchObject([{ id: before?.id, source_id: 'weu', kind: clusterKind, gone: false }])
  })

  it('comes to the same clusters in whatever order the witnesses speak, and however often they are settled', async () => {
    const steps = [
      () => inCluster(1, 'weu', ['one', 'two']),
      () => inCluster(1, 'neu', ['two', 'three']),
      () => inArm(1, [inAzure('one'), inAzure('two'), inAzure('four')]),
    ]
    const summary = () =>
      rows(sql`select c.name, c.kind, c.source_id, c.witnesses, c.state,
          (select json_agg(b.claim order by b.claim) from binding b where b.cluster_id = c.id and not starts_with(b.claim, 'id:')) as claims,
          (select count(*)::int from object o where o.cluster_id = c.id) as objects
        from cluster c where c.gone_at is null order by c.name`)
    for (const step of steps) await step()
    await settled(2)
    const expected = await summary()
    expect(expected).toMatchObject([{ name: 'four' }, { name: 'one' }, { name: 'three' }, { name: 'two' }])
    const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 })
    const between = fc.array(fc.boolean(), { minLength: 3, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(order, between, async (turns, pauses) => {
        await clear(store)
        await registerSources(store.db, sources, at(0))
        for (const [n, turn] of turns.entries()) {
          await steps[turn]?.()
          if (pauses[n]) await settled(1)
        }
        await settled(2)
        expect(await summary()).toEqual(expected)
        expect(await rows(sql`select from unsettled`)).toEqual([])
      }),
      { numRuns: 12 },
    )
  })

  it('counts one of two Clusters that mean one AKS cluster, and its pools once', async () => {
    const told = { source: 'neu' }
    await take(listed(at(0), [cluster('one'), cluster('two')], { ...told, kind: clusterKind }))
    const operated = [managedCluster('one', 'a'), managedCluster('two', 'a')]
    await take(listed(at(0), operated, { ...told, kind: managedClusterKind }))
    const deployments = [deployment('one-md', { cluster: 'one' }), deployment('two-md', { cluster: 'two' })]
    await take(listed(at(0), deployments, { ...told, kind: deploymentKind }))
    await inArm(0, [inAzure('a', { pools: ['system'] })])
    await settled(0)
    const [one, ...others] = await rows(sql`select id, source_id, name, workers_desired, disagreements from cluster`)
    expect(one).toMatchObject({ source_id: 'neu', name: 'one', workers_desired: 5 })
    expect(one?.disagreements).toContainEqual(expect.objectContaining({ field: 'managementCluster' }))
    expect(others).toEqual([])
    expect(await rows(sql`select name from node_pool where gone_at is null order by name`)).toEqual([
      { name: 'one-md' },
      { name: 'system' },
    ])
    const lasting = ['capi:neu/fleet/one', 'capi:neu/fleet/two', armClaimOf('a')]
    expect((await claims()).filter((claim) => !claim.startsWith('id:'))).toEqual(lasting.toSorted())
    expect(await rows(sql`select distinct cluster_id as id from binding`)).toEqual([{ id: one?.id }])
  })

  it('counts one of two Clusters of two namespaces that mean one AKS cluster', async () => {
    const world = await World.in(store)
    world.declares('neu', { name: 'one', aks: 'a' }, { name: 'two', aks: 'a', namespace: 'other' })
    world.runs('a')
    await world.hears('neu', azure)
    expect(await world.deviations()).toEqual([])
    const [one] = await rows(sql`select workers_desired, disagreements from cluster where gone_at is null`)
    expect(one?.workers_desired).toBe(5)
    expect(one?.disagreements).toContainEqual(expect.objectContaining({ field: 'managementCluster' }))
  })

  it('takes a pool that only Azure lists along to where the cluster is declared', async () => {
    const world = await World.in(store)
    world.runs('a')
    await world.hears(azure)
    world.declares('neu', { name: 'a' })
    await world.hears('neu')
    expect(await world.deviations()).toEqual([])
    const pools = sql`select source_id from node_pool where name = 'system' and gone_at is null`
    expect(await rows(pools)).toEqual([{ source_id: 'neu' }])
  })
})
