import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { rowsOf } from '../../../../db/client.ts'
import { ingest } from '../../../../db/ingest.ts'
import { settle } from '../../../../db/settle.ts'
import { objectIdOf } from '../../../../fleet/reference.ts'
import { armError, managedCluster, startFakeArm, subscription } from './fake-arm.ts'
import { absences, arm, isList, logged, now, poll, present, put, reading, store } from './polled-account.ts'

const source = `corp/${subscription}`
const names = (n: number) => Array.from({ length: n }, (_, i) => `c${String(i).padStart(3, '0')}`)

describe('a subscription', () => {
  test('costs one list per poll, however many clusters it has, and nothing is written while nothing changes', async () => {
    for (const name of names(300)) put(name)
    expect(await poll()).toMatchObject({ trouble: null, tally: { observed: 300, changed: 300 } })
    const again = await poll()
    expect(again.asked).toEqual([
      `GET /subscriptions/${subscription}/providers/Microsoft.ContainerService/managedClusters`,
    ])
    expect(again.tally).toMatchObject({ observed: 300, changed: 0, gone: 0, deliveries: 1 })
  })

  test('is read over several pages, with an id in another case and one named twice', async () => {
    const [a, b] = [managedCluster('a'), managedCluster('b')]
    arm.say = ({ path, query }) =>
      isList(path)
        ? query.has('page')
          ? { body: { value: [b, { ...a, id: a.id.toUpperCase() }] } }
          : { body: { value: [a], nextLink: `${arm.url}${path}?page=2` } }
        : undefined
    for (let n = 0; n < 2; n++) {
      expect((await poll()).trouble).toBeNull()
      expect(await present()).toEqual(['a', 'b'])
      expect(await reading()).toMatchObject({ code: null, verified: true })
    }
  })

  test('keeps a cluster of an unknown state, and one that is malformed harms no neighbour', async () => {
    put('a', { provisioningState: 'Hibernating' })
    put('b')
    arm.clusters.set('odd', { ...managedCluster('c'), properties: 'unreadable' })
    expect((await poll()).trouble).toBeNull()
    expect(await present()).toEqual(['a', 'b', 'c'])
    expect((await reading())?.rejected).toHaveLength(1)
  })

  test.each([
    '/garbage',
    `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/x`,
  ])('an item whose id is no managed cluster’s is none, and harms no neighbour: %s', async (id) => {
    for (const name of ['a', 'b']) put(name)
    // As an earlier Rollcall took it for one.
    const before = { group: 'Microsoft.ContainerService', kind: 'managedClusters', namespace: '', name: id }
    await poll()
    await store.db.execute(sql`update object set name = ${id}, id = ${objectIdOf(source, before)}
        where name like '%/b' and source_id = ${source}`)
    put('b')
    arm.clusters.set(`${id} ${subscription}`, { ...managedCluster('x'), id })
    arm.say = ({ path }) => (isList(path) ? { body: { value: [...arm.clusters.values()] } } : undefined)
    expect(await poll()).toMatchObject({ trouble: null, tally: { gone: 1, rejected: 1 } })
    expect(await present()).toEqual(['a', 'b'])
    expect(await reading()).toMatchObject({
      code: null,
      rejected: [{ why: `id is "${id}", not a managed cluster's` }],
      verified: true,
    })
    arm.clusters.delete(managedCluster('b').id)
    expect((await poll()).tally.gone).toBe(1)
    expect(await present()).toEqual(['a'])
  })

  test('does not hold what is listed of another one', async () => {
    put('a')
    arm.say = ({ path }) =>
      isList(path)
        ? { body: { value: [managedCluster('a'), managedCluster('x', {}, '33333333-3333-4333-8333-333333333333')] } }
        : undefined
    await poll()
    expect(await present()).toEqual(['a'])
    expect((await reading())?.rejected).toMatchObject([{ why: expect.stringContaining('where it is not') }])
  })
})

describe('what a list no longer names', () => {
  test('is gone once Azure says so, by its id', async () => {
    for (const name of names(3)) put(name)
    await poll()
    arm.clusters.delete(managedCluster('c001').id)
    const { tally, trouble, asked } = await poll()
    expect([tally.gone, trouble, asked.length]).toEqual([1, null, 2])
    expect(await present()).toEqual(['c000', 'c002'])
    expect((await poll()).asked).toHaveLength(1)
    put('c001')
    expect((await poll()).tally.changed).toBe(1)
    expect(await present()).toHaveLength(3)
  })

  test('is gone, too, when it was the last', async () => {
    put('a')
    await poll()
    arm.clusters.clear()
    expect(await poll()).toMatchObject({ trouble: null, tally: { gone: 1 } })
    expect(await present()).toEqual([])
  })

  test('stays when it is there after all, and the list is said not to be whole', async () => {
    for (const name of names(5)) put(name)
    await poll()
    arm.say = ({ path }) => (isList(path) ? { body: { value: [managedCluster('c000')] } } : undefined)
    const { tally, trouble } = await poll()
    expect([trouble, tally.observed, tally.gone]).toEqual([null, 5, 0])
    expect(await present()).toHaveLength(5)
    expect(await reading()).toMatchObject({
      code: 'Partial',
      message: expect.stringMatching(/4 known clusters are missing.*Reader/),
      verified: true,
    })
    await poll()
    // A list that proves nothing is no end of it.
    arm.say = ({ path }) => (isList(path) ? { body: { value: [] } } : armError(403, 'AuthorizationFailed'))
    for (let n = 0; n < 2; n++) expect((await poll()).trouble?.code).toBe('Forbidden')
    arm.say = () => undefined
    for (let n = 0; n < 2; n++) {
      await poll()
      expect(await reading()).toMatchObject({ code: null })
    }
    // Its beginning and its end are said once each.
    expect(logged.filter(({ level }) => level === 'warn')).toEqual([
      { level: 'warn', source, code: 'Partial', message: expect.stringContaining('4 known clusters are missing') },
      { level: 'warn', source, message: expect.stringContaining('whole again') },
    ])
  })

  test('stays, unread, when only it may not be read', async () => {
    for (const name of names(3)) put(name)
    await poll()
    arm.say = ({ path }) =>
      isList(path)
        ? { body: { value: [managedCluster('c000'), managedCluster('c001')] } }
        : path.endsWith('/c002')
          ? armError(403, 'AuthorizationFailed')
          : undefined
    expect((await poll()).trouble).toBeNull()
    expect(await present()).toHaveLength(3)
    expect(await reading()).toMatchObject({
      code: 'Partial',
      message: expect.stringMatching(/1 known clusters are missing.*403/),
      rejected: [{ ref: { name: managedCluster('c002').id.toLowerCase() }, why: expect.stringContaining('c002') }],
      verified: true,
    })
  })

  test('a role that was lost is trouble of the source, and proves nothing', async () => {
    for (const name of names(30)) put(name)
    await poll()
    arm.say = ({ path }) => (isList(path) ? { body: { value: [] } } : armError(403, 'AuthorizationFailed'))
    const { trouble, asked } = await poll()
    expect(trouble).toMatchObject({
      code: 'Forbidden',
      message: expect.stringMatching(/empty: 30 known clusters.*Reader/),
    })
    expect(await present()).toHaveLength(30)
    expect((await reading())?.verified).toBe(false)
    // Who may not read a few may not read the rest.
    expect(asked.length).toBeLessThan(12)
  })

  test('is asked for within bounds: the rest stays until its turn', async () => {
    for (const name of names(130)) put(name)
    await poll()
    arm.clusters.clear()
    put('c000')
    const first = await poll()
    expect([first.tally.gone, first.trouble, first.asked.length]).toEqual([100, null, 101])
    expect(await present()).toHaveLength(30)
    expect(await reading()).toMatchObject({ code: 'Partial', message: expect.stringContaining('29 known clusters') })
    const second = await poll()
    expect([second.tally.gone, await present()]).toEqual([29, ['c000']])
    expect(await reading()).toMatchObject({ code: null, rejected: [] })
  })

  test('waits when Azure throttles, for as long as it asks', async () => {
    for (const name of names(3)) put(name)
    await poll()
    arm.clusters.delete(managedCluster('c002').id)
    arm.say = ({ path }) => (path.endsWith('/c002') ? armError(429, 'Throttled', { 'retry-after': '60' }) : undefined)
    expect((await poll()).trouble).toMatchObject({ code: 'Throttled', retryAfterMs: 60_000 })
    expect(await present()).toHaveLength(3)
    // The rest was read.
    expect(await reading()).toMatchObject({ code: 'Partial', verified: true })
  })

  test.each<[string, () => ReturnType<typeof arm.say>]>([
    ['a page without value', () => ({ body: {} })],
    ['429', () => armError(429, 'Throttled')],
    ['401', () => armError(401, 'ExpiredAuthenticationToken')],
    ['403', () => armError(403, 'AuthorizationFailed')],
    ['an unknown subscription', () => armError(404, 'SubscriptionNotFound')],
    ['silence', () => ({ body: null })],
  ])('%s deletes nothing', async (_name, told) => {
    for (const name of names(3)) put(name)
    await poll()
    arm.say = ({ path }) => (isList(path) ? told() : undefined)
    const { trouble, asked } = await poll(undefined, { limits: { requestMs: 300 } })
    expect(trouble?.message).toContain(source)
    expect([await present(), asked.length]).toEqual([names(3), 1])
    arm.say = () => undefined
    expect((await poll()).trouble).toBeNull()
  })

  test('a list that leads elsewhere halfway deletes nothing, and what it did list is kept', async () => {
    for (const name of names(3)) put(name)
    await poll()
    const stranger = await startFakeArm()
    const moved = managedCluster('c000', { provisioningState: 'Upgrading' })
    arm.say = ({ path }) => (isList(path) ? { body: { value: [moved], nextLink: `${stranger.url}/next` } } : undefined)
    expect(await poll()).toMatchObject({ trouble: { code: 'BadAnswer' }, tally: { changed: 1, gone: 0 } })
    expect([await present(), stranger.asked]).toEqual([names(3), []])
    await stranger.close()
  })
})

describe('what somebody declares and Azure never listed', () => {
  /** A management cluster's word for a managed cluster. Gives the cluster's id. */
  async function declare(name: string): Promise<string> {
    const [, , subscriptionID, , resourceGroupName] = managedCluster(name).id.split('/')
    const group = 'infrastructure.cluster.x-k8s.io'
    const kind = 'AzureManagedControlPlane'
    const labels = { 'cluster.x-k8s.io/cluster-name': name }
    const metadata = { name, namespace: 'fleet', uid: name, resourceVersion: '1', labels }
    const objects = [{ apiVersion: `${group}/v1beta1`, kind, metadata, spec: { subscriptionID, resourceGroupName } }]
    const told = {
      source: 'weu',
      kind: `${group}/${kind}`,
      observedAt: now(),
      objects,
      gone: [],
      rejected: [],
    } as const
    await ingest(store.db, { ...told, proof: { as: 'delta' } }, { receivedAt: now() })
    await settle(store.db, now())
    const [row] = await rowsOf<{ id: string }>(store.db, sql`select id from cluster where name = ${name}`)
    return row?.id ?? ''
  }

  test('is asked for by its id, at most once an hour, and kept as absent', async () => {
    put('a')
    await declare('ghost')
    expect((await poll()).asked.filter((each) => each.endsWith('/ghost'))).toHaveLength(1)
    expect(await absences()).toEqual([{ id: 'ghost', first: 15, last: 15 }])
    for (let n = 0; n < 3; n++) expect((await poll()).asked).toHaveLength(1)
    expect((await poll()).asked).toHaveLength(2)
    expect(await absences()).toEqual([{ id: 'ghost', first: 15, last: 75 }])
    for (let n = 0; n < 4; n++) await poll()
    expect(await absences()).toEqual([{ id: 'ghost', first: 15, last: 135 }])
    put('ghost')
    expect((await poll()).trouble).toBeNull()
    expect([await absences(), await present()]).toEqual([[], ['a', 'ghost']])
  })

  test('is found by its id where the list is late, and that is no trouble', async () => {
    put('a')
    put('late')
    await declare('late')
    arm.say = ({ path }) => (isList(path) ? { body: { value: [managedCluster('a')] } } : undefined)
    expect((await poll()).trouble).toBeNull()
    expect(await present()).toEqual(['a', 'late'])
    expect(await reading()).toMatchObject({ code: null, rejected: [] })
  })

  test('that may not be read is said, and hurts nothing else', async () => {
    put('a')
    await declare('secret')
    arm.say = ({ path }) => (path.endsWith('/secret') ? armError(403, 'AuthorizationFailed') : undefined)
    expect((await poll()).trouble).toBeNull()
    expect(await reading()).toMatchObject({ code: null, rejected: [{ why: expect.stringContaining('secret') }] })
    expect(await absences()).toEqual([])
  })

  test('is forgotten once nobody declares it', async () => {
    put('a')
    const id = await declare('ghost')
    await poll()
    await store.db.execute(sql`update cluster set gone_at = now() where id = ${id}`)
    await poll()
    expect(await absences()).toEqual([])
  })
})
