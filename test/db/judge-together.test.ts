import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Db, rowsOf, type Store } from '../../db/client.ts'
import { markAllDue, markDue } from '../../db/judge/due.ts'
import { judge } from '../../db/judge.ts'
import { registerPolicies } from '../../db/policy.ts'
import { clear, engines, openEngine } from '../engine.ts'
import {
  findingHistory,
  findingLines,
  idOf,
  minimum,
  owned,
  policyOf,
  putClusters,
  subjectOf,
} from './judged-cluster.ts'
import { at } from './wire.ts'

const names = Array.from({ length: 40 }, (_, n) => `c${String(n).padStart(2, '0')}`)
const baseline = policyOf('base', [minimum('1.32'), owned()])
const fleetAt = (version: string) => names.map((name) => subjectOf(name, { versionObserved: version }))

describe.each(engines)('judge among others on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(async () => {
    await clear(store)
    await registerPolicies(store.db, { policies: [baseline], waivers: [], calendar: [] }, at(0), [])
  })
  afterAll(() => store.close())

  const lines = () => findingLines(store.db)
  const register = (now: Date, version: string) =>
    registerPolicies(
      store.db,
      { policies: [policyOf('base', [minimum(version)], { version })], waivers: [], calendar: [] },
      now,
      [],
    )

  it('may run twice at once, and beside whoever marks', async () => {
    await putClusters(store.db, fleetAt('1.33.1'), at(1))
    await Promise.all([
      judge(store.db, at(1), { limit: 25 }),
      judge(store.db, at(1), { limit: 25 }),
      store.db.transaction((tx) => markDue(tx, names.map(idOf).reverse(), at(1))),
      putClusters(store.db, fleetAt('1.33.2').slice(0, 10), at(1)),
      judge(store.db, at(1)),
      store.db.transaction((tx) => markAllDue(tx, at(1))),
    ])
    await judge(store.db, at(1))
    expect(await lines()).toHaveLength(80)
    expect((await findingHistory(store.db)).filter((line) => line.startsWith('appeared'))).toHaveLength(80)
  })

  it('killed half-way, leaves nothing half done', async () => {
    await putClusters(store.db, fleetAt('1.33.1'), at(1))
    // The last statement of a round fails.
    await store.db.execute(sql`alter table change add constraint crash check (subject <> 'finding')`)
    try {
      await expect(judge(store.db, at(1))).rejects.toThrow('crash')
    } finally {
      await store.db.execute(sql`alter table change drop constraint crash`)
    }
    expect(await lines()).toEqual([])
    expect(await judge(store.db, at(1))).toEqual({ judged: 40, left: 0 })
    expect(await lines()).toHaveLength(80)
  })

  it('needs as many statements for many clusters as for a few', async () => {
    const count = async (run: (db: Db) => Promise<unknown>) => {
      const counted = { statements: 0 }
      await run(counting(store.db, counted))
      return counted.statements
    }
    await putClusters(store.db, fleetAt('1.33.1').slice(0, 2), at(1))
    const few = await count((db) => judge(db, at(1)))
    await putClusters(store.db, fleetAt('1.33.1').slice(2), at(2))
    expect(await count((db) => judge(db, at(2)))).toBe(few)
    // Lock, take, read, write.
    expect(few).toBe(4)
    // Nothing is due: lock, take.
    expect(await count((db) => judge(db, at(3)))).toBe(2)
    expect(await count((db) => db.transaction((tx) => markAllDue(tx, at(4))))).toBe(2)
  })

  it.runIf(engine === 'postgres')('does not lose a mark that comes while it judges', async () => {
    await putClusters(store.db, fleetAt('1.33.1'), at(1))
    await whileHeld(async (release) => {
      // It has read the facts of before, and cannot end.
      const judging = judge(store.db, at(1))
      await waiting(1)
      const changing = putClusters(store.db, fleetAt('1.31.1'), at(1))
      await waiting(2)
      release()
      await Promise.all([judging, changing])
    })
    expect((await lines()).filter((line) => line.includes('minimum Pass'))).toHaveLength(40)
    expect(await judge(store.db, at(1))).toEqual({ judged: 40, left: 0 })
    expect((await lines()).filter((line) => line.includes('minimum Fail'))).toHaveLength(40)
  })

  it.runIf(engine === 'postgres')('does not judge by old rules what the change of rules did not see', async () => {
    const [unborn, ...others] = fleetAt('1.33.1')
    if (!unborn) throw new Error('a fleet without clusters')
    await putClusters(store.db, others, at(1))
    await whileHeld(async (release) => {
      const judging = judge(store.db, at(1))
      await waiting(1)
      const registering = register(at(2), '1.34')
      await waiting(2)
      // It is born while the rules change, and somebody judges at once.
      await putClusters(store.db, [unborn], at(1))
      const again = judge(store.db, at(1))
      await waiting(3)
      release()
      await Promise.all([judging, registering, again])
    })
    await judge(store.db, at(2))
    expect((await lines()).filter((line) => line.includes('minimum Fail'))).toHaveLength(40)
  })

  it.runIf(engine === 'postgres')('stands in nobody’s way', async () => {
    await putClusters(store.db, fleetAt('1.33.1'), at(1))
    await Promise.all(
      Array.from({ length: 12 }, async (_, n) => {
        const now = at(2, n)
        const some = names.filter((_, nth) => (nth + n) % 3 > 0).map(idOf)
        await Promise.all([
          judge(store.db, now, { limit: 15 }),
          store.db.transaction((tx) => markDue(tx, n % 2 ? some : some.toReversed(), now)),
          n % 4 === 0 ? register(now, `1.${30 + n}`) : judge(store.db, now),
          n % 3 === 0 ? store.db.transaction((tx) => markAllDue(tx, now)) : judge(store.db, now),
        ])
      }),
    )
    await store.db.execute(sql`select pg_stat_force_next_flush()`)
    const [deadlocks] = await rowsOf(
      store.db,
      sql`select deadlocks::int as n from pg_stat_database where datname = current_database()`,
    )
    expect(deadlocks).toEqual({ n: 0 })
  })

  /** Nobody writes findings until `release`. */
  async function whileHeld(act: (release: () => void) => Promise<void>): Promise<void> {
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let holding: Promise<void> = Promise.resolve()
    await new Promise<void>((locked) => {
      holding = store.db.transaction(async (tx) => {
        await tx.execute(sql`lock table finding in exclusive mode`)
        locked()
        await released
      })
    })
    try {
      await act(release)
    } finally {
      release()
      await holding
    }
  }

  async function waiting(backends: number): Promise<void> {
    await expect
      .poll(async () =>
        rowsOf(
          store.db,
          sql`select count(*)::int as n from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database()`,
        ),
      )
      .toEqual([{ n: backends }])
  }
})

/** Counts statements, those of transactions too. */
function counting<T extends Db>(db: T, counted: { statements: number }): T {
  return new Proxy(db, {
    get(target, name) {
      if (name === 'execute' || name === 'select' || name === 'selectDistinctOn') counted.statements++
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (name === 'transaction')
        return (act: (tx: Db) => unknown) => target.transaction(async (tx) => act(counting(tx, counted)))
      return value.bind(target)
    },
  })
}
