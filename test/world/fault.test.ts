import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Client, connect } from '../contract/client.ts'
import type { Fault } from './api/fault.ts'
import type { ServedSite } from './serve-sites.ts'
import { createWorld, type World } from './world.ts'

const clusters = '/apis/cluster.x-k8s.io/v1beta2/clusters'
const on = 'clusters.cluster.x-k8s.io'

describe('a server of the world goes wrong on demand', () => {
  let world: World
  let served: ServedSite
  let client: Client
  beforeAll(async () => {
    world = createWorld({ seed: 'faults', clusters: 12, managementClusters: 1 })
    const [first] = await world.serve()
    if (first === undefined) throw new Error('the world has no server')
    served = first
    client = connect(served.kubeconfig)
  })
  afterEach(() => world.calm('weu-prod'))
  afterAll(async () => {
    client.close()
    await served.close()
  })

  const answers: readonly [Fault, number, RegExp][] = [
    [{ fault: 'expired' }, 401, /Unauthorized/],
    [{ fault: 'throttled', retryAfterSeconds: 7 }, 429, /too many requests/],
    [{ fault: 'error', code: 503 }, 503, /Internal error/],
    [{ fault: 'forbidden', on }, 403, /User \\"rollcall\\" cannot list resource/],
    [{ fault: 'wrong' }, 200, /^<html>/],
  ]
  it.each(answers)('%o', async (fault, status, text) => {
    world.disturb('weu-prod', fault)
    const answer = await client.get(clusters)
    expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(text)])
    if (fault.fault === 'throttled') expect(answer.headers['retry-after']).toBe('7')
  })

  it('conversion: the deprecated version fails, the stored one is read', async () => {
    world.disturb('weu-prod', { fault: 'conversion', on })
    const old = await client.get('/apis/cluster.x-k8s.io/v1beta1/clusters')
    expect([old.status, old.json.message]).toEqual([500, expect.stringContaining('conversion webhook for')])
    expect((await client.get(clusters)).status).toBe(200)
  })

  it('silent: no answer, until it ends; other kinds answer', async () => {
    world.disturb('weu-prod', { fault: 'silent', on })
    const answer = await Promise.race([
      client.get(clusters),
      new Promise((resolve) => setTimeout(resolve, 300, 'nothing')),
    ])
    expect(answer).toBe('nothing')
    expect((await client.get('/apis/cluster.x-k8s.io/v1beta2/machines?limit=1')).status).toBe(200)
    world.unsilence('weu-prod')
    expect((await client.get(clusters)).status).toBe(200)
  })

  it('reset and truncated: half an answer', async () => {
    world.disturb('weu-prod', { fault: 'reset', times: 1 })
    await expect(client.get(clusters)).rejects.toThrow()
    world.disturb('weu-prod', { fault: 'truncated', times: 1 })
    const half = await client.get(clusters)
    expect([half.status, half.json]).toEqual([200, null])
    expect((await client.get(clusters)).json.kind).toBe('ClusterList')
  })

  it('endless: a list without an end', async () => {
    world.disturb('weu-prod', { fault: 'endless', on })
    let token = ''
    for (let page = 0; page < 5; page++) {
      token = (await client.get(`${clusters}?limit=50&continue=${token}`)).json.metadata.continue
      expect(token).toBeTruthy()
    }
  })

  it('huge: one object of 20 MB', async () => {
    world.disturb('weu-prod', { fault: 'huge', on, bytes: 20_000_000 })
    expect((await client.get(`${clusters}?limit=2`)).text.length).toBeGreaterThan(20_000_000)
  })

  it('gone: 410 in both forms', async () => {
    const cursor = (await client.get(clusters)).json.metadata.resourceVersion
    const path = `${clusters}?watch=1&timeoutSeconds=1&resourceVersion=${cursor}`
    world.disturb('weu-prod', { fault: 'gone', as: 'http', times: 1 })
    expect((await client.watch(path)).status).toBe(410)
    world.disturb('weu-prod', { fault: 'gone', as: 'event', times: 1 })
    expect((await client.watch(path)).events).toMatchObject([
      { type: 'ERROR', object: { code: 410, reason: 'Expired' } },
    ])
  })

  it('slow: late, and whole', async () => {
    world.disturb('weu-prod', { fault: 'slow', ms: 200, times: 1 })
    const start = performance.now()
    expect((await client.get(clusters)).json.items).toHaveLength(12)
    expect(performance.now() - start).toBeGreaterThan(190)
  })

  it('refused: nobody listens, and then it does again at the same place', async () => {
    await served.refuse()
    await expect(client.get(clusters)).rejects.toThrow('ECONNREFUSED')
    await served.accept()
    expect((await client.get(clusters)).status).toBe(200)
  })
})
