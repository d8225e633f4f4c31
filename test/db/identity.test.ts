import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { settle } from '../../db/settle.ts'
import { registerSources } from '../../db/source.ts'
import type { Delivery } from '../../fleet/delivery.ts'
import { armClusterKind, clusterKind, type KindKey } from '../../fleet/reference.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { at, cluster, listed } from './wire.ts'

const controlPlaneKind: KindKey = 'infrastructure.cluster.x-k8s.io/AzureManagedControlPlane'
const subscription = '11111111-1111-4111-8111-111111111111'
const azure = `corp/${subscription}`
const armIdOf = (name: string) =>
  `/subscriptions/${subscription}/resourceGroups/rg-${name}/providers/Microsoft.ContainerService/managedClusters/${name}`

const sourceOf = (id: string, type: 'managementCluster' | 'azure') => ({
  id,
  type,
  region: null,
  labels: {},
  everyMs: 60_000,
  staleAfterMs: 180_000,
  parentId: null,
  polled: true,
  armId: null,
})
const sources = [sourceOf('weu', 'managementCluster'), sourceOf('neu', 'managementCluster'), sourceOf(azure, 'azure')]

/** An AKS cluster as Azure lists it, in Azure's own casing. */
const inAzure = (name: string, { uid = 'uid-1', state = 'Succeeded' } = {}) => ({
  id: armIdOf(name).replace('/resourceGroups/', '/resourcegroups/'),
  name,
  type: 'Microsoft.ContainerService/ManagedClusters',
  location: 'westeurope',
  tags: { environment: 'prod' },
  sku: { name: 'Base', tier: 'Standard' },
  properties: {
    provisioningState: state,
    powerState: { code: 'Running' },
    kubernetesVersion: '1.33.4',
    currentKubernetesVersion: '1.33.4',
    resourceUID: uid,
    agentPoolProfiles: [],
  },
})

const reference = { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'AzureManagedControlPlane' }
const declared = (name: string, { paused = false } = {}) => {
  const made = cluster(name)
  const spec = { controlPlaneRef: { ...reference, name }, ...(paused ? { paused } : {}) }
  return { ...made, metadata: { ...made.metadata, resourceVersion: `${made.metadata.resourceVersion}${paused}` }, spec }
}
const controlPlane = (name: string, { group = `rg-${name}` } = {}) => ({
  apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1',
  kind: 'AzureManagedControlPlane',
  metadata: {
    name,
    namespace: 'fleet',
    uid: `cp-${name}`,
    resourceVersion: `cp-${name}-${group}`,
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { 'cluster.x-k8s.io/cluster-name': name },
  },
  spec: { subscriptionID: subscription, resourceGroupName: group, version: 'v1.33.4', location: 'westeurope' },
  status: { ready: true, initialized: true, version: 'v1.33.4' },
})

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

  const take = (delivery: Delivery) => ingest(store.db, delivery, { receivedAt: delivery.observedAt })
  const rows = (statement: ReturnType<typeof sql>) => rowsOf<Record<string, unknown>>(store.db, statement)
  const clusters = () =>
    rows(
      sql`select id, source_id, kind, name, witnesses, gone_at is not null as gone from cluster order by gone_at nulls first, name`,
    )
  const claims = async () =>
    (await rows(sql`select claim from binding order by claim`)).map(({ claim }) => String(claim))
  const inCluster = async (
    minute: number,
    source: string,
    names: readonly string[],
    given: { paused?: boolean } = {},
  ) => {
    await take(
      listed(
        at(minute),
        names.map((name) => declared(name, given)),
        { kind: clusterKind, source },
      ),
    )
    await take(
      listed(
        at(minute),
        names.map((name) => controlPlane(name)),
        { kind: controlPlaneKind, source },
      ),
    )
  }
  const inArm = (minute: number, objects: readonly unknown[]) =>
    take(listed(at(minute), objects, { kind: armClusterKind, source: azure }))
  const settled = (minute: number) => settle(store.db, at(minute))

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

  it('a cluster that is no longer declared is what Azure has of it, and gone with that', async () => {
    await inCluster(0, 'weu', ['one'])
    await inArm(0, [inAzure('one')])
    await settled(0)
    const [before] = await clusters()
    await inCluster(1, 'weu', [])
    await settled(1)
    expect(await clusters()).toMatchObject([
      { id: before?.id, source_id: azure, kind: armClusterKind, witnesses: ['arm'], gone: false },
    ])
    expect(await rows(sql`select from cluster where declared_until is not null`)).toHaveLength(1)
    await inArm(2, [])
    await settled(2)
    expect(await clusters()).toMatchObject([{ id: before?.id, gone: true }])
  })

  it('takes a cluster made anew under the same id for another one', async () => {
    await inCluster(0, 'weu', ['one'])
    await inArm(0, [inAzure('one'), inAzure('stray')])
    await settled(0)
    const before = await clusters()
    await inArm(1, [inAzure('one', { uid: 'uid-2' }), inAzure('stray', { uid: 'uid-2' })])
    await settled(1)
    const after = await clusters()
    expect(after).toMatchObject([
      { name: 'one', source_id: 'weu', witnesses: ['capi', 'arm'], gone: false },
      { name: 'stray', source_id: azure, gone: false },
      { name: 'one', id: before[0]?.id, gone: true },
      { name: 'stray', id: before[1]?.id, gone: true },
    ])
    expect(new Set(after.map(({ id }) => id)).size).toBe(4)
    await inCluster(2, 'weu', ['one'], { paused: true })
    await inArm(2, [inAzure('one', { uid: 'uid-2', state: 'Upgrading' }), inAzure('stray', { uid: 'uid-2' })])
    await settled(2)
    expect((await clusters()).filter(({ gone }) => gone === false)).toHaveLength(2)
  })

  it('lets go of what turns out to be another cluster after all', async () => {
    await inCluster(0, 'weu', ['one'])
    await inCluster(0, 'neu', ['one'])
    await inArm(0, [inAzure('one')])
    await settled(0)
    const [both] = await clusters()
    expect(await clusters()).toMatchObject([{ name: 'one', gone: false }])
    // Somebody had copied a manifest, and corrects the resource group.
    const corrected = [controlPlane('one', { group: 'rg-other' })]
    const corrects = both?.source_id === 'weu' ? 'neu' : 'weu'
    await take(listed(at(1), corrected, { kind: controlPlaneKind, source: corrects }))
    await settled(1)
    expect(await clusters()).toMatchObject([
      { id: both?.id, source_id: both?.source_id, witnesses: ['capi', 'arm'], gone: false },
      { source_id: corrects, witnesses: ['capi'], gone: false },
    ])
    // The one that counts is corrected, too: what Azure runs is then nobody's.
    await take(
      listed(at(2), [controlPlane('one', { group: 'rg-third' })], {
        kind: controlPlaneKind,
        source: String(both?.source_id),
      }),
    )
    await settled(2)
    expect((await clusters()).map(({ witnesses }) => witnesses)).toEqual(
      expect.arrayContaining([['capi'], ['capi'], ['arm']]),
    )
    expect(await rows(sql`select from unsettled`)).toEqual([])
  })

  it('takes a Cluster made anew under an old name, for another managed cluster, for another one', async () => {
    await inCluster(0, 'weu', ['one'])
    await inArm(0, [inAzure('one')])
    await settled(0)
    const [before] = await clusters()
    await inCluster(1, 'weu', [])
    await settled(1)
    await inCluster(2, 'weu', ['one'])
    const third = [controlPlane('one', { group: 'rg-third' })]
    await take(listed(at(3), third, { kind: controlPlaneKind, source: 'weu' }))
    await settled(3)
    const after = await clusters()
    expect(after).toHaveLength(2)
    expect(after).toContainEqual(
      expect.objectContaining({ id: before?.id, source_id: azure, witnesses: ['arm'], gone: false }),
    )
    expect(after).toContainEqual(expect.objectContaining({ source_id: 'weu', witnesses: ['capi'], gone: false }))
  })

  it('joins by the name of the API server what tells no ARM id', async () => {
    const host = 'one-1a2b3c.hcp.westeurope.azmk8s.io'
    const one = inAzure('one')
    await inArm(0, [{ ...one, properties: { ...one.properties, fqdn: host } }, inAzure('two')])
    const endpointed = (name: string, host: string) => {
      const made = declared(name)
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
})
