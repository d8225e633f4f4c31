import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { catchUp } from '../../../functions/sources/watch.ts'
import type { Fault } from '../../world/api/fault.ts'
import { clusters, type FakeCluster, quietConnections, reach, served, startFakeCluster } from './fake-cluster.ts'

const connections = quietConnections()
let cluster: FakeCluster

beforeEach(async () => {
  cluster = await startFakeCluster()
})
afterEach(async () => {
  await cluster.server.close()
})
afterAll(() => connections.close())

async function catchUpFrom(cursor: string, limits = {}) {
  const kube = await reach(connections, cluster.kubeconfig(), {
    watchSeconds: 1,
    patienceMs: 0,
    watchGraceMs: 300,
    ...limits,
  })
  return catchUp(kube, served(clusters), cursor, { bytes: 0 })
}
const cursorNow = () => String(cluster.storage.revision)

describe('catch-up', () => {
  test('nothing new: the cursor stays', async () => {
    const cursor = cursorNow()
    expect(await catchUpFrom(cursor)).toMatchObject({
      as: 'delivery',
      delivery: { objects: [], gone: [], proof: { as: 'caughtUp', cursor } },
    })
  })

  test('gives the last state of what changed, and what was deleted', async () => {
    cluster.put(clusters, 'old')
    const cursor = cursorNow()
    cluster.put(clusters, 'a', { spec: { paused: false } })
    cluster.put(clusters, 'a', { spec: { paused: true } })
    cluster.put(clusters, 'brief')
    cluster.storage.delete(clusters, 'default', 'brief')
    cluster.storage.delete(clusters, 'default', 'old')
    cluster.put(clusters, 'old')
    setTimeout(() => cluster.put(clusters, 'late'), 300)
    const caught = await catchUpFrom(cursor)
    expect(caught).toMatchObject({ as: 'delivery', delivery: { proof: { cursor: cursorNow() } } })
    if (caught.as !== 'delivery') throw new Error('not caught up')
    const { objects, gone } = caught.delivery
    expect(objects.map((object) => (object as { metadata: { name: string } }).metadata.name).sort()).toEqual([
      'a',
      'late',
      'old',
    ])
    expect(objects).toContainEqual(expect.objectContaining({ spec: { paused: true } }))
    expect(gone).toEqual([{ group: 'cluster.x-k8s.io', kind: 'Cluster', namespace: 'default', name: 'brief' }])
  })

  test.each<[string, Fault]>([
    ['410 as an answer', { fault: 'gone', as: 'http' }],
    ['410 as an event', { fault: 'gone', as: 'event' }],
    ['no right to watch', { fault: 'forbidden', verbs: ['watch'] }],
    ['a stream that broke off', { fault: 'reset' }],
    ['a server that says nothing', { fault: 'silent' }],
    ['500', { fault: 'error', code: 500 }],
  ])('%s proves nothing: LIST', async (_name, fault) => {
    cluster.faults.add(fault)
    expect(await catchUpFrom(cursorNow())).toEqual({ as: 'relist' })
  })

  test('a server that shuts down ends its watches properly, but too early', async () => {
    const caught = catchUpFrom(cursorNow(), { watchSeconds: 2 })
    await new Promise((resolve) => setTimeout(resolve, 200))
    await cluster.server.refuse()
    expect(await caught).toEqual({ as: 'relist' })
    await cluster.server.accept()
  })

  test('more events than we hold: LIST', async () => {
    const cursor = cursorNow()
    for (let i = 0; i < 20; i++) cluster.put(clusters, `c${i}`)
    expect(await catchUpFrom(cursor, { watchEvents: 10 })).toEqual({ as: 'relist' })
    expect(await catchUpFrom(cursor, { watchBytes: 1_000 })).toEqual({ as: 'relist' })
    expect(await catchUpFrom(cursor)).toMatchObject({ as: 'delivery' })
  })

  test('an event over the byte cap: LIST', async () => {
    const cursor = cursorNow()
    cluster.put(clusters, 'small')
    cluster.put(clusters, 'big', { spec: { filler: 'x'.repeat(9 * 1024 * 1024) } })
    expect(await catchUpFrom(cursor, { watchGraceMs: 10_000 })).toEqual({ as: 'relist' })
  })

  test('429 is trouble: a LIST would cost the server more', async () => {
    cluster.faults.add({ fault: 'throttled', retryAfterSeconds: 9 })
    expect(await catchUpFrom(cursorNow())).toMatchObject({
      as: 'trouble',
      trouble: { code: 'Throttled', retryAfterMs: 9_000 },
    })
  })
})
