import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../../db/client.ts'
import { engines, openEngine } from '../../engine.ts'
import { deployments, machineSets } from '../../push/cluster.ts'
import { History, type Step } from '../../push/history.ts'

/** HISTORIES=10000 is the long form. */
const histories = Number(process.env.HISTORIES ?? 0)
const runsOf = { pglite: histories || 60, postgres: histories || 200 } as const

// Few kinds and few names, so that they meet.
const kind = fc.constantFrom(deployments, machineSets)
const name = fc.constantFrom('a', 'b', 'c')
/** What becomes of a request on its way. */
const fate = fc.oneof(
  { weight: 5, arbitrary: fc.constant('taken' as const) },
  { weight: 2, arbitrary: fc.constant('lost' as const) },
  { weight: 1, arbitrary: fc.constant('twice' as const) },
  { weight: 4, arbitrary: fc.constant('late' as const) },
  { weight: 1, arbitrary: fc.constant('cut' as const) },
)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ what: fc.constant('put' as const), kind, name, ready: fc.integer({ min: 0, max: 2 }) }),
  },
  { weight: 5, arbitrary: fc.record({ what: fc.constant('delete' as const), kind, name }) },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('change' as const),
      kind,
      names: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
      fate,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('reading' as const),
      kind,
      fates: fc.array(fate, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constant('beat' as const), fates: fc.array(fate, { minLength: 1, maxLength: 4 }) }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('arrival' as const), newest: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('overtaken' as const), kind, name, deleted: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('poll' as const), kind, late: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('slow poll' as const), kind }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('session' as const),
      fate: fc.constantFrom('taken' as const, 'lost' as const),
    }),
  },
)

describe.each(engines)('deliveries through any history on %s', { timeout: 3_600_000 }, (engine) => {
  let store: Store
  let made = 0
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  afterAll(() => store.close())

  it('come to what is true after one exchange of digests, and never put an older state over a newer one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 24 }), async (steps) => {
        const history = await History.begun(store, `${engine}-${++made}`)
        for (const one of steps) {
          await history.live(one)
          expect(await history.wentBack()).toEqual([])
        }
        await history.agree()
        expect(await history.stored()).toEqual(history.told())
        // Whatever is still under way comes too late to matter, and a sign of life costs nothing.
        const before = await history.written()
        await history.arriveAll()
        await history.beatInPeace()
        expect(await history.written()).toEqual(before)
      }),
      { numRuns: runsOf[engine] },
    )
  })
})
