import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../../../db/client.ts'
import { ingest } from '../../../../db/ingest.ts'
import { listed, owned } from '../../../db/wire.ts'
import { clear, engines, openEngine } from '../../../engine.ts'
import { at, deployment, deploymentKind, knativeEvent, openSetting, type Setting } from './setting.ts'

describe.each(engines)('events of Knative on %s', (engine) => {
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

  const knative = async (events: object | readonly object[], source = 'weu', as = source) =>
    world.send(`/events/cloudevents/${source}`, JSON.stringify(events), {
      'content-type': Array.isArray(events) ? 'application/cloudevents-batch+json' : 'application/cloudevents+json',
      authorization: `Bearer ${await world.token(as)}`,
    })

  it('in mode Reference create no row; a source that only pushes is asked for the object', async () => {
    const before = await world.written()
    world.goTo(5)
    const reference = {
      apiVersion: 'cluster.x-k8s.io/v1beta2',
      kind: 'MachineDeployment',
      namespace: 'fleet',
      name: 'new',
    }
    const event = knativeEvent('ref.add', 5, reference, { name: 'new' })
    expect(await knative(event, 'edge')).toMatchObject({ status: 202, body: { readings: 0, hints: 1 } })
    expect(await world.wants()).toEqual([{ source: 'edge', kind: deploymentKind, namespace: 'fleet', name: 'new' }])
    expect((await knative(event, 'edge')).body).toMatchObject({ hints: 0 })
    expect(await world.written()).toEqual(before)
    expect(world.polled).toEqual([])
  })

  it('in mode Resource are readings: a newer one updates the row, an older one does not', async () => {
    world.goTo(5)
    const scaled = deployment('a', { replicas: 5 })
    expect(await knative(knativeEvent('resource.update', 5, scaled))).toMatchObject({
      status: 202,
      body: { readings: 1, hints: 0 },
    })
    const row = { replicas: 5, observedAt: expect.anything() }
    expect(await world.one('a')).toMatchObject(row)
    const after = await world.written()

    // Held up on its way, and overtaken; and the first again.
    await knative(knativeEvent('resource.update', 4, deployment('a', { replicas: 4 })))
    expect(await world.one('a')).toMatchObject(row)
    await knative(knativeEvent('resource.update', 5, scaled))
    expect((await world.written()).filter((one) => JSON.stringify(one).includes('"o"'))).toEqual(
      after.filter((one) => JSON.stringify(one).includes('"o"')),
    )
  })

  it('never outdo a later poll, by however fast a clock they are dated', async () => {
    world.goTo(5)
    await knative(knativeEvent('resource.update', 9, deployment('a', { replicas: 9 })))
    expect(await world.one('a')).toMatchObject({ replicas: 9 })
    // Doubtful, so that the poll comes at once.
    expect(world.polled).toEqual(['weu'])
    await ingest(store.db, listed(at(6), [deployment('a')]), { receivedAt: at(6) })
    expect(await world.one('a')).toMatchObject({ replicas: 3 })
  })

  it.each([
    ['before what was read', '41', 3, ['weu']],
    ['after what was read', '43', 9, []],
  ])('of %s, whatever their clock says, by their resourceVersion', async (_, resourceVersion, replicas, polled) => {
    await store.db.execute(sql`update reading set cursor = '42' where source_id = 'weu'`)
    world.goTo(5)
    const seen = deployment('a', { replicas: 9 })
    const metadata = { ...(seen.metadata as object), resourceVersion }
    await knative(knativeEvent('resource.update', 5, { ...seen, metadata }))
    expect(await world.one('a')).toMatchObject({ replicas })
    expect(world.polled).toEqual(polled)
  })

  it('that delete bury what they saw, and are looked at again; an earlier object of the name they let be', async () => {
    world.goTo(5)
    expect((await knative(knativeEvent('resource.delete', 5, deployment('a', { uid: 'earlier' })))).body).toMatchObject(
      { readings: 0, hints: 1 },
    )
    expect(await world.one('a')).toMatchObject({ gone: false })
    expect((await knative(knativeEvent('resource.delete', 5, deployment('a'), { id: 'second' }))).body).toMatchObject({
      readings: 1,
      hints: 1,
    })
    expect(await world.one('a')).toMatchObject({ gone: true })
    expect(world.polled).toEqual(['weu'])
  })

  it('that delete lose against what was seen later', async () => {
    world.goTo(5)
    await knative(knativeEvent('resource.update', 5, deployment('a', { replicas: 5 })))
    await knative(knativeEvent('resource.delete', 4, deployment('a')))
    expect(await world.one('a')).toMatchObject({ gone: false, replicas: 5 })
  })

  it('in another version than the source is read in are hints: the difference would be no change', async () => {
    await store.db.execute(sql`update reading set version = 'v1beta2' where kind = ${deploymentKind}`)
    const before = await world.written()
    world.goTo(5)
    const old = { ...deployment('a', { replicas: 7 }), apiVersion: 'cluster.x-k8s.io/v1beta1' }
    expect((await knative(knativeEvent('resource.update', 5, old))).body).toMatchObject({ readings: 0, hints: 1 })
    expect(await world.written()).toEqual(before)
  })

  it('of kinds that nobody reads, Secrets among them, leave nothing', async () => {
    const before = await world.written()
    world.goTo(5)
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a', namespace: 'fleet', uid: 'u' },
      data: { password: 'Z2VoZWlt' },
    }
    const event = knativeEvent('resource.add', 5, secret, { kind: 'Secret', apiversion: 'v1' })
    expect((await knative(event)).body).toMatchObject({ readings: 0, hints: 0 })
    const stranger = owned('Stranger', 'a', null)
    expect(
      (await knative(knativeEvent('resource.add', 5, stranger, { kind: 'Stranger', apiversion: 'example.org/v1' })))
        .body,
    ).toMatchObject({ readings: 0 })
    expect(await world.written()).toEqual(before)
  })

  it('come in batches: what is none is named, the others are taken', async () => {
    world.goTo(5)
    const events = [
      knativeEvent('resource.update', 5, deployment('a', { replicas: 5 })),
      { specversion: '1.0' },
      knativeEvent('resource.add', 5, deployment('b'), { name: 'b' }),
    ]
    expect(await knative(events)).toMatchObject({
      status: 202,
      body: { readings: 2, rejected: [{ at: 1, why: 'An event lacks "id", "source" or "type".' }] },
    })
    expect(await world.one('b')).toMatchObject({ replicas: 3, gone: false })
  })

  it('are taken in binary mode', async () => {
    world.goTo(5)
    const { data, ...attributes } = knativeEvent('resource.update', 5, deployment('a', { replicas: 5 })) as {
      data: object
    }
    const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, String(value)]))
    const authorization = `Bearer ${await world.token('weu')}`
    await world.send('/events/cloudevents/weu', JSON.stringify(data), {
      ...headers,
      authorization,
      'content-type': 'application/json',
    })
    expect(await world.one('a')).toMatchObject({ replicas: 5 })
  })

  it('for a source that is not its sender’s are refused', async () => {
    world.goTo(5)
    const before = await world.written()
    const event = knativeEvent('resource.update', 5, deployment('a', { replicas: 5 }))
    expect(await knative(event, 'weu', 'edge')).toMatchObject({ status: 403 })
    expect(await knative(event, 'corp', 'edge')).toMatchObject({ status: 403 })
    expect(await world.send('/events/cloudevents/weu', JSON.stringify(event), {})).toMatchObject({ status: 401 })
    expect(await knative({ specversion: '2.0' })).toMatchObject({ status: 400 })
    expect(await world.written()).toEqual(before)
  })

  it('may be asked for first (OPTIONS); nobody is called back', async () => {
    const asked = {
      'webhook-request-origin': 'eventemitter.example.com',
      'webhook-request-rate': '120',
      'webhook-request-callback': 'https://127.0.0.1:1/',
    }
    const { status, headers } = await world.send('/events/cloudevents/weu', null, asked, 'OPTIONS')
    expect([
      status,
      headers.get('webhook-allowed-origin'),
      headers.get('webhook-allowed-rate'),
      headers.get('allow'),
    ]).toEqual([200, 'eventemitter.example.com', '120', 'POST, OPTIONS'])
    expect(await world.send('/events/cloudevents/weu', null, {}, 'OPTIONS')).toMatchObject({ status: 400 })
  })
})
