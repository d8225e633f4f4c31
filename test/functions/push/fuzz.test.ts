import { afterAll, beforeAll, expect, it } from 'vitest'
import { engines } from '../../engine.ts'
import { fuzz, tableOf } from '../../push/fuzz/run.ts'
import { openWorld, type World } from '../../push/fuzz/world.ts'

// Bad requests by the thousand, over HTTP, to the app as it runs, from who has good credentials and from who has not.

/** FUZZ=100000 is the long form; FUZZ_SEED=n has the cases of a run again. */
const cases = Number(process.env.FUZZ ?? 0)
const count = cases || 1_200
const seed = Number(process.env.FUZZ_SEED ?? (cases === 0 ? 1 : Date.now() % 1_000_000))
const mebibyte = 1024 * 1024
/** Of the app's heap between two rounds, after a collection, in bytes: what it keeps of requests that are over. */
const heapGrowthMax = 16 * mebibyte
/** Of all the memory that the process ever had at once beyond what it had before the first case. */
const rssGrowthMax = 192 * mebibyte

/** As many deliveries as one process takes at once. */
const pushers = 4

const isHere = engines.includes('postgres')
let world: World
beforeAll(async () => {
  if (isHere) world = await openWorld(pushers)
})
afterAll(() => world?.close())

it.skipIf(!isHere)(
  'whatever comes is refused with a problem, or taken because it is good; nothing else is stored, told or kept',
  async () => {
    const before = await world.look()
    const began = performance.now()
    const ran = await fuzz(world, count, seed)
    const seconds = Math.round((performance.now() - began) / 1000)
    const mib = (bytes: number) => `${(bytes / mebibyte).toFixed(0)} MiB`
    const sent = [...ran.rows.values()].reduce((sum, row) => sum + row.cases, 0)
    const rssGrowth = ran.rssMax - before.rss
    if (cases > 0) console.info(tableOf(ran))
    console.info(
      `fuzz: ${sent} cases in ${seconds} s, seed ${seed}; heap ${mib(before.heap)}, at most ${mib(Math.max(...ran.heaps))} between rounds; memory ${mib(before.rss)}, at most ${mib(ran.rssMax)}`,
    )
    expect(ran.faults).toEqual([])
    expect(sent).toBe(count)
    expect(Math.max(...ran.heaps) - before.heap).toBeLessThan(heapGrowthMax)
    expect(rssGrowth).toBeLessThan(rssGrowthMax)
    // Nobody was asked for keys whom nobody registered, and who was, no more than once a minute and once more.
    expect([...world.issuer.asked.keys()].filter((path) => path.startsWith('/evil'))).toEqual([])
    expect(world.issuer.asked.get('/keys')).toBeLessThan(2 * (seconds / 60 + 4))
  },
  3_600_000,
)
