import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { settle } from '../../db/settle.ts'
import { registerSources } from '../../db/source.ts'
import type { Delivery } from '../../fleet/delivery.ts'
import { clusterKind } from '../../fleet/reference.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { asker } from '../schema/ask.ts'
import { at, cluster, listed, refOf } from './wire.ts'

const weu = {
  id: 'weu',
  type: 'managementCluster',
  region: null,
  labels: {},
  everyMs: 60_000,
  staleAfterMs: 180_000,
} as const

describe.each(engines)('what a listing names but could not read on %s', (engine) => {
  let store: Store
  let now = at(0)
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(async () => {
    await clear(store)
    await registerSources(store.db, [{ ...weu, parentId: null, polled: true, armId: null }], at(0))
  })
  afterAll(() => store.close())

  const take = (delivery: Delivery) => ingest(store.db, delivery, { receivedAt: delivery.observedAt })
  const list = async (minute: number, names: readonly string[], unread: readonly string[] = []) => {
    now = at(minute)
    const rejected = unread.map((name) => ({ ref: refOf(name, clusterKind), why: 'over the size limit' }))
    await take(
      listed(
        now,
        names.map((name) => cluster(name)),
        { kind: clusterKind, rejected },
      ),
    )
    await store.db.execute(sql`update source set last_success_at = ${now.toISOString()}`)
    await settle(store.db, now)
  }
  const answers = async () => {
    const { data } = await asker(store.db, () => now).ask(
      '{ clusters(orderBy: {field: NAME}) { nodes { name health { state underlying } freshness { state observedAt } } } resources { nodes { name freshness { state } health { state } } } }',
    )
    const told = data.clusters.nodes.map(
      (one: { name: string; freshness: { state: string; observedAt: string }; health: { state: string } }) =>
        `${one.name} ${one.freshness.state} ${one.health.state} ${one.freshness.observedAt.slice(11, 16)}`,
    )
    return {
      told,
      objects: data.resources.nodes.map(
        (one: { name: string; freshness: { state: string } }) => `${one.name} ${one.freshness.state}`,
      ),
    }
  }

  it('is unreadable at once and stale after the limit, while its neighbours stay fresh', async () => {
    await list(0, ['one', 'two'])
    await list(1, ['one', 'two'])
    expect((await answers()).told).toEqual(['one FRESH HEALTHY 12:01', 'two FRESH HEALTHY 12:01'])
    for (const minute of [2, 3]) {
      await list(minute, ['one'], ['two'])
      expect((await answers()).told).toEqual([`one FRESH HEALTHY 12:0${minute}`, 'two UNREADABLE HEALTHY 12:01'])
    }
    await list(4, ['one'], ['two'])
    expect(await answers()).toEqual({
      told: ['one FRESH HEALTHY 12:04', 'two STALE STALE 12:01'],
      objects: ['one FRESH', 'two STALE'],
    })
    const [row] = await rowsOf<{ state: string }>(store.db, sql`select state from cluster where name = 'two'`)
    expect(row?.state).toBe('Stale')
    await list(5, ['one', 'two'])
    expect((await answers()).told).toEqual(['one FRESH HEALTHY 12:05', 'two FRESH HEALTHY 12:05'])
  })
})
