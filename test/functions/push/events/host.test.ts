import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Store } from '../../../../db/client.ts'
import { type LocalHost, startHost } from '../../../../functions/local/host.ts'
import { memoryQueues } from '../../../../functions/local/queue.ts'
import { provide } from '../../../../functions/wiring/dependencies.ts'
import { openEngine } from '../../../engine.ts'
import { fluxEvent, openSetting, type Setting, signed } from './setting.ts'

let store: Store
let world: Setting
let host: LocalHost
const openQueue = memoryQueues()

beforeAll(async () => {
  store = await openEngine('pglite')
  world = await openSetting(store)
  await world.begin()
  provide(async () => world.deps)
  host = await startHost({
    entries: [join(import.meta.dirname, '../../../../functions/events.ts')],
    numbers: {
      routePrefix: '',
      queues: {
        batchSize: 1,
        newBatchThreshold: 1,
        maxDequeueCount: 1,
        visibilityTimeoutMs: 0,
        maxPollingIntervalMs: 200,
      },
      functionTimeoutMs: 10_000,
    },
    host: '127.0.0.1',
    port: 0,
    openQueue,
    log: () => {},
    trouble: () => {},
  })
})
afterAll(async () => {
  await host?.stop()
  await store?.close()
})

it('an event that comes over HTTP is a message of the poll queue before it is answered', async () => {
  world.goTo(5)
  const body = fluxEvent(5)
  const answer = await fetch(`${host.url}/events/flux/weu`, { method: 'POST', headers: signed(body), body })
  expect([answer.status, await answer.json()]).toMatchObject([202, { hints: 1 }])
  const [message] = await (await openQueue('poll')).receive({ max: 2, hiddenMs: 60_000 })
  expect(JSON.parse(Buffer.from(message?.body ?? '', 'base64').toString())).toEqual({ source: 'weu' })
})

it('a handshake goes through it, and other routes find nothing', async () => {
  const asked = { 'webhook-request-origin': 'eventemitter.example.com' }
  const answer = await fetch(`${host.url}/events/cloudevents/weu`, { method: 'OPTIONS', headers: asked })
  expect([answer.status, answer.headers.get('webhook-allowed-origin')]).toEqual([200, 'eventemitter.example.com'])
  expect((await fetch(`${host.url}/events/eventgrid`, { method: 'POST', body: '[]' })).status).toBe(401)
})
