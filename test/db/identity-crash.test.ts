import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { settle } from '../../db/settle.ts'
import { engines, openEngine } from '../engine.ts'
import { dying, survives } from './dying.ts'
import { World } from './identity-model.ts'
import { azure } from './witnesses.ts'

/** More than any of the stories takes. */
const transactionsMax = 30

/** Each story ends where something about identity is about to be found out. */
const stories: Record<string, (world: World) => Promise<void>> = {
  'two clusters turn out to be one': async (world) => {
    world.runs('a')
    await world.hears(azure)
    world.declares('neu', { name: 'a' })
    await world.read('neu')
  },
  'a cluster was made anew': async (world) => {
    world.runs('a', 'uid-1')
    await world.hears(azure)
    world.runs('a', 'uid-2')
    await world.read(azure)
  },
  'what was joined names another': async (world) => {
    world.declares('neu', { name: 'a' })
    world.declares('weu', { name: 'b', aks: 'a' })
    await world.hears('neu', 'weu')
    world.declares('weu', { name: 'b' })
    await world.read('weu')
  },
  // The round of one source must not forget what it found when that of the next one fails.
  'two sources have news': async (world) => {
    world.declares('eus', { name: 'a' })
    await world.hears('eus')
    world.declares('neu', { name: 'a' })
    await world.read('neu')
    world.declares('weu', { name: 'b' })
    await world.read('weu')
  },
}

describe.each(engines)('identity after a crash on %s', { timeout: 60_000 }, (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  afterAll(() => store.close())

  it.each(Object.entries(stories))('settles in the end, whenever it was killed: %s', async (_, happens) => {
    let survived = false
    for (let lived = 0; !survived && lived < transactionsMax; lived++) {
      const world = await World.in(store)
      await happens(world)
      survived = await survives(settle(dying(store.db, lived), world.now()))
      await world.rests()
      expect(await world.deviations(), `killed after ${lived} transactions`).toEqual([])
    }
    expect(survived).toBe(true)
  })
})
