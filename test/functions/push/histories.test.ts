import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../../db/client.ts'
import { engines, openEngine } from '../../engine.ts'
import { deployments, machineSets, widgets } from '../../push/cluster.ts'
import { History, type Step } from '../../push/history.ts'
import type { Fate } from '../../push/network.ts'

/** `HISTORIES=10000` is the long form; with `SEED` it is the same again. */
const histories = Number(process.env.HISTORIES ?? 0)
const runsOf = { pglite: histories || 40, postgres: histories || 160 } as const
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))

// Few kinds and few names, so that they meet.
const kind = fc.constantFrom(deployments, machineSets, widgets)
const name = fc.constantFrom('a', 'b', 'c')
const fate: fc.Arbitrary<Fate> = fc.oneof(
  ...(
    [
      ['taken', 5],
      ['lost', 2],
      ['late', 4],
      ['twice', 1],
      ['again', 2],
      ['unheard', 1],
      ['cut', 1],
      ['garbled', 1],
    ] as const
  ).map(([value, weight]) => ({ weight, arbitrary: fc.constant(value) })),
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 9 }) },
)

const fates = (least: number, most: number) => fc.array(fate, { minLength: least, maxLength: most })
const ready = fc.integer({ min: 0, max: 2 })
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 3 })
const what = <W extends Step['what']>(value: W) => fc.constant(value)

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ what: what('put'), kind, name, ready }) },
  { weight: 1, arbitrary: fc.record({ what: what('swell'), kind, name }) },
  { weight: 5, arbitrary: fc.record({ what: what('delete'), kind, name }) },
  { weight: 6, arbitrary: fc.record({ what: what('change'), kind, names, fate }) },
  { weight: 3, arbitrary: fc.record({ what: what('reading'), kind, fates: fates(1, 3) }) },
  { weight: 3, arbitrary: fc.record({ what: what('beat'), fates: fates(1, 4) }) },
  { weight: 3, arbitrary: fc.record({ what: what('arrival'), newest: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ what: what('overtaken'), kind, name, deleted: fc.boolean(), ended: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ what: what('poll'), kind, late: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ what: what('slow poll'), kind }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: what('restart'),
      agent: fc.constantFrom('fake/1', 'fake/2'),
      isHeard: fc.boolean(),
      fates: fates(0, 3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: what('other sender') }) },
  { weight: 1, arbitrary: fc.record({ what: what('redeclare') }) },
)

describe.each(engines)('deliveries through any history on %s', { timeout: 3_600_000 }, (engine) => {
  let store: Store
  let made = 0
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  afterAll(() => store.close())

  it('come to what is true after one exchange of digests, lose nothing that was taken, and never put an older state over a newer one', async () => {
    const history = fc.record({ polled: fc.boolean(), steps: fc.array(step, { minLength: 3, maxLength: 24 }) })
    await fc.assert(
      fc.asyncProperty(history, async ({ polled, steps }) => {
        const history = await History.begun(store, `${engine}-${++made}`, { polled })
        for (const one of steps) {
          await history.live(one)
          expect(await history.broken()).toEqual([])
        }
        await history.agree()
        expect(await history.stored()).toEqual(history.told())
        // Whatever is still under way comes too late to matter, and a sign of life costs nothing.
        const before = await history.written()
        await history.arriveAll()
        await history.beatInPeace()
        expect(await history.written()).toEqual(before)
        expect(await history.broken()).toEqual([])
      }),
      { numRuns: runsOf[engine], seed },
    )
    if (histories > 0) console.info(`${engine}: ${histories} histories held (seed ${seed})`)
  })
})
