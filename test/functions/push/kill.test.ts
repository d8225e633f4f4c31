import { setTimeout } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore, type Store } from '../../../db/client.ts'
import { migrateStore } from '../../../db/migrate.ts'
import { registerSources } from '../../../db/source.ts'
import { emptyDatabase, engines } from '../../engine.ts'
import { type CrashingPostgres, startCrashingPostgres } from '../../push/crashing-postgres.ts'
import { declarationOf, storedIn } from '../../push/receiver.ts'
import { Receivers } from '../../push/receivers.ts'
import { Stream } from '../../push/stream.ts'
import { Truth } from '../../push/truth.ts'
import { randomOf } from '../../world/random.ts'

/** `KILLS=200` is the long form. */
const kills = Number(process.env.KILLS ?? 0)
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
/** As many as a process takes requests of at once. */
const sources = ['a', 'b', 'c', 'd']
const livesMs = { least: 100, most: 700 }

describe.runIf(engines.includes('postgres'))(
  'kill -9 while sources change all the time',
  { timeout: 3_600_000 },
  () => {
    it('of a receiving process loses nothing that was answered', async () => {
      const { url, drop } = await emptyDatabase()
      onTestFinished(drop)
      const { receivers, lived } = await begin(url)
      await lived(kills || 4, () => receivers.killOne())
    })

    it('of PostgreSQL loses nothing that was answered', async () => {
      const postgres: CrashingPostgres = await startCrashingPostgres()
      onTestFinished(() => postgres.stop())
      const { receivers, lived } = await begin(await postgres.made('killed'))
      await lived(kills || 3, async () => {
        await postgres.crash()
        await receivers.pass()
      })
    })
  },
)

/** Sources, their senders and two receivers on a database that is still empty. */
async function begin(url: string) {
  const first = await openStore({ url, max: 1 })
  await migrateStore(first)
  await registerSources(
    first.db,
    sources.map((id) => declarationOf(id)),
    new Date(),
  )
  await first.close()
  const receivers = new Receivers(url)
  onTestFinished(() => receivers.stop())
  await receivers.start()
  const streams = sources.map((source) => {
    const stream: Stream = new Stream({
      source,
      url: receivers.url,
      now: receivers.now,
      random: randomOf(seed).fork(source),
      accepted: (said) => truth.accepted(said),
    })
    const truth = new Truth(source, stream.cluster)
    return { stream, truth }
  })
  const random = randomOf(seed)

  /** Lets all live, and kills at a random moment. */
  const during = async (kill: () => Promise<void>): Promise<void> => {
    const ending = new AbortController()
    const living = Promise.all(streams.map(({ stream }) => stream.run(ending.signal)))
    const killed = setTimeout(random.between(livesMs.least, livesMs.most)).then(kill)
    await Promise.race([living, killed]).finally(() => ending.abort())
    await Promise.all([living, killed])
  }

  /** So many times; each time the store is held to what was answered, and at last to what is true. */
  const lived = async (rounds: number, kill: () => Promise<void>): Promise<void> => {
    for (let round = 1; round <= rounds; round++) {
      await during(kill)
      await looked(url, async (store) => {
        for (const { truth } of streams) expect(await truth.broken(store), `round ${round} of seed ${seed}`).toEqual([])
      })
    }
    await Promise.all(streams.map(({ stream }) => stream.agree()))
    await looked(url, async (store) => {
      for (const { stream, truth } of streams) {
        expect(await storedIn(store, stream.sender.source), `seed ${seed}`).toEqual(stream.cluster.told())
        expect(await truth.broken(store), `seed ${seed}`).toEqual([])
      }
    })
    const requests = streams.reduce((sum, { stream }) => sum + stream.requests, 0)
    expect(requests).toBeGreaterThan(rounds)
    if (kills > 0) console.info(`${rounds} kills, ${requests} requests answered, nothing lost (seed ${seed})`)
  }
  return { receivers, lived }
}

/** With connections of its own, which no crash has broken. */
async function looked(url: string, look: (store: Store) => Promise<void>): Promise<void> {
  const store = await openStore({ url, max: 1 })
  try {
    await look(store)
  } finally {
    await store.close()
  }
}
