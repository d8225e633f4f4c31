import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../../../db/client.ts'
import { clear, engines, openEngine } from '../../../engine.ts'
import { keys, openSetting, type Setting, subscription } from './setting.ts'

describe.each(engines)('events of Azure on %s', (engine) => {
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

  const armId = `/subscriptions/${subscription}/resourceGroups/Platform/providers/Microsoft.ContainerService/managedClusters/Prod`
  const event = (over: object = {}) => ({
    ...{ id: '1', topic: armId, subject: 'Prod', eventType: 'Microsoft.ContainerService.NodePoolRollingFailed' },
    ...{ eventTime: '2026-01-01T12:05:00.1234567Z', data: {}, dataVersion: '1', metadataVersion: '1', ...over },
  })
  const grid = (body: unknown, headers: Record<string, string> = { 'x-rollcall-key': keys.grid }, query = '') =>
    world.send(`/events/eventgrid${query}`, JSON.stringify(body), { 'content-type': 'application/json', ...headers })

  it('make whoever reads the subscription due, once', async () => {
    const before = await world.written()
    world.goTo(5)
    expect(await grid([event()])).toMatchObject({ status: 200, body: { hints: 1 } })
    expect(world.polled).toEqual(['corp'])
    expect((await grid([event()])).body).toMatchObject({ hints: 0 })
    expect(await world.written()).toEqual(before)
  })

  it('are taken as CloudEvents too, alone or together, with the key in the address', async () => {
    world.goTo(5)
    const { topic: source, eventType: type, eventTime: time, ...rest } = event()
    const body = { ...rest, source, type, time, specVersion: '1.0' }
    expect(await grid(body, {}, `?key=${encodeURIComponent(keys.grid)}`)).toMatchObject({
      status: 200,
      body: { hints: 1 },
    })
  })

  it('of other types, and about subscriptions that nobody reads, end well: a refusal holds up the next', async () => {
    world.goTo(5)
    const others = [
      event({ eventType: 'Microsoft.Storage.BlobCreated' }),
      event({ id: '2', topic: '/subscriptions/nobody' }),
      event({ id: '3', topic: '' }),
    ]
    expect(await grid(others)).toMatchObject({ status: 200, body: { hints: 0, ignored: 1, rejected: [{ at: 2 }] } })
    expect(world.polled).toEqual([])
  })

  it('begin with a question, which is answered in either schema', async () => {
    const question = {
      id: '1',
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      data: { validationCode: 'c-1', validationUrl: 'https://127.0.0.1:1/' },
    }
    expect(await grid([question])).toMatchObject({ status: 200, body: { validationResponse: 'c-1' } })
    const asked = { 'webhook-request-origin': 'eventgrid.azure.net' }
    const answer = await world.send(`/events/eventgrid?key=${encodeURIComponent(keys.grid)}`, null, asked, 'OPTIONS')
    expect([answer.status, answer.headers.get('webhook-allowed-origin')]).toEqual([200, 'eventgrid.azure.net'])
    expect(await grid([question], {})).toMatchObject({ status: 401 })
    expect(await world.send('/events/eventgrid', null, asked, 'OPTIONS')).toMatchObject({ status: 401 })
  })

  it('without the key are refused: a token is of one management cluster, and speaks for no subscription', async () => {
    world.goTo(5)
    expect(await grid([event()], {})).toMatchObject({ status: 401 })
    expect(await grid([event()], { 'x-rollcall-key': 'another key of somebody' })).toMatchObject({ status: 401 })
    expect(await grid([event()], { authorization: `Bearer ${await world.token('weu')}` })).toMatchObject({
      status: 401,
    })
    expect(world.polled).toEqual([])
  })
})
