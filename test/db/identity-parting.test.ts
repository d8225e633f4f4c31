import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { registerSources } from '../../db/source.ts'
import { armClusterKind } from '../../fleet/reference.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { World } from './identity-model.ts'
import { at, listed } from './wire.ts'
import { azure, controlPlane, controlPlaneKind, inAzure, sourceOf, witnessesOf } from './witnesses.ts'

const sources = ['weu', 'neu', azure].map(sourceOf)

describe.each(engines)('parting on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(async () => {
    await clear(store)
    await registerSources(store.db, sources, at(0))
  })
  afterAll(() => store.close())

  const { take, rows, clusters, inCluster, inArm, settled } = witnessesOf(() => store)

  it('a cluster that is no longer declared is what Azure has of it, and gone with that', async () => {
    await inCluster(0, 'weu', ['one'])
    await inArm(0, [inAzure('one')])
    await settled(0)
    const [before] = await clusters()
    await inCluster(1, 'weu', [])
    await settled(1)
    expect(await clusters()).toMatchObject([
      { id: before?.id, source_id: azure, kind: armClusterKind, witnesses: ['arm'], gone: false },
    ])
    expect(await rows(sql`select from cluster where declared_until is not null`)).toHaveLength(1)
    await inArm(2, [])
    await settled(2)
    expect(await clusters()).toMatchObject([{ id: before?.id, gone: true }])
  })

  it('lets go of what turns out to be another cluster after all', async () => {
    await inCluster(0, 'weu', ['one'])
    await inCluster(0, 'neu', ['one'])
    await inArm(0, [inAzure('one')])
    await settled(0)
    const [both] = await clusters()
    expect(await clusters()).toMatchObject([{ name: 'one', gone: false }])
    // Somebody had copied a manifest, and corrects the resource group.
    const corrected = [controlPlane({ name: 'one', group: 'rg-other' })]
    const corrects = both?.source_id === 'weu' ? 'neu' : 'weu'
    await take(listed(at(1), corrected, { kind: controlPlaneKind, source: corrects }))
    await settled(1)
    expect(await clusters()).toMatchObject([
      { id: both?.id, source_id: both?.source_id, witnesses: ['capi', 'arm'], gone: false },
      { source_id: corrects, witnesses: ['capi'], gone: false },
    ])
    // The one that counts is corrected, too: what Azure runs is then nobody's.
    await take(
      listed(at(2), [controlPlane({ name: 'one', group: 'rg-third' })], {
        kind: controlPlaneKind,
        source: String(both?.source_id),
      }),
    )
    await settled(2)
    expect((await clusters()).map(({ witnesses }) => witnesses)).toEqual(
      expect.arrayContaining([['capi'], ['capi'], ['arm']]),
    )
    expect(await rows(sql`select from unsettled`)).toEqual([])
  })

  it('takes a Cluster made anew under an old name, for another managed cluster, for another one', async () => {
    await inCluster(0, 'weu', ['one'])
    await inArm(0, [inAzure('one')])
    await settled(0)
    const [before] = await clusters()
    await inCluster(1, 'weu', [])
    await settled(1)
    await inCluster(2, 'weu', ['one'])
    const third = [controlPlane({ name: 'one', group: 'rg-third' })]
    await take(listed(at(3), third, { kind: controlPlaneKind, source: 'weu' }))
    await settled(3)
    const after = await clusters()
    expect(after).toHaveLength(2)
    expect(after).toContainEqual(
      expect.objectContaining({ id: before?.id, source_id: azure, witnesses: ['arm'], gone: false }),
    )
    expect(after).toContainEqual(expect.objectContaining({ source_id: 'weu', witnesses: ['capi'], gone: false }))
  })

  it('follows a Cluster that now means another AKS cluster, and leaves the old one to Azure', async () => {
    const world = await World.in(store)
    world.declares('neu', { name: 'one', aks: 'a' })
    world.runs('a', 'uid-a')
    world.runs('b', 'uid-b')
    await world.hears('neu', azure)
    world.declares('neu', { name: 'one', aks: 'b' })
    await world.hears('neu')
    expect(await world.deviations()).toEqual([])
    expect(await world.living()).toMatchObject([
      { name: 'a', source_id: azure, resource_uid: 'uid-a', witnesses: ['arm'] },
      { name: 'one', source_id: 'neu', resource_uid: 'uid-b', witnesses: ['capi', 'arm'] },
    ])
  })

  it('leaves what a removed source told last to nobody, until the source is back', async () => {
    const world = await World.in(store)
    world.declares('neu', { name: 'one', aks: 'a' })
    world.runs('a')
    await world.hears('neu', azure)
    world.registered.delete(azure)
    await world.register()
    world.declares('neu', { name: 'one', aks: 'b' })
    await world.hears('neu')
    expect(await world.living()).toMatchObject([{ name: 'one', source_id: 'neu', witnesses: ['capi'] }])
    world.registered.add(azure)
    await world.register()
    await world.hears(azure)
    expect(await world.deviations()).toEqual([])
    expect(await world.living()).toMatchObject([
      { name: 'a', source_id: azure },
      { name: 'one', source_id: 'neu' },
    ])
  })

  it('keeps what a deleted Cluster left behind apart from the next Cluster of its name', async () => {
    const world = await World.in(store)
    world.declares('neu', { name: 'one', aks: 'a' })
    world.runs('a', 'uid-a')
    await world.hears('neu', azure)
    const [before] = await world.living()
    world.declares('neu')
    await world.hears('neu')
    world.declares('neu', { name: 'one', aks: 'b', born: 5 })
    world.runs('b', 'uid-b')
    await world.hears('neu', azure)
    expect(await world.deviations()).toEqual([])
    expect(await world.living()).toContainEqual(
      expect.objectContaining({ id: before?.id, source_id: azure, resource_uid: 'uid-a', witnesses: ['arm'] }),
    )
  })

  it('separates two that declared one ARM id by mistake, when one of them is corrected', async () => {
    const world = await World.in(store)
    world.declares('neu', { name: 'one', aks: 'a' })
    world.declares('weu', { name: 'two', aks: 'a' })
    world.runs('a', 'uid-a')
    world.runs('b', 'uid-b')
    await world.hears('neu', 'weu', azure)
    expect(await world.deviations()).toEqual([])
    world.declares('weu', { name: 'two', aks: 'b' })
    await world.hears('weu')
    expect(await world.deviations()).toEqual([])
    expect(await world.living()).toMatchObject([
      { name: 'one', source_id: 'neu', resource_uid: 'uid-a' },
      { name: 'two', source_id: 'weu', resource_uid: 'uid-b' },
    ])
  })

  it.each([false, true])(
    'comes to rest when it hears of both the mistake and its correction; paused: %s',
    async (paused) => {
      const world = await World.in(store)
      world.declares('neu', { name: 'b', aks: 'a' })
      world.declares('weu', { name: 'b', aks: 'a', paused, spelling: 'lower' })
      await world.read('neu', { backwards: true })
      await world.read('weu', { backwards: true })
      world.declares('neu', { name: 'b', paused, spelling: 'mixed' })
      await world.settle(2)
      await world.hears('neu')
      expect(await world.deviations()).toEqual([])
      const changes = () => world.rows(sql`select count(*)::int as n from change`)
      const before = await changes()
      world.pass()
      expect(await world.settle()).toEqual({ judged: 0, composed: 0, left: 0 })
      expect(await changes()).toEqual(before)
    },
  )
})
