import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { armClaim, formerClaim, mintedId } from '../../db/claim.ts'
import type { Store } from '../../db/client.ts'
import { registerSources } from '../../db/source.ts'
import { clusterKind } from '../../fleet/reference.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { World } from './identity-model.ts'
import { at, cluster, listed } from './wire.ts'
import { armIdOf, azure, inAzure, managedCluster, managedClusterKind, sourceOf, witnessesOf } from './witnesses.ts'

const sources = ['weu', 'neu', azure].map(sourceOf)

describe.each(engines)('a cluster made anew on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(async () => {
    await clear(store)
    await registerSources(store.db, sources, at(0))
  })
  afterAll(() => store.close())

  const { take, clusters, inCluster, inArm, settled } = witnessesOf(() => store)

  it('takes a cluster made anew under the same id for another one', async () => {
    await inCluster(0, 'weu', ['one'])
    await inArm(0, [inAzure('one'), inAzure('stray')])
    await settled(0)
    const before = await clusters()
    await inArm(1, [inAzure('one', { uid: 'uid-2' }), inAzure('stray', { uid: 'uid-2' })])
    await settled(1)
    const after = await clusters()
    expect(after).toMatchObject([
      { name: 'one', source_id: 'weu', witnesses: ['capi', 'arm'], gone: false },
      { name: 'stray', source_id: azure, gone: false },
      { name: 'one', id: before[0]?.id, gone: true },
      { name: 'stray', id: before[1]?.id, gone: true },
    ])
    expect(new Set(after.map(({ id }) => id)).size).toBe(4)
    await inCluster(2, 'weu', ['one'], { paused: true })
    await inArm(2, [inAzure('one', { uid: 'uid-2', state: 'Upgrading' }), inAzure('stray', { uid: 'uid-2' })])
    await settled(2)
    expect((await clusters()).filter(({ gone }) => gone === false)).toHaveLength(2)
  })

  it('needs no gap between the two, and minds none', async () => {
    const world = await World.in(store)
    world.declares('neu', { name: 'a' })
    world.runs('a', 'uid-1')
    await world.hears('neu', azure)
    const [before] = await world.living()
    world.running.delete('a')
    await world.hears(azure)
    world.runs('a', 'uid-2')
    await world.hears(azure)
    expect(await world.deviations()).toEqual([])
    const [after, ...others] = await world.living()
    expect(others).toEqual([])
    expect(after?.id).not.toBe(before?.id)
  })

  it('knows a cluster made anew that was declared again before Azure listed it', async () => {
    const world = await World.in(store)
    world.declares('neu', { name: 'a' })
    world.runs('a', 'uid-1')
    await world.hears('neu', azure)
    const [before] = await world.living()
    world.declares('neu')
    world.running.delete('a')
    await world.hears('neu', azure)
    world.declares('neu', { name: 'a', born: 9 })
    await world.hears('neu')
    world.runs('a', 'uid-2')
    await world.hears(azure)
    expect(await world.deviations()).toEqual([])
    const [after] = await world.living()
    expect(after?.id).not.toBe(before?.id)
  })

  it('knows a cluster made anew that is declared for the first time', async () => {
    const world = await World.in(store)
    world.runs('a', 'uid-1')
    await world.hears(azure)
    world.runs('a', 'uid-2')
    world.declares('neu', { name: 'a' })
    await world.read(azure)
    await world.hears('neu')
    expect(await world.deviations()).toEqual([])
    expect(await world.living()).toMatchObject([{ source_id: 'neu', resource_uid: 'uid-2' }])
  })

  it('comes to rest when the new one was once taken for the old, by somebody who read both at that moment', async () => {
    const world = await World.in(store)
    world.declares('weu', { name: 'a' })
    world.runs('a', 'uid-1')
    await world.hears('weu', azure)
    const [before] = await world.living()
    const next = mintedId(`${armClaim(armIdOf('a'))}#uid-2`)
    await world.rows(sql`insert into binding (claim, cluster_id, source_id, evidence, bound_at)
      values (${formerClaim(next)}, ${before?.id}, 'weu', '{}', ${world.now().toISOString()})`)
    world.runs('a', 'uid-2')
    await world.hears('weu', azure)
    expect(await world.deviations()).toEqual([])
    expect(await world.living()).toMatchObject([{ id: next, resource_uid: 'uid-2' }])
  })

  /** When Azure is silent, the operator's object is all there is to ask, and it may be as old as its last answer. */
  it.each<[string, (world: World) => unknown]>([
    ['Azure is taken out of the fleet file', (world) => world.registered.delete(azure)],
    ['Azure does not list it', (world) => world.running.clear()],
  ])('does not believe an operator that repeats the old incarnation while %s', async (_, happens) => {
    const world = await World.in(store)
    const told = { source: 'neu' }
    await take(listed(world.now(), [cluster('one')], { ...told, kind: clusterKind }))
    await take(listed(world.now(), [managedCluster('one', 'a', 'uid-1')], { ...told, kind: managedClusterKind }))
    world.runs('a', 'uid-1')
    await world.hears(azure)
    world.runs('a', 'uid-2')
    await world.hears(azure)
    const [before] = await world.living()
    expect(before?.resource_uid).toBe('uid-2')
    happens(world)
    await world.register()
    await world.hears(azure)
    expect(await world.living()).toMatchObject([{ id: before?.id }])
  })
})
