import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../../../db/client.ts'
import { takeLease } from '../../../../db/source.ts'
import { clear, engines, openEngine } from '../../../engine.ts'
import { at, fluxEvent, keys, openSetting, type Setting, signed } from './setting.ts'

describe.each(engines)('events of Flux on %s', (engine) => {
  let store: Store
  let world: Setting
  beforeAll(async () => {
    store = await openEngine(engine)
    world = await openSetting(store)
  })
  beforeEach(async () => {
    await clear(store)
    await world.begin()
  })
  afterAll(() => store.close())

  const flux = (body: string, source = 'weu', key = keys.weu) =>
    world.send(`/events/flux/${source}`, body, signed(body, key))

  it('make a polled source due at once, and once; they change nothing that was observed', async () => {
    const before = await world.written()
    world.goTo(5)
    expect(await flux(fluxEvent(5))).toMatchObject({ status: 202, body: { hints: 1, readings: 0, rejected: [] } })
    expect(world.polled).toEqual(['weu'])
    expect(await world.due()).toEqual([])

    // The same event again, and again after the poll that it asked for.
    expect((await flux(fluxEvent(5))).body).toMatchObject({ hints: 0 })
    await world.settleDown(6)
    expect((await flux(fluxEvent(5))).body).toMatchObject({ hints: 0 })
    expect(world.polled).toEqual([])
    expect(await world.due()).toEqual([])
    expect(await world.written()).toEqual(before)
  })

  it('that come while the source is polled make it due when the poll has ended: it may have passed by', async () => {
    world.goTo(5)
    await takeLease(store.db, 'weu', 'poll-1', at(5), 60_000)
    world.goTo(5, 2)
    await flux(fluxEvent(5))
    expect(world.polled).toEqual([])
    await store.db.execute(sql`update source set lease_holder = null, lease_until = null where id = 'weu'`)
    world.goTo(6)
    expect(await world.due()).toEqual(['weu'])
  })

  it('that storm are a poll in ten seconds, and the tick does not forget the last', async () => {
    world.goTo(5)
    await flux(fluxEvent(5))
    await world.settleDown(5)
    world.goTo(5, 3)
    for (const reason of ['A', 'B', 'C'])
      expect((await flux(fluxEvent(5, { reason }))).body).toMatchObject({ hints: 1 })
    expect(world.polled).toEqual([])
    world.goTo(5, 11)
    await flux(fluxEvent(5, { reason: 'D' }))
    expect(world.polled).toEqual(['weu'])
    expect(await world.wants()).toHaveLength(1)
  })

  it('wait like everything else while the source is backed off', async () => {
    await store.db.execute(sql`update source set not_before = ${at(20).toISOString()} where id = 'weu'`)
    world.goTo(5)
    await flux(fluxEvent(5))
    expect(world.polled).toEqual([])
    expect(await world.due()).toEqual([])
    world.goTo(20)
    expect(await world.due()).toEqual(['weu'])
  })

  it('about what is not read are nothing', async () => {
    const before = await world.written()
    world.goTo(5)
    const involvedObject = { apiVersion: 'example.org/v1', kind: 'Nobody', namespace: 'fleet', name: 'a' }
    expect((await flux(fluxEvent(5, { involvedObject }))).body).toMatchObject({ hints: 0 })
    expect(await world.wants()).toEqual([])
    expect(await world.written()).toEqual(before)
  })

  it('are taken with either key while one is replaced, or with a token where the provider cannot sign', async () => {
    world.goTo(5)
    expect((await flux(fluxEvent(5), 'weu', keys.old)).body).toMatchObject({ hints: 1 })
    const bearer = { authorization: `Bearer ${keys.neu}` }
    expect((await world.send('/events/flux/neu', fluxEvent(5), bearer)).body).toMatchObject({ hints: 1 })
    expect(world.polled).toEqual(['weu', 'neu'])
  })

  it.each<[string, string, () => [string, Record<string, string>], number]>([
    ['for another source', 'neu', () => [fluxEvent(5), signed(fluxEvent(5))], 401],
    ['for no source at all', 'nowhere', () => [fluxEvent(5), signed(fluxEvent(5))], 401],
    ['without a signature', 'weu', () => [fluxEvent(5), {}], 401],
    ['with a signature of other bytes', 'weu', () => [fluxEvent(5), signed(`${fluxEvent(5)} `)], 401],
    ['of yesterday', 'weu', () => [fluxEvent(-60), signed(fluxEvent(-60))], 400],
    ['of tomorrow', 'weu', () => [fluxEvent(20), signed(fluxEvent(20))], 400],
    ['that are no JSON', 'weu', () => ['hello', signed('hello')], 400],
    ['that are none of Flux', 'weu', () => ['{}', signed('{}')], 400],
    ['that are packed', 'weu', () => [fluxEvent(5), { ...signed(fluxEvent(5)), 'content-encoding': 'gzip' }], 415],
    ['of a megabyte', 'weu', () => ['x'.repeat(1e6), signed('x'.repeat(1e6))], 413],
  ])('%s are refused, and nothing is kept', async (_what, source, request, status) => {
    world.goTo(5)
    const before = await world.written()
    const answer = await world.send(`/events/flux/${source}`, ...request())
    expect(answer).toMatchObject({ status, body: { status, requestId: answer.headers.get('x-request-id') } })
    expect(JSON.stringify(answer.body)).not.toContain('geheim')
    expect([await world.wants(), await world.written(), world.polled]).toEqual([[], before, []])
  })

  it('are asked for again while the store is away', async () => {
    const lost = await openEngine('pglite')
    await lost.close()
    const away = await openSetting({ ...lost, place: 'database' })
    const answer = await away.send('/events/flux/weu', fluxEvent(0), signed(fluxEvent(0)))
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10'])
    expect(away.faults).toHaveLength(1)
  })

  it('go to no other route, and by no other method', async () => {
    for (const path of ['/events/eventgrid/weu', '/events/flux', '/events/cloudevents', '/events/argo/weu'])
      expect(await world.send(path, '{}', {})).toMatchObject({ status: 404 })
    const answer = await world.send('/events/flux/weu', null, {}, 'GET')
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
    expect(world.faults).toEqual([])
  })
})
