import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { settle } from '../../db/settle.ts'
import type { Delivery } from '../../fleet/delivery.ts'
import { type Reading, states } from '../../fleet/health.ts'
import { healthOf } from '../../fleet/judge.ts'
import type { Kind } from '../../fleet/kinds/kind.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { at, caughtUp, cluster, deployment, deploymentKind, end, listed, page, pushed, refOf } from './wire.ts'

describe.each(engines)('whatever happens on %s,', { timeout: 180_000 }, (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  afterAll(() => store.close())

  /** A kind whose objects carry their reading with them. */
  const kind: Kind = {
    group: 'example.org',
    kind: 'Any',
    reach: { by: 'kube', plural: 'anys', versions: ['v1'] },
    part: 'none',
    // The test put it there.
    normalise: ({ spec }) => ({ reading: spec.reading as Reading, conditions: [], facts: {} }),
  }
  const kinds = () => kind
  const state = fc.constantFrom(...states.filter((s) => s !== 'Suspended'))
  const instant = fc.oneof(
    fc.integer({ min: 0, max: 59 }).map((minute) => ({ at: at(minute).toISOString() })),
    fc.record({
      after: fc.constantFrom('generationSeenAt' as const, 'shortSince' as const),
      ms: fc.integer({ min: 1, max: 30 }).map((m) => m * 60_000),
    }),
  )
  const rung = fc.record({ state, reason: fc.constantFrom('A', 'B') })
  const bounded = fc.oneof(
    fc.tuple(rung, instant).map(([r, until]) => ({ ...r, until })),
    fc.tuple(rung, instant).map(([r, from]) => ({ ...r, from })),
  )
  const reading = fc.tuple(fc.array(bounded, { maxLength: 3 }), rung, fc.boolean()).map(
    ([some, last, short]): Reading => ({
      rungs: [...some, last],
      flags: [],
      // Only a shortage has a beginning that a rung can count from.
      short: short || JSON.stringify(some).includes('shortSince'),
    }),
  )
  const step = fc.record({
    minutes: fc.integer({ min: 0, max: 12 }),
    tells: fc.option(
      fc.record({ name: fc.constantFrom('a', 'b'), generation: fc.integer({ min: 1, max: 2 }), reading }),
    ),
  })

  it('stored health is what would be judged afresh', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        await clear(store)
        const model = new Map<
          string,
          { reading: Reading; generation: number; generationSeenAt: Date; shortSince?: Date }
        >()
        let minute = 0
        for (const { minutes, tells } of steps) {
          minute += minutes
          const now = at(minute)
          if (tells) {
            const { name, generation, reading } = tells
            const wire = {
              apiVersion: 'example.org/v1',
              kind: 'Any',
              metadata: { name, uid: name, generation },
              spec: { reading },
            }
            await ingest(store.db, pushed(now, [wire], { kind: 'example.org/Any' }), { receivedAt: now, kinds })
            const before = model.get(name)
            const same = before?.generation === generation
            model.set(name, {
              reading,
              generation,
              generationSeenAt: same ? before.generationSeenAt : now,
              ...(reading.short ? { shortSince: before?.shortSince ?? now } : {}),
            })
          }
          await settle(store.db, now, { kinds })
          const stored = await rowsOf<{ name: string; state: string; reason: string; holds: string | null }>(
            store.db,
            sql`select name, state, reason, holds_until as holds from object order by name`,
          )
          const afresh = [...model]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, { reading, ...anchors }]) => {
              const { state, reason, holdsUntil } = healthOf(reading, anchors, now)
              return { name, state, reason, holds: holdsUntil }
            })
          expect(stored.map((row) => ({ ...row, holds: row.holds && new Date(row.holds).toISOString() }))).toEqual(
            afresh,
          )
        }
      }),
      { numRuns: engine === 'pglite' ? 30 : 60 },
    )
  })

  /** What one source was at each minute: replicas by name. */
  const world = fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 0, max: 3 })), {
    minLength: 2,
    maxLength: 5,
  })

  it('deliveries that are repeated, reordered and lost end in what the source is', async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.infiniteStream(fc.nat()), async (moments, dice) => {
        await clear(store)
        const roll = (n: number) => Number(dice.next().value) % n
        const objectsAt = (minute: number) =>
          Object.entries(moments[minute] ?? {}).map(([name, ready]) => deployment(name, { ready, replicas: 3 }))
        const deliveries: Delivery[] = moments.flatMap((_, minute) => {
          const objects = objectsAt(minute)
          const before = Object.keys(moments[minute - 1] ?? {})
          const gone = before.filter((name) => !(name in (moments[minute] ?? {}))).map((name) => refOf(name))
          const all = [
            listed(at(minute, 10), objects),
            page(at(minute, 20), 0, objects.slice(0, 1)),
            end(at(minute, 20), 1, objects.slice(1)),
            caughtUp(at(minute, 30), objects, { gone }),
            pushed(at(minute, 40), objects, { gone }),
          ]
          return all.filter(() => roll(3) > 0)
        })
        const order = deliveries.flatMap((delivery) => (roll(4) === 0 ? [delivery, delivery] : [delivery]))
        for (let n = order.length - 1; n > 0; n--) {
          const other = roll(n + 1)
          const [x, y] = [order[n], order[other]]
          if (x && y) [order[n], order[other]] = [y, x]
        }
        for (const [n, delivery] of order.entries()) await ingest(store.db, delivery, { receivedAt: at(20, n % 60) })
        // The next complete LIST heals whatever they did.
        const last = moments.length - 1
        await ingest(store.db, listed(at(30), objectsAt(last)), { receivedAt: at(30) })
        const stored = await rowsOf<{ name: string; ready: number }>(
          store.db,
          sql`select name, replicas_ready as ready from object where gone_at is null order by name`,
        )
        const truth = Object.entries(moments[last] ?? {}).map(([name, ready]) => ({ name, ready }))
        expect(stored).toEqual(truth.sort((a, b) => (a.name < b.name ? -1 : 1)))
      }),
      { numRuns: engine === 'pglite' ? 20 : 40 },
    )
  })
})

describe.runIf(engines.includes('postgres'))('many deliveries at once', () => {
  it('never stand in each other’s way', async () => {
    const store = await openEngine('postgres')
    const barrier = await openEngine('postgres')
    const names = Array.from({ length: 40 }, (_, n) => `c${n}`)
    const orders = [names, [...names].reverse()]
    const take = (delivery: Delivery) => ingest(store.db, delivery, { receivedAt: delivery.observedAt })
    for (let minute = 0; minute < 5; minute++) {
      // Every transaction gets as far as its history, and waits there with all the locks it has taken.
      let open: () => void = () => undefined
      const opened = new Promise<void>((resolve) => {
        open = resolve
      })
      const holding = store.db.transaction(async (tx) => {
        await tx.execute(sql`lock table change in exclusive mode`)
        await opened
      })
      const available = minute % 2 === 0 ? 'True' : 'False'
      const all = ['weu', 'neu'].flatMap((source, n) => {
        const order = orders[n % 2] ?? names
        return [
          take(
            listed(
              at(minute),
              order.map((name) => cluster(name, { available })),
              { source, kind: 'cluster.x-k8s.io/Cluster' },
            ),
          ),
          take(
            listed(
              at(minute),
              [...order].reverse().map((name) => deployment(name, { cluster: name, ready: minute })),
              { source },
            ),
          ),
        ]
      })
      await expect
        .poll(
          async () =>
            (
              await rowsOf<{ n: number }>(
                barrier.db,
                sql`select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock'`,
              )
            )[0]?.n,
        )
        .toBeGreaterThan(2)
      open()
      await Promise.all([holding, ...all, settle(store.db, at(minute)), settle(store.db, at(minute))])
    }
    await store.db.execute(sql`select pg_stat_force_next_flush()`)
    const [deadlocks] = await rowsOf<{ n: number }>(
      store.db,
      sql`select deadlocks::int as n from pg_stat_database where datname = current_database()`,
    )
    expect(deadlocks).toEqual({ n: 0 })
    const [kept] = await rowsOf<{ n: number }>(
      store.db,
      sql`select count(*)::int as n from object where kind = ${deploymentKind}`,
    )
    expect(kept).toEqual({ n: 80 })
    await Promise.all([store.close(), barrier.close()])
  })
})
