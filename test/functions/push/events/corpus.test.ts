import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../../../db/client.ts'
import { hubEvents } from '../../../../functions/push/events/hub.ts'
import { takeEvents } from '../../../../functions/push/events/take.ts'
import { clear, openEngine } from '../../../engine.ts'
import { corpusDir } from '../../../require.ts'
import { at, keys, openSetting, type Setting, signed, subscription } from './setting.ts'

// What senders document, as they document it, on the way that it would come.

const corpus = corpusDir()
const read = (...path: string[]) => readFileSync(join(corpus ?? '', ...path), 'utf8')
/** As documented, but for the subscription, whose place is left open there. */
const azure = (file: string) => JSON.parse(read('aks/eventgrid', file).replaceAll('{subscription-id}', subscription))

describe.skipIf(corpus === null)('documented events', () => {
  let store: Store
  let world: Setting
  beforeAll(async () => {
    store = await openEngine('pglite')
    world = await openSetting(store)
  })
  beforeEach(async () => {
    await clear(store)
    await world.begin()
    world.goTo(5)
  })
  afterAll(() => store?.close())

  const grid = (body: unknown) =>
    world.send('/events/eventgrid', JSON.stringify(body), {
      'content-type': 'application/json',
      'x-rollcall-key': keys.grid,
    })

  describe.each([
    'cloudevents.NewKubernetesVersionAvailable.miscased-specVersion.json',
    'cloudevents.NodePoolRollingFailed.json',
    'eventgrid.ClusterSupportEnding.json',
    'eventgrid.NewKubernetesVersionAvailable.json',
  ])('of AKS: %s', (file) => {
    it('by webhook, has the subscription read at once', async () => {
      const before = await world.written()
      expect(await grid([azure(file)].flat())).toMatchObject({ status: 200, body: { hints: 1, rejected: [] } })
      expect([world.polled, await world.written()]).toEqual([['corp'], before])
    })

    it('by trigger or hub, the same', async () => {
      const polled: string[] = []
      const events = [azure(file)].flat().flatMap(hubEvents)
      await takeEvents(world.deps, events, (sources) => polled.push(...sources))
      expect(polled).toEqual(['corp'])
    })
  })

  it('of AKS: every documented type is heard, whatever its case', async () => {
    const template = azure('eventgrid.ClusterSupportEnding.json')
    const types = ['NewKubernetesVersionAvailable', 'ClusterSupportEnding', 'ClusterSupportEnded']
    const pools = ['NodePoolRollingStarted', 'NodePoolRollingSucceeded', 'NodePoolRollingFailed']
    const events = [...types, ...pools].map((type, id) => ({
      ...{ ...template, id: String(id), eventType: `Microsoft.ContainerService.${type}` },
    }))
    expect((await grid(events)).body).toMatchObject({ hints: 1, ignored: 0, rejected: [] })
    const again = events.map((event) => ({ ...event, id: `${event.id}-2`, eventType: event.eventType.toLowerCase() }))
    expect((await grid(again)).body).toMatchObject({ hints: 1, ignored: 0, rejected: [] })
  })

  it('of Event Grid: the question is answered with its code', async () => {
    const question = [azure('eventgrid.SubscriptionValidationEvent.json')].flat()
    expect(await grid(question)).toMatchObject({
      status: 200,
      body: { validationResponse: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' },
    })
    const unknown = await world.send('/events/eventgrid', JSON.stringify(question), {
      'aeg-event-type': 'SubscriptionValidation',
    })
    expect(unknown.status).toBe(401)
    expect(JSON.stringify(unknown.body)).not.toContain('512d38b6')
  })

  it('of Knative: an event of a kind that nobody reads leaves nothing', async () => {
    const before = await world.written()
    const headers = {
      'content-type': 'application/cloudevents+json',
      authorization: `Bearer ${await world.token('weu')}`,
    }
    const answer = await world.send(
      '/events/cloudevents/weu',
      read('objects/knative/cloudevent-resource-update.json'),
      headers,
    )
    expect(answer).toMatchObject({ status: 202, body: { readings: 0, hints: 0, rejected: [] } })
    expect([await world.wants(), await world.written()]).toEqual([[], before])
  })

  describe.each(['events-00.json', 'providers-03.json'])('of Flux: %s', (file) => {
    const event = () => JSON.parse(read('objects/notification-controller/docs', file))

    it('as it was written, is too old to be told from a replay', async () => {
      const body = JSON.stringify(event())
      expect(await world.send('/events/flux/weu', body, signed(body))).toMatchObject({
        status: 400,
        body: { detail: expect.stringContaining('older than an hour') },
      })
    })

    it('of today, is a hint, signed or with a token; about what is not read here, it is none', async () => {
      const involvedObject = {
        ...event().involvedObject,
        apiVersion: 'cluster.x-k8s.io/v1beta2',
        kind: 'MachineDeployment',
      }
      const before = await world.written()
      const today = { ...event(), timestamp: at(5).toISOString() }
      const body = JSON.stringify({ ...today, involvedObject })
      expect((await world.send('/events/flux/weu', body, signed(body))).body).toMatchObject({ hints: 1 })
      const bearer = { authorization: `Bearer ${keys.neu}` }
      expect((await world.send('/events/flux/neu', body, bearer)).body).toMatchObject({ hints: 1 })
      const unread = JSON.stringify(today)
      expect((await world.send('/events/flux/weu', unread, signed(unread))).body).toMatchObject({ hints: 0 })
      expect([world.polled, await world.written()]).toEqual([['weu', 'neu'], before])
    })
  })
})
