import { createSecureServer, type ServerHttp2Session } from 'node:http2'
import { request } from 'node:https'
import { connect, createServer, type Socket } from 'node:net'
import { openStore } from '../../db/client.ts'
import { migrateStore } from '../../db/migrate.ts'
import { registerSources } from '../../db/source.ts'
import { defaultStaleAfterMs } from '../../fleet/source.ts'
import { type Connections, openConnections } from '../../functions/sources/connections.ts'
import { pollSource } from '../../functions/sources/poll-source.ts'
import { makeCertificates } from '../world/api/certificate.ts'
import { type ServedSite, serveSites } from '../world/serve-sites.ts'
import { World } from '../world/world.ts'
import { type Figure, show } from './figure.ts'

/** About 16 objects each. */
const workloadClusters = 650
/** Over HTTP/1, which only proxies speak, each watch needs a connection, and a new process has none. */
const protocols = ['HTTP/2', 'HTTP/1'] as const

/** Bytes of one poll, from the server to us as they travelled (TLS, headers, gzip), and its time. */
interface Polled {
  readonly observed: number
  readonly bytes: number
  readonly ms: number
}

/** Polls one unchanged source of 10 000 objects through a counting wire: in full, by catch-up, and by a process that has just begun. */
async function benchPoll(protocol: (typeof protocols)[number]): Promise<readonly Figure[]> {
  const world = new World({
    managementClusters: 1,
    clusters: workloadClusters,
    now: () => new Date(),
    profile: 'current',
  })
  const [site] = await serveSites(world.sites, () => new Date())
  if (site === undefined) throw new Error('the world has no site')
  const front = protocol === 'HTTP/2' ? await http2Front(site) : null
  const wire = await countingWire(front?.port ?? Number(new URL(site.url).port))
  const authority = Buffer.from(front?.ca ?? site.ca).toString('base64')
  const kubeconfig = {
    data: site.kubeconfig.replace(site.url, wire.url).replace(/(certificate-authority-data: ).*/, `$1${authority}`),
  }
  const store = await openStore({ memory: true })
  await migrateStore(store)
  const everyMs = 60_000
  const source = {
    id: 'weu',
    type: 'managementCluster',
    parentId: null,
    polled: true,
    armId: null,
    region: null,
    labels: {},
    everyMs,
    staleAfterMs: defaultStaleAfterMs(everyMs),
  } as const
  await registerSources(store.db, [source], new Date())
  const poll = async (connections: Connections, minutes = 0): Promise<Polled> => {
    const before = wire.bytes()
    const now = () => new Date(Date.now() + minutes * 60_000)
    const limits = { relistMs: 24 * 3_600_000 }
    const deps = {
      db: store.db,
      targetOf: async () => ({ by: 'kube', kube: kubeconfig }) as const,
      connections,
      now,
      log: { info: () => undefined, warn: () => undefined },
      limits,
    }
    const { observed, ms, unfinished } = await pollSource(deps, 'weu', new AbortController().signal)
    if (unfinished) throw new Error('it did not fit one poll')
    return { observed, ms, bytes: wire.bytes() - before }
  }
  const open = () => openConnections(() => undefined)
  const [first, second, third] = [open(), open(), open()]
  const list = await poll(first)
  await poll(first) // Opens the connections that all watches at once need.
  const warm = await poll(first)
  const cold = await poll(second)
  const asking = await poll(third, 11)
  if (warm.observed + cold.observed + asking.observed > 0)
    throw new Error('the source was not unchanged, or was listed again')
  await Promise.all([first, second, third].map((connections) => connections.close()))
  await Promise.all([wire.close(), front?.close(), site.close(), store.close()])
  const figure = (what: string, { bytes, ms }: Polled): Figure => ({
    what: `${protocol}: bytes of a poll of an unchanged source, ${what}, against its full LIST`,
    ratio: bytes / list.bytes,
    bar: '< 0.01',
    detail: `${bytes} of ${list.bytes} bytes, ${list.observed} objects; ${ms} ms against ${list.ms} ms`,
  })
  return [
    figure('next poll of a process', warm),
    figure('first poll of a process', cold),
    figure('first poll of a process, asking what is served', asking),
  ]
}

/** Every API server speaks HTTP/2, the simulated one does not: this one does it for it. */
async function http2Front(
  site: ServedSite,
): Promise<{ readonly port: number; readonly ca: string; close(): Promise<void> }> {
  const certificates = await makeCertificates('rollcall')
  const sessions = new Set<ServerHttp2Session>()
  const server = createSecureServer(certificates.server)
  server.on('session', (session) => sessions.add(session))
  server.on(
    'stream',
    (stream, { ':path': path, accept, authorization, 'accept-encoding': encoding, 'if-none-match': etag }) => {
      const wanted = { accept, authorization, 'accept-encoding': encoding, 'if-none-match': etag }
      const headers = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
      stream.on('error', () => undefined)
      const asked = request(`${site.url}${path}`, { headers, ca: site.ca }, (answer) => {
        const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...rest } = answer.headers
        stream.respond({ ':status': answer.statusCode ?? 502, ...rest })
        answer.pipe(stream)
      })
      asked.on('error', () => stream.destroy())
      asked.end()
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    ca: certificates.ca,
    close: () => {
      for (const session of sessions) session.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** Passes bytes on and counts those that come back. */
async function countingWire(port: number): Promise<{ readonly url: string; bytes(): number; close(): Promise<void> }> {
  let bytes = 0
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined))
    upstream.on('data', (chunk) => {
      bytes += chunk.length
    })
    client.pipe(upstream).pipe(client)
    client.on('close', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `https://127.0.0.1:${address.port}`,
    bytes: () => bytes,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

for (const protocol of protocols) show(await benchPoll(protocol))
