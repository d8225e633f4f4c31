import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../../../db/client.ts'
import { installCore, type Registry, triggerOf } from '../../../../functions/local/core.ts'
import { invoker, queueOutputs } from '../../../../functions/local/invoke.ts'
import { provide } from '../../../../functions/wiring/dependencies.ts'
import { eventHub } from '../../../../functions/wiring/event-hub.ts'
import { clear, openEngine } from '../../../engine.ts'
import { fluxEvent, openSetting, type Setting, subscription } from './setting.ts'

// The triggers of Azure as its worker calls them; no Event Grid and no hub is here, so that their side of it is unproven.

const aks = (over: object = {}) => ({
  ...{
    id: '1',
    subject: 'Prod',
    eventType: 'Microsoft.ContainerService.ClusterSupportEnding',
    data: {},
    dataVersion: '1',
  },
  topic: `/subscriptions/${subscription}/resourceGroups/Platform/providers/Microsoft.ContainerService/managedClusters/Prod`,
  ...{ eventTime: '2026-01-01T12:05:00.1234567Z', metadataVersion: '1', ...over },
})
const asCloudEvent = () => {
  const { topic: source, eventType: type, eventTime: time, ...rest } = aks()
  return { ...rest, source, type, time, specversion: '1.0' }
}
const flux = (source: string | undefined, reason = 'HealthCheckFailed') =>
  JSON.parse(fluxEvent(5, { reason, metadata: { revision: 'main', managementCluster: source } }))

describe('the triggers of Azure', () => {
  let store: Store
  let world: Setting
  let registry: Registry
  beforeAll(async () => {
    store = await openEngine('pglite')
    world = await openSetting(store)
    provide(async () => world.deps)
    registry = installCore()
    process.env.EventHubName = 'fleet'
    await import('../../../../functions/event-grid.ts')
    await import('../../../../functions/event-hub.ts')
    delete process.env.EventHubName
  })
  beforeEach(async () => {
    await clear(store)
    await world.begin()
    world.goTo(5)
  })
  afterAll(() => store.close())

  /** Calls a function as the worker does, and gives the sources it asks to have polled. */
  async function call(name: string, input: unknown): Promise<readonly string[]> {
    const fn = registry.functions.get(name)
    if (!fn) throw new Error(`Function "${name}" is not registered.`)
    const inputData = [{ name: triggerOf(fn).name, data: { json: JSON.stringify(input) } }]
    const response = await invoker(registry, 10_000, () => {})({ fn, request: { inputData, triggerMetadata: {} } })
    return queueOutputs(fn, response).map(({ queue, body }) => {
      expect(queue).toBe('poll')
      return JSON.parse(Buffer.from(body, 'base64').toString()).source
    })
  }

  it.each([
    ['in its own schema', aks],
    ['as CloudEvents', asCloudEvent],
  ])('event-grid has whoever reads the subscription polled, once: %s', async (_schema, event) => {
    expect(await call('event-grid', event())).toEqual(['corp'])
    expect(await call('event-grid', event())).toEqual([])
  })

  it('event-grid ends well whatever comes: what fails is sent again for a day', async () => {
    for (const event of [
      aks({ eventType: 'Microsoft.Storage.BlobCreated' }),
      aks({ topic: '' }),
      { hello: 'you' },
      'hello',
      null,
    ])
      expect(await call('event-grid', event)).toEqual([])
  })

  it('event-hub takes batches of Flux and of AKS, whose messages are lists', async () => {
    const messages = [flux('weu'), [aks(), aks({ id: '2' })], asCloudEvent(), flux('edge')]
    expect((await call('event-hub', messages)).toSorted()).toEqual(['corp', 'weu'])
    const wants = await rowsOf(store.db, sql`select source_id as source from push_want order by 1`)
    expect(wants).toEqual([{ source: 'corp' }, { source: 'edge' }, { source: 'weu' }])
    expect(await call('event-hub', messages)).toEqual([])
  })

  it('event-hub does not let a message that is none hold up the others', async () => {
    const messages = [
      null,
      'hello',
      7,
      {},
      flux(undefined),
      flux('nowhere'),
      flux('\u0000'),
      { involvedObject: 1 },
      flux('weu'),
    ]
    expect(await call('event-hub', messages)).toEqual(['weu'])
  })

  it('event-hub takes no whole objects: whoever may send to a hub may not speak for every source', async () => {
    const object = {
      apiVersion: 'cluster.x-k8s.io/v1beta2',
      kind: 'Cluster',
      metadata: { name: 'x', namespace: 'fleet' },
    }
    const event = {
      specversion: '1.0',
      id: '1',
      source: 's',
      type: 'dev.knative.apiserver.resource.add',
      time: '2026-01-01T12:05:00Z',
      data: object,
    }
    expect(await call('event-hub', [event])).toEqual([])
    expect(await rowsOf(store.db, sql`select from object where name = 'x'`)).toEqual([])
  })

  it('both fail when the store does, so that they are tried again', async () => {
    const lost = await openEngine('pglite')
    await lost.close()
    provide(async () => ({ ...world.deps, store: lost }))
    await expect(call('event-grid', aks())).rejects.toThrow()
    await expect(call('event-hub', [flux('weu')])).rejects.toThrow()
    provide(async () => world.deps)
  })

  it('event-hub is there only where a hub is named: a host calls one without settings broken', () => {
    expect(eventHub({})).toBeNull()
    expect(eventHub({ EventHubName: '' })).toBeNull()
    expect(eventHub({ EventHubName: 'fleet' })).toEqual({
      connection: 'EventHub',
      eventHubName: 'fleet',
      consumerGroup: '$Default',
    })
    expect(triggerOf(registry.functions.get('event-hub') ?? expect.fail()).binding).toMatchObject({
      cardinality: 'many',
      eventHubName: 'fleet',
    })
  })
})
