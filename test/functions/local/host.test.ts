import { type IncomingMessage, request } from 'node:http'
import { Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { installCore } from '../../../functions/local/core.ts'
import { type HostOptions, type LocalHost, startHost } from '../../../functions/local/host.ts'
import { memoryQueues } from '../../../functions/local/queue.ts'

const openQueue = memoryQueues()
const troubles: string[] = []
const lines: string[] = []
const options: HostOptions = {
  entries: [],
  numbers: {
    routePrefix: '',
    queues: {
      batchSize: 4,
      newBatchThreshold: 4,
      maxDequeueCount: 5,
      visibilityTimeoutMs: 0,
      maxPollingIntervalMs: 200,
    },
    functionTimeoutMs: 10_000,
  },
  host: '127.0.0.1',
  port: 0,
  openQueue,
  log: (level, name, message) => lines.push(`${level} ${name}: ${message}`),
  trouble: (what, error) => troubles.push(`${what}: ${String(error)}`),
}
const listened: unknown[] = []
let host: LocalHost
let seen: Awaited<typeof import('./sample.ts')>['seen']

beforeAll(async () => {
  installCore()
  const sample = await import('./sample.ts')
  sample.register(true)
  seen = sample.seen
  const listen = vi.spyOn(Server.prototype, 'listen')
  host = await startHost(options)
  listened.push(...listen.mock.calls)
  listen.mockRestore()
})
afterAll(() => host?.stop())

describe('HTTP', () => {
  it('hands over route parameters, query, headers and body', async () => {
    const answer = await fetch(`${host.url}/echo/weu%20prod?q=1`, {
      method: 'POST',
      body: 'hello',
      headers: { 'x-mine': 'yes' },
    })
    expect(answer.status).toBe(201)
    expect(answer.headers.get('x-mine')).toBe('yes')
    expect(await answer.json()).toEqual({ name: 'weu prod', url: `${host.url}/echo/weu%20prod?q=1`, body: 'hello' })
    expect(lines).toContain('information echo: echo weu prod')
  })

  it('answers 404 for a route or method that no function has', async () => {
    expect((await fetch(`${host.url}/nothing`)).status).toBe(404)
    expect((await fetch(`${host.url}/enqueue`)).status).toBe(404)
  })

  it('answers 500 when a function throws, instead of waiting for ever', async () => {
    expect((await fetch(`${host.url}/broken`)).status).toBe(500)
    expect(troubles.some((line) => line.includes('broken on purpose'))).toBe(true)
  })

  it('streams: the first event is there before the last is made', async () => {
    const answer = await fetch(`${host.url}/events`)
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    const reader = answer.body?.getReader()
    const started = Date.now()
    const first = await reader?.read()
    expect(new TextDecoder().decode(first?.value)).toBe('data: 1\n\n')
    expect(Date.now() - started).toBeLessThan(2000)
    await reader?.cancel()
  })

  it('tells the function that its client has left', async () => {
    const before = seen.left
    const leaving = new AbortController()
    const answer = await fetch(`${host.url}/events`, { signal: leaving.signal })
    await answer.body?.getReader().read()
    leaving.abort()
    await expect.poll(() => seen.left, { timeout: 3000 }).toBeGreaterThan(before)
  })

  /** A request as no well-behaved client would write it. */
  const raw = (path: string, headers: Record<string, string>) =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(host.url)
      const answered = (response: IncomingMessage) => {
        response.resume()
        resolve(response.statusCode)
      }
      request({ hostname, port, path, headers }, answered).on('error', reject).end()
    })

  it('never forwards a request to where its target points', async () => {
    expect(await raw('//evil.example/echo/a', {})).toBe(404)
    expect(await raw('http://evil.example/echo/a', {})).toBe(400)
    expect(await raw('/echo/a', { host: 'a b' })).toBe(400)
  })

  it("lets no client choose an invocation's id", async () => {
    expect(await raw('/echo/a', { 'x-ms-invocation-id': 'mine', 'x-forwarded-host': 'evil.example' })).toBe(201)
  })

  it('listens on loopback only, the library’s own server included', () => {
    expect(listened.length).toBe(2)
    for (const call of listened) expect(JSON.stringify(call)).toContain('127.0.0.1')
  })
})

describe('queues', () => {
  const enqueue = (body: unknown) => fetch(`${host.url}/enqueue`, { method: 'POST', body: JSON.stringify(body) })

  it('makes one message per item of an output, parsed again on arrival', async () => {
    expect((await enqueue([{ source: 'a' }, 'text', { source: 'ü' }])).status).toBe(202)
    await expect.poll(() => seen.queued.length, { timeout: 5000 }).toBe(3)
    expect(seen.queued).toEqual(expect.arrayContaining([{ source: 'a' }, 'text', { source: 'ü' }]))
    expect(seen.metadata[0]).toMatchObject({ dequeueCount: 1, id: expect.any(String) })
  })

  it('moves a message to the poison queue after five tries', async () => {
    await enqueue(['poison'])
    const poison = await openQueue('jobs-poison')
    await expect
      .poll(async () => (await poison.receive({ max: 1, hiddenMs: 60_000 })).length, { timeout: 5000 })
      .toBe(1)
    expect(seen.tries).toBe(5)
  })
})

describe('timers', () => {
  it('run once at start, then on schedule, and never twice at once', async () => {
    expect(seen.ticks[0]).toMatchObject({
      isPastDue: false,
      schedule: { adjustForDST: true },
      scheduleStatus: { next: expect.any(String) },
    })
    await expect.poll(() => seen.ticks.length, { timeout: 8000 }).toBeGreaterThanOrEqual(3)
    expect(seen.mostTicking).toBe(1)
  })
})

describe('start and stop', () => {
  it('says in one sentence that the port is taken', async () => {
    const port = Number(new URL(host.url).port)
    await expect(startHost({ ...options, port })).rejects.toThrow(
      `PORT ${port} on 127.0.0.1 is taken by another program; stop it, or choose another, for example PORT=${port + 1}.`,
    )
  })

  it('runs the hooks of the app, the last one after everything has ended', async () => {
    expect(seen.hooks).toEqual(['start'])
    await host.stop()
    expect(seen.hooks).toEqual(['start', 'terminate'])
    expect(seen.ticking).toBe(0)
    await expect(fetch(host.url)).rejects.toThrow()
  })
})
