import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { engines, openEngine } from '../engine.ts'
import { managementClusters, World } from './identity-model.ts'
import { azure, spellings } from './witnesses.ts'

// Few names and few sources, so that they meet.
const name = fc.constantFrom('a', 'b')
const aks = name
const source = fc.constantFrom(...managementClusters)
const anySource = fc.constantFrom(...managementClusters, azure)
const spelling = fc.constantFrom(...spellings)
const paused = fc.boolean()

/** What happens to the fleet. The store hears of it when the source is read next. */
const change = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('declared'), source, name, aks, paused, spelling }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('undeclared'), source, name }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('runs'), aks, spelling }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('stopped'), aks }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('made anew'), aks, uid: fc.uuid() }) },
)
/** What happens to Rollcall meanwhile. */
const event = fc.oneof(
  { weight: 1, arbitrary: fc.record({ what: fc.constant('unregistered'), source: anySource }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('registered'), source: anySource }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('silence'), seconds: fc.constantFrom(200, 1000) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('settled'), limit: fc.constantFrom(1, 2, 1000) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('judged') }) },
)
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never

const step = fc.record({
  happens: fc.oneof({ weight: 13, arbitrary: change }, { weight: 7, arbitrary: event }),
  thenRead: fc.boolean(),
  backwards: fc.boolean(),
})
const history = fc.array(step, { minLength: 2, maxLength: 14 })
const stir = fc.record({ changes: fc.array(change, { maxLength: 12 }), limit: fc.constantFrom(1, 1000) })

/** A counterexample is told, made smaller or not, before the test's own time is over. */
const within = { interruptAfterTimeLimit: 200_000, markInterruptAsFailure: true }

describe.each(engines)('identity through any history on %s', { timeout: 240_000 }, (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  afterAll(() => store.close())

  it('comes to one cluster for each that there is, whatever was heard and settled in which order', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const world = await World.in(store)
        const unread = new Set<string>()
        for (const { happens, thenRead, backwards } of steps) {
          world.pass()
          if (isChange(happens)) {
            const changed = applied(world, happens)
            if (changed) unread.add(changed)
          } else await undergo(world, happens, unread)
          if (!thenRead) continue
          for (const source of unread) await world.read(source, { backwards })
          unread.clear()
        }
        // What a removed source told last stays with its cluster, even if that cluster now means another: it parts when the source is back.
        for (const source of [...managementClusters, azure]) world.registered.add(source)
        await world.register()
        await world.hears(...world.registered)
        expect(await world.deviations()).toEqual([])
      }),
      { numRuns: engine === 'pglite' ? 10 : 20, ...within },
    )
  })

  it.runIf(engine === 'postgres')('comes to the same when everybody acts at once, and nobody fails', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stir, { minLength: 1, maxLength: 5 }), async (stirs) => {
        const world = await World.in(store)
        for (const { changes, limit } of stirs) {
          for (const one of changes) applied(world, one)
          world.pass()
          await Promise.all([
            ...[...world.registered].map((source) => world.read(source)),
            ...[world.settle(), world.settle(limit), world.settle()],
            ...[world.judge(), world.judge()],
          ])
        }
        // Who was read while the fleet changed may have told the old.
        await world.hears(...world.registered)
        expect(await world.deviations()).toEqual([])
      }),
      { numRuns: 8, ...within },
    )
    await store.db.execute(sql`select pg_stat_force_next_flush()`)
    const deadlocks = sql`select deadlocks::int as n from pg_stat_database where datname = current_database()`
    expect(await rowsOf(store.db, deadlocks)).toEqual([{ n: 0 }])
  })
})

const isChange = (happens: Change | Event): happens is Change =>
  ['declared', 'undeclared', 'runs', 'stopped', 'made anew'].includes(happens.what)

/** Which source would tell of the change; none when it cannot happen, or nobody is there to tell. */
function applied(world: World, happens: Change): string | null {
  const source = 'source' in happens ? happens.source : azure
  if (!world.registered.has(source)) return null
  switch (happens.what) {
    case 'declared': {
      const { name, aks, paused, spelling } = happens
      const others = (world.declarations.get(source) ?? []).filter((one) => one.name !== name)
      // Control planes are named as what they make, and two of a name do not fit one namespace.
      if (others.some((one) => one.aks === aks)) return null
      world.declares(source, ...others, { name, aks, paused, spelling })
      return source
    }
    case 'undeclared':
      world.declares(source, ...(world.declarations.get(source) ?? []).filter(({ name }) => name !== happens.name))
      return source
    case 'runs':
      world.runs(happens.aks, world.running.get(happens.aks)?.uid, happens.spelling)
      return source
    case 'stopped':
      world.running.delete(happens.aks)
      return source
    case 'made anew':
      if (!world.running.has(happens.aks)) return null
      world.runs(happens.aks, happens.uid)
      return source
  }
}

async function undergo(world: World, happens: Event, unread: Set<string>): Promise<void> {
  switch (happens.what) {
    case 'unregistered':
      // Its last words count on, so they must be of the fleet as it is.
      if (unread.delete(happens.source)) await world.read(happens.source)
      world.registered.delete(happens.source)
      await world.register()
      return
    case 'registered':
      world.registered.add(happens.source)
      await world.register()
      return
    case 'silence':
      world.pass(happens.seconds)
      return
    case 'settled':
      await world.settle(happens.limit)
      return
    case 'judged':
      await world.judge()
  }
}
