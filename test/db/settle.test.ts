import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { settle } from '../../db/settle.ts'
import { registerSources } from '../../db/source.ts'
import type { Delivery } from '../../fleet/delivery.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { at, caughtUp, cluster, deployment, listed, owned, page, pushed, refOf } from './wire.ts'

const clusterKind: KindKey = 'cluster.x-k8s.io/Cluster'
const source = {
  id: 'weu',
  type: 'managementCluster',
  parentId: null,
  polled: true,
  armId: null,
  region: 'westeurope',
  labels: { ring: '2' },
  everyMs: 60_000,
  staleAfterMs: 3 * 60_000,
} as const

describe.each(engines)('settle on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(async () => {
    await clear(store)
    await registerSources(store.db, [source], at(0))
  })
  afterAll(() => store.close())

  const take = (delivery: Delivery) => ingest(store.db, delivery, { receivedAt: delivery.observedAt })
  const rows = (statement: ReturnType<typeof sql>) => rowsOf<Record<string, unknown>>(store.db, statement)
  const clusters = () => rows(sql`select * from cluster order by name`)
  const history = async () =>
    (
      await rowsOf<{ line: string }>(
        store.db,
        sql`select c.what || ' ' || subject || ' ' || coalesce(c.facts #>> '{state,0}', '-') || ' > ' ||
      coalesce(c.facts #>> '{state,1}', '-') as line from change c order by cursor`,
      )
    ).map(({ line }) => line)
  const versions = () =>
    rows(sql`select 'k' as t, id::text || xmin::text as row from cluster union all select 'p', id::text || xmin::text from node_pool
      union all select 'b', claim || xmin::text from binding union all select 'o', id::text || xmin::text from object
      union all select 'h', cursor::text from change order by 1, 2`)

  it('says when all clusters of a source were composed for the first time, once', async () => {
    const composedAt = async () =>
      (
        await rowsOf<{ at: string | Date | null }>(
          store.db,
          sql`select composed_at as at from reading where kind = ${clusterKind}`,
        )
      ).map(({ at: instant }) => instant && new Date(instant))
    // Pages are not the whole, whatever is composed of them.
    await take(page(at(0), 0, [cluster('one')], { kind: clusterKind }))
    await settle(store.db, at(0))
    expect([(await clusters()).length, await composedAt()]).toEqual([1, [null]])
    await take(listed(at(1), [cluster('one'), cluster('two')], { kind: clusterKind }))
    expect(await settle(store.db, at(1), { limit: 0 })).toMatchObject({ left: 1 })
    expect(await composedAt()).toEqual([null])
    await settle(store.db, at(2))
    expect(await composedAt()).toEqual([at(2)])
    await take(listed(at(3), [cluster('one')], { kind: clusterKind }))
    await settle(store.db, at(4))
    expect(await composedAt()).toEqual([at(2)])
  })

  it('a source without any cluster has composed them all', async () => {
    await take(listed(at(0), [], { kind: clusterKind }))
    await settle(store.db, at(1))
    expect(await rows(sql`select kind from reading where composed_at is not null`)).toHaveLength(1)
    const before = await rows(sql`select xmin::text from reading`)
    await settle(store.db, at(2))
    expect(await rows(sql`select xmin::text from reading`)).toEqual(before)
  })

  it('composes clusters from their members, once', async () => {
    await take(listed(at(0), [cluster('one', { labels: { environment: 'prod' } })], { kind: clusterKind }))
    await take(listed(at(0), [deployment('md-0'), deployment('md-1', { cluster: 'orphan' })]))
    expect(await settle(store.db, at(1))).toEqual({ judged: 0, composed: 2, left: 0 })
    expect(await clusters()).toMatchObject([
      { name: 'one', environment: 'prod', ring: '2', region: 'westeurope', gone_at: null, workers_desired: 3 },
      { name: 'orphan', object_id: null, gone_at: null },
    ])
    expect(
      await rows(sql`select name, version_declared, declared_minor, replicas_ready from node_pool order by name`),
    ).toMatchObject([
      { name: 'md-0', version_declared: 'v1.33.4', declared_minor: 33, replicas_ready: 3 },
      { name: 'md-1' },
    ])
    expect(await rows(sql`select claim from binding b join cluster c on c.id = b.cluster_id order by claim`)).toEqual([
      { claim: 'capi:weu/fleet/one' },
      { claim: 'capi:weu/fleet/orphan' },
    ])
    const [linked] = await rows(sql`select count(*)::int as n from object o join cluster c on c.id = o.cluster_id`)
    expect(linked).toEqual({ n: 3 })
    // Again: nothing to do. Marked without reason: nothing to write.
    expect(await settle(store.db, at(2))).toEqual({ judged: 0, composed: 0, left: 0 })
    const before = await versions()
    await store.db.execute(
      sql`insert into unsettled (source_id, cluster_id, owner_namespace, owner_name) select source_id, id, namespace, name from cluster`,
    )
    expect(await settle(store.db, at(2))).toMatchObject({ composed: 2 })
    expect(await versions()).toEqual(before)
  })

  it('follows a cluster through trouble, death and return, under one id', async () => {
    const kind = clusterKind
    await take(listed(at(0), [cluster('one')], { kind }))
    await take(listed(at(0), [deployment('md-0')]))
    await settle(store.db, at(0))
    const [born] = await clusters()
    await take(pushed(at(1), [cluster('one', { available: 'False' })], { kind }))
    await settle(store.db, at(1))
    expect((await clusters())[0]).toMatchObject({ id: born?.id, state_since: expect.stringContaining('12:01:00') })
    expect((await clusters())[0]?.state).not.toBe('Healthy')
    // The Cluster object goes: the cluster is gone, whatever parts linger, and its row stays.
    await take(listed(at(2), [], { kind }))
    await settle(store.db, at(2))
    expect((await clusters())[0]).toMatchObject({ id: born?.id, gone_at: expect.stringContaining('12:02:00') })
    expect(await rows(sql`select name from node_pool where gone_at is null`)).toEqual([])
    await take(pushed(at(3), [deployment('md-0', { ready: 1 })]))
    await settle(store.db, at(3))
    expect((await clusters())[0]?.gone_at).not.toBeNull()
    await take(listed(at(4), [cluster('one')], { kind }))
    await settle(store.db, at(4))
    expect((await clusters())[0]).toMatchObject({ id: born?.id, gone_at: null })
    expect((await history()).filter((line) => line.includes('cluster')).map((line) => line.split(' ')[0])).toEqual([
      'appeared',
      'changed',
      'gone',
      'returned',
    ])
  })

  it('tombstones a pool that left its cluster', async () => {
    await take(listed(at(0), [cluster('one')], { kind: clusterKind }))
    await take(listed(at(0), [deployment('md-0'), deployment('md-1')]))
    await settle(store.db, at(0))
    await take(caughtUp(at(1), [], { gone: [refOf('md-1')] }))
    await settle(store.db, at(1))
    expect(await rows(sql`select name, gone_at is null as there from node_pool order by name`)).toEqual([
      { name: 'md-0', there: true },
      { name: 'md-1', there: false },
    ])
  })

  it('ages health by the clock alone', async () => {
    // The controller lags behind: a change at first, Stale when it has for too long (domain.md 3.3, rules 6 and 7).
    await take(
      listed(
        at(0),
        [deployment('md-0', { generation: 2, observed: 1, more: [] })].map((object) => ({
          ...object,
          status: {
            ...object.status,
            conditions: object.status.conditions.map((c) => ({ ...c, observedGeneration: 1 })),
          },
        })),
      ),
    )
    const state = async () => (await rows(sql`select state, holds_until from object`))[0]
    expect(await state()).toMatchObject({ state: 'Progressing', holds_until: expect.stringContaining('12:10:00') })
    expect(await settle(store.db, at(9, 59))).toMatchObject({ judged: 0 })
    expect(await settle(store.db, at(10))).toMatchObject({ judged: 1 })
    expect(await state()).toMatchObject({ state: 'Stale' })
    expect(await history()).toContain('changed object Progressing > Stale')
    expect(await settle(store.db, at(10, 1))).toMatchObject({ judged: 0, composed: 0 })
  })

  it('tells clusters when a kind falls silent, and when it comes back', async () => {
    await take(listed(at(0), [cluster('one')], { kind: clusterKind }))
    await take(listed(at(0), [deployment('md-0')]))
    await settle(store.db, at(0))
    expect((await clusters())[0]).toMatchObject({ state: 'Healthy' })
    await take(caughtUp(at(2), [], { kind: clusterKind }))
    expect(await settle(store.db, at(3))).toMatchObject({ composed: 1 })
    expect((await clusters())[0]?.flags).toContain('partlyStale')
    await settle(store.db, at(6))
    expect((await clusters())[0]).toMatchObject({ state: 'Stale' })
    await take(caughtUp(at(7), [], { kind: clusterKind }))
    await take(caughtUp(at(7), []))
    expect(await settle(store.db, at(7))).toMatchObject({ composed: 1 })
    expect((await clusters())[0]).toMatchObject({ state: 'Healthy', flags: [] })
  })

  it('gives children the cluster of their parents, whichever came first', async () => {
    const clusterOf = async (name: string) =>
      (await rows(sql`select k.name from object o join cluster k on k.id = o.cluster_id where o.name = ${name}`))[0]
        ?.name ?? null
    const thing: KindKey = 'example.org/Thing'
    const part: KindKey = 'example.org/Part'
    const parts = [owned('Part', 'part', { kind: 'Thing', name: 'thing' })]
    const things = [owned('Thing', 'thing', { kind: 'MachineDeployment', name: 'md-0' })]
    // Grandchild, child, parent: each before the one it belongs to.
    await take(listed(at(0), parts, { kind: part }))
    await take(listed(at(0), things, { kind: thing }))
    await settle(store.db, at(0))
    expect(await clusterOf('part')).toBeNull()
    await take(listed(at(0), [deployment('md-0'), deployment('md-1', { cluster: 'two' })]))
    await settle(store.db, at(0))
    expect([await clusterOf('thing'), await clusterOf('part')]).toEqual(['one', 'one'])
    // A child that comes after its parent belongs at once.
    await take(pushed(at(1), [owned('Part', 'late', { kind: 'MachineDeployment', name: 'md-1' })], { kind: part }))
    expect(await clusterOf('late')).toBe('two')
    // The parent moves, and takes its own along.
    await take(pushed(at(2), [deployment('md-0', { cluster: 'two' })]))
    await settle(store.db, at(2))
    await settle(store.db, at(2))
    expect([await clusterOf('thing'), await clusterOf('part')]).toEqual(['two', 'two'])
  })

  it('may run twice at once, and beside deliveries', async () => {
    const names = Array.from({ length: 30 }, (_, n) => `c${n}`)
    await take(
      listed(
        at(0),
        names.map((name) => cluster(name)),
        { kind: clusterKind },
      ),
    )
    await Promise.all([
      settle(store.db, at(1)),
      settle(store.db, at(1)),
      take(
        listed(
          at(1),
          names.map((name) => deployment(`md-${name}`, { cluster: name })),
        ),
      ),
      take(
        pushed(
          at(1),
          names.map((name) => cluster(name, { available: 'False' })),
          { kind: clusterKind },
        ),
      ),
      settle(store.db, at(1)),
    ])
    await settle(store.db, at(1))
    expect(await rows(sql`select count(*)::int as n from unsettled`)).toEqual([{ n: 0 }])
    expect(
      await rows(
        sql`select count(*)::int as n, count(distinct state)::int as states from cluster where workers_desired = 3`,
      ),
    ).toEqual([{ n: 30, states: 1 }])
    expect((await history()).filter((line) => line.startsWith('appeared cluster'))).toHaveLength(30)
  })

  it('stops at its limit and says so', async () => {
    await take(
      listed(
        at(0),
        Array.from({ length: 250 }, (_, n) => deployment(`md-${n}`, { cluster: `c${n}` })),
      ),
    )
    expect(await settle(store.db, at(1), { limit: 200 })).toEqual({ judged: 0, composed: 200, left: 1 })
    expect(await settle(store.db, at(1))).toEqual({ judged: 0, composed: 50, left: 0 })
  })
})
