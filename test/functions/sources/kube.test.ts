import { createServer } from 'node:http'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openConnections } from '../../../functions/sources/connections.ts'
import type { Fault } from '../../world/api/fault.ts'
import { clusters, type FakeCluster, namespaces, quietConnections, reach, startFakeCluster } from './fake-cluster.ts'

const path = '/apis/cluster.x-k8s.io/v1beta2/clusters?limit=1'
const connections = quietConnections()
let cluster: FakeCluster

beforeAll(async () => {
  cluster = await startFakeCluster()
})
afterEach(() => cluster.faults.clear())
afterAll(async () => {
  await connections.close()
  await cluster.server.close()
})

const kube = (limits = {}) => reach(connections, cluster.kubeconfig(), { patienceMs: 0, requestMs: 400, ...limits })

test('what a server warns of is said once, however often it does', async () => {
  const said: string[] = []
  const listening = openConnections((message) => said.push(message))
  const text = 'cluster.x-k8s.io/v1beta1 Cluster is deprecated; use cluster.x-k8s.io/v1beta2 Cluster'
  const versions = [
    { name: 'v1beta2', storage: true },
    { name: 'v1beta1', deprecated: text },
  ]
  const old = await startFakeCluster({ resources: [namespaces, { ...clusters, versions }] })
  const asking = await reach(listening, old.kubeconfig())
  for (const version of ['v1beta1', 'v1beta2', 'v1beta1'])
    await asking.get(`/apis/cluster.x-k8s.io/${version}/clusters?limit=1`)
  expect(said).toEqual([`source weu: ${old.server.url} warns: ${text}`])
  await listening.close()
  await old.server.close()
})

describe('each failure is recorded as what it is', () => {
  test.each<[string, Fault, string]>([
    ['401', { fault: 'expired' }, 'Unauthorized'],
    ['403', { fault: 'forbidden' }, 'Forbidden'],
    ['429', { fault: 'throttled', retryAfterSeconds: 7 }, 'Throttled'],
    ['500', { fault: 'error', code: 500, message: 'password=hunter2' }, 'ServerError'],
    ['502', { fault: 'error', code: 502 }, 'ServerError'],
    ['silence', { fault: 'silent' }, 'Timeout'],
    ['a dropped connection', { fault: 'reset' }, 'Unreachable'],
    ['half a document', { fault: 'truncated' }, 'BadAnswer'],
    ['a login page', { fault: 'wrong' }, 'BadAnswer'],
  ])('%s', async (_name, fault, code) => {
    cluster.faults.add(fault)
    const reply = await (await kube()).get(path)
    expect(reply).toMatchObject({
      as: 'failure',
      trouble: { code, message: expect.stringContaining(cluster.server.url) },
    })
    expect(JSON.stringify(reply)).not.toMatch(/hunter2|reader-token/)
  })

  test('404 is not installed', async () => {
    expect(await (await kube()).get('/apis/none.io/v1/things')).toMatchObject({ trouble: { code: 'NotInstalled' } })
  })

  test('nobody listens; no such name', async () => {
    const refused = await reach(connections, cluster.kubeconfig({ url: 'https://127.0.0.1:1' }))
    expect(await refused.get(path)).toMatchObject({
      trouble: { code: 'Unreachable', message: expect.stringContaining('refused') },
    })
    const nameless = await reach(connections, cluster.kubeconfig({ url: 'https://none.invalid' }))
    expect(await nameless.get(path)).toMatchObject({
      trouble: { code: 'Unreachable', message: expect.stringContaining('name does not resolve') },
    })
  })

  test('plain HTTP behind https is no matter of certificates', async () => {
    const plain = createServer((_request, response) => response.end('hello'))
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    const { port } = plain.address() as { port: number }
    const asking = await reach(connections, cluster.kubeconfig({ url: `https://127.0.0.1:${port}` }))
    const reply = await asking.get(path)
    expect(reply).toMatchObject({
      trouble: { code: 'Unreachable', message: expect.stringContaining('it does not speak TLS') },
    })
    expect(JSON.stringify(reply)).not.toContain('certificate')
    plain.close()
  })

  test('a Retry-After is heeded while the budget allows, and told when not', async () => {
    cluster.faults.add({ fault: 'throttled', retryAfterSeconds: 1, times: 1 })
    const began = performance.now()
    expect(await (await kube({ patienceMs: 2_000, requestMs: 5_000 })).get(path)).toMatchObject({ as: 'body' })
    expect(performance.now() - began).toBeGreaterThan(950)
    cluster.faults.add({ fault: 'throttled', retryAfterSeconds: 60 })
    expect(await (await kube({ patienceMs: 2_000 })).get(path)).toMatchObject({ trouble: { retryAfterMs: 60_000 } })
  })

  test('an answer over the cap is given up, and said to be too long', async () => {
    expect(await (await kube()).get('/apis', { bytesMax: 10 })).toMatchObject({
      oversize: true,
      trouble: { code: 'BadAnswer' },
    })
  })

  test('a bug is thrown, not recorded', async () => {
    await expect((await kube()).get('/with a\nnewline')).rejects.toThrow()
  })
})

test('a poll uses one connection again, and another after the server closed it', async () => {
  const first = await kube()
  expect(await first.get(path)).toMatchObject({ as: 'body' })
  await cluster.server.refuse()
  await cluster.server.accept()
  expect(await (await kube()).get(path)).toMatchObject({ as: 'body' })
})

test('a proxy-url is gone through', async () => {
  const proxied: string[] = []
  const proxy = createServer()
  proxy.on('connect', (request, client) => {
    proxied.push(request.url ?? '')
    const { port } = new URL(cluster.server.url)
    const upstream = connect(Number(port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      client.pipe(upstream).pipe(client)
    })
    for (const socket of [client, upstream]) socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as { port: number }
  const data = cluster.kubeconfig({ cluster: { 'proxy-url': `http://127.0.0.1:${port}` } })
  expect(await (await reach(connections, data)).get(path)).toMatchObject({ as: 'body' })
  expect(proxied).toEqual([new URL(cluster.server.url).host])
  proxy.close()
})

test('a server that takes connections and says nothing costs each request its deadline, not more', async () => {
  const sockets: Socket[] = []
  const mute = createTcpServer((socket) => sockets.push(socket))
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
  const { port } = mute.address() as { port: number }
  const hung = await reach(connections, cluster.kubeconfig({ url: `https://127.0.0.1:${port}` }), { requestMs: 300 })
  const began = performance.now()
  const replies = await Promise.all(['/a', '/b', '/c'].map((one) => hung.get(one)))
  expect(replies.map((reply) => reply.as === 'failure' && reply.trouble.code)).toEqual([
    'Timeout',
    'Timeout',
    'Timeout',
  ])
  expect(performance.now() - began).toBeLessThan(1_500)
  for (const socket of sockets) socket.destroy()
  mute.close()
})

test('a host that stops is no news of the server', async () => {
  const stopping = new AbortController()
  cluster.faults.add({ fault: 'silent' })
  const asked = (await reach(connections, cluster.kubeconfig(), {}, stopping.signal)).get(path)
  stopping.abort(new Error('stopping'))
  expect(await asked).toMatchObject({ as: 'failure' })
})
