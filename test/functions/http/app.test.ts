import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openStore, type Store } from '../../../db/client.ts'
import { parseFleet } from '../../../fleet/configuration.ts'
import { FleetError } from '../../../fleet/error.ts'
import { createApp } from '../../../functions/http/app.ts'
import type { Dependencies } from '../../../functions/wiring/dependencies.ts'
import { openIntake } from '../../../functions/wiring/intake.ts'
import { openLog } from '../../../functions/wiring/log.ts'
import { readSettings } from '../../../functions/wiring/settings.ts'
import { openEngine } from '../../engine.ts'

let store: Store
beforeAll(async () => {
  store = await openEngine('pglite')
})
afterAll(() => store?.close())

const now = () => new Date('2026-11-22T12:00:00Z')
const log = openLog({ logLevel: 'error' })
const dependenciesWith = (over: Partial<Dependencies> = {}): Dependencies => ({
  settings: readSettings({}),
  store,
  fleet: parseFleet({}),
  viewer: { name: 'local', scope: 'everything' },
  now,
  log,
  intake: openIntake({ store, fleet: parseFleet({}), now, log }),
  poll: async () => ({ unfinished: false }),
  close: async () => {},
  ...over,
})
const appWith = (over?: Partial<Dependencies>) => createApp(async () => dependenciesWith(over))
const broken = createApp(() =>
  Promise.reject(new FleetError('invalid', 'DATABASE_URL: no PostgreSQL answers at db:5432/rollcall.')),
)
const ask = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ __typename }"}' }

describe('health', () => {
  it('/healthz answers as long as the process does, whatever its database', async () => {
    expect((await broken.request('/healthz')).status).toBe(200)
  })

  it('/readyz is 200 with a migrated store', async () => {
    const answer = await appWith().request('/readyz')
    expect(await answer.json()).toEqual({ status: 'ready' })
  })

  it('/readyz says that migrations are pending', async () => {
    const empty = await openStore({ memory: true })
    onTestFinished(() => empty.close())
    const answer = await appWith({ store: empty }).request('/readyz')
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ status: 503, detail: expect.stringContaining('npm run migrate') })
  })

  it('/readyz says that the store was lost meanwhile, and reports why', async () => {
    const lost = await openEngine('pglite')
    await lost.close()
    const reported: unknown[] = []
    const report = (error: unknown) => reported.push(error)
    const app = appWith({ store: { ...lost, place: 'database of DATABASE_URL' } })
    const answer = await app.request('/readyz', {}, { report })
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ detail: 'The database of DATABASE_URL does not answer.' })
    expect(reported).toHaveLength(1)
  })

  it('/readyz says why there is no store, as a problem of RFC 9457 that can be tried again', async () => {
    const answer = await broken.request('/readyz', { headers: { 'x-request-id': 'r-1' } })
    expect(answer.status).toBe(503)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.headers.get('retry-after')).toBe('10')
    expect(await answer.json()).toEqual({
      type: 'about:blank',
      title: 'Rollcall is not ready',
      status: 503,
      detail: 'DATABASE_URL: no PostgreSQL answers at db:5432/rollcall.',
      requestId: 'r-1',
    })
  })
})

describe('/graphql', () => {
  it('is 503 with the sentence while Rollcall is not set up', async () => {
    expect((await broken.request('/graphql', ask)).status).toBe(503)
  })

  it('answers this machine', async () => {
    const answer = await appWith().request('http://127.0.0.1:7071/graphql', ask)
    expect(await answer.json()).toMatchObject({ data: { __typename: 'Query' } })
  })

  it('refuses a foreign name for this machine (DNS rebinding)', async () => {
    const answer = await appWith().request('http://evil.example:7071/graphql', ask)
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({
      detail: 'This server answers to 127.0.0.1 and localhost only, not to evil.example.',
    })
  })

  it('lets nobody in where an issuer is set, since its tokens are not checked yet', async () => {
    const settings = readSettings({ ROLLCALL_ISSUER: 'https://login.example/v2.0', HOST: '0.0.0.0' })
    const answer = await appWith({ settings }).request('http://rollcall.example/graphql', {
      ...ask,
      headers: { ...ask.headers, authorization: 'Bearer x' },
    })
    expect(answer.status).toBe(401)
  })

  it.each(['PUT', 'PATCH', 'DELETE'])('refuses %s with a problem that says what it answers', async (method) => {
    const answer = await appWith().request('http://localhost/graphql', { method })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, POST, OPTIONS'])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({ title: 'Method not allowed', detail: expect.stringContaining(method) })
  })

  it('refuses a request that is too large', async () => {
    const answer = await appWith().request('http://localhost/graphql', { ...ask, body: 'x'.repeat(1024 * 1024 + 1) })
    expect(answer.status).toBe(413)
  })
})

it('leads from the root to /graphql', async () => {
  const answer = await appWith().request('/')
  expect([answer.status, answer.headers.get('location')]).toEqual([302, '/graphql'])
})

it('answers what it does not know with a problem and the id of the request', async () => {
  const answer = await appWith().request('/nothing')
  expect(answer.status).toBe(404)
  expect(await answer.json()).toMatchObject({ title: 'Not found', requestId: answer.headers.get('x-request-id') })
})

it('keeps an unexpected error to itself, and reports it', async () => {
  const reported: unknown[] = []
  const secret = new Error('password=hunter2')
  const app = createApp(() => Promise.reject(secret))
  const answer = await app.request('/graphql', ask, { report: (error: unknown) => reported.push(error) })
  expect(answer.status).toBe(503)
  expect(await answer.text()).not.toContain('hunter2')
  expect(reported).toEqual([secret])
})
