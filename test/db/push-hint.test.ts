import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { type Hint, heed, readersOfSubscriptions, seenMs } from '../../db/push/hint.ts'
import { dueSources, registerSources } from '../../db/source.ts'
import { parseFleet } from '../../fleet/configuration.ts'
import { uuidOf } from '../../fleet/reference.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { at, deployment, deploymentKind, listed } from './wire.ts'

const subscriptions = ['11111111-2222-3333-4444-555555555555', '21111111-2222-3333-4444-555555555555']
const { sources } = parseFleet({
  managementClusters: [
    { name: 'weu', inCluster: true, every: '30m' },
    {
      name: 'edge',
      push: { entra: { tenant: subscriptions[0], audience: 'api://rollcall', appId: subscriptions[1] } },
    },
  ],
  azure: [{ name: 'corp', subscriptions, every: '30m' }],
})
const message = (n: number) => uuidOf(n.toString(16).padStart(32, '0'))
const hint = (n: number, over: Partial<Hint> = {}): Hint => ({
  ...{ source: 'edge', message: message(n), kind: deploymentKind, namespace: 'fleet', name: `d-${n}`, ...over },
})

describe.each(engines)('hints on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(async () => {
    await clear(store)
    await registerSources(
      store.db,
      sources.map(({ declaration }) => declaration),
      at(0),
    )
    for (const source of ['weu', 'edge', `corp/${subscriptions[0]}`])
      await ingest(store.db, listed(at(0), [deployment('a')], { source }), { receivedAt: at(0) })
    await store.db.execute(
      sql`update source set last_attempt_at = ${at(0).toISOString()}, due_at = ${at(30).toISOString()}`,
    )
  })
  afterAll(() => store.close())

  const count = async (table: 'push_want' | 'push_seen') =>
    Number((await rowsOf<{ n: string }>(store.db, sql`select count(*) as n from ${sql.identifier(table)}`))[0]?.n)

  it('that come twice at once are one', async () => {
    const heard = await Promise.all([1, 2, 3].map(() => heed(store.db, [hint(1), hint(1, { source: 'weu' })], at(1))))
    expect(heard.reduce((sum, { heeded }) => sum + heeded, 0)).toBe(2)
    expect(heard.flatMap(({ due }) => due)).toEqual(['weu'])
    expect(await count('push_want')).toBe(2)
  })

  it('of one source do not silence the same message to another', async () => {
    expect(await heed(store.db, [hint(1)], at(1))).toMatchObject({ heeded: 1 })
    expect(await heed(store.db, [hint(1, { source: 'weu' })], at(1))).toMatchObject({ heeded: 1, due: ['weu'] })
  })

  it('are known again for two hours, and then forgotten', async () => {
    await heed(store.db, [hint(1)], at(0))
    const later = new Date(at(0).getTime() + seenMs)
    expect(await heed(store.db, [hint(1)], later)).toMatchObject({ heeded: 0 })
    await heed(store.db, [hint(2)], new Date(later.getTime() + 1))
    expect(await count('push_seen')).toBe(1)
  })

  it('that ask an agent for too much are left to its digests', async () => {
    await heed(
      store.db,
      Array.from({ length: 1500 }, (_, n) => hint(n)),
      at(1),
    )
    await heed(store.db, [hint(9999)], at(2))
    expect(await count('push_want')).toBe(1000)
  })

  it('about what a parent reads make the parent due; and nobody where nobody reads it', async () => {
    const readers = await readersOfSubscriptions(store.db, [...subscriptions, 'nobody'])
    expect(Object.fromEntries(readers)).toEqual({
      [subscriptions[0] ?? '']: [`corp/${subscriptions[0]}`],
      [subscriptions[1] ?? '']: [`corp/${subscriptions[1]}`],
    })
    const of = (n: number) => hint(n, { source: `corp/${subscriptions[n]}` })
    // Of the second nothing was ever read.
    expect(await heed(store.db, [of(0), of(1)], at(1))).toEqual({ heeded: 1, due: ['corp'] })
    expect(await heed(store.db, [hint(3, { source: 'nowhere' })], at(1))).toEqual({ heeded: 0, due: [] })
  })

  it('are forgotten once a poll began after them', async () => {
    await heed(store.db, [hint(1, { source: 'weu' })], at(1))
    await store.db.execute(sql`update source set last_attempt_at = ${at(2).toISOString()}, enqueued_at = null`)
    expect(await dueSources(store.db, at(2))).toEqual([])
    await heed(store.db, [hint(2)], at(3))
    expect(await rowsOf(store.db, sql`select source_id as source from push_want`)).toEqual([{ source: 'edge' }])
  })
})
