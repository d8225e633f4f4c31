import { afterAll, beforeAll, expect, it } from 'vitest'
import { installCore } from '../../../functions/local/core.ts'
import { type LocalHost, startHost } from '../../../functions/local/host.ts'
import { memoryQueues } from '../../../functions/local/queue.ts'

/** An app that does not ask for streams: requests and answers then travel whole, inside the invocation. */
let host: LocalHost
beforeAll(async () => {
  installCore()
  const { register } = await import('./sample.ts')
  register(false)
  host = await startHost({
    entries: [],
    numbers: {
      routePrefix: 'api',
      queues: {
        batchSize: 1,
        newBatchThreshold: 0,
        maxDequeueCount: 5,
        visibilityTimeoutMs: 0,
        maxPollingIntervalMs: 200,
      },
      functionTimeoutMs: 10_000,
    },
    host: '127.0.0.1',
    port: 0,
    openQueue: memoryQueues(),
    log: () => {},
    trouble: () => {},
  })
})
afterAll(() => host?.stop())

it('runs HTTP functions buffered, under the route prefix', async () => {
  const answer = await fetch(`${host.url}/api/echo/a?q=1`, {
    method: 'POST',
    body: 'hello',
    headers: { 'x-mine': 'yes' },
  })
  expect(answer.status).toBe(201)
  expect(answer.headers.get('x-mine')).toBe('yes')
  expect(await answer.json()).toEqual({ name: 'a', url: `${host.url}/api/echo/a?q=1`, body: 'hello' })
  expect((await fetch(`${host.url}/echo/a`)).status).toBe(404)
})

it('answers 500 when a function throws, and 413 to what is too large', async () => {
  expect((await fetch(`${host.url}/api/broken`)).status).toBe(500)
  const large = await fetch(`${host.url}/api/echo/a`, { method: 'POST', body: 'x'.repeat(11 * 1024 * 1024) }).then(
    ({ status }) => status,
    () => 413,
  )
  expect(large).toBe(413)
})
