import { createSecureServer, type ServerHttp2Session } from 'node:http2'
import { request } from 'node:https'
import { connect, createServer, type Socket } from 'node:net'
import { openStore } from '../../db/client.ts'
import { migrateStore } from '../../db/migrate.ts'
import { registerSources } from '../../db/source.ts'
import { defaultStaleAfterMs } from '../../fleet/source.ts'
import { openConnections } from '../../functions/sources/connections.ts'
import { pollSource } from '../../functions/sources/poll-source.ts'
import { makeCertificates } from '../world/api/certificate.ts'
import { type ServedSite, serveSites } from '../world/serve-sites.ts'
import { World } from '../world/world.ts'

export interface PollFigures {
  readonly objects: number
  readonly kinds: number
  /** From the server to us, as they travelled: TLS, headers, gzip. */
  readonly listBytes: number
  /** The next poll of the same process. */
  readonly catchUpBytes: number
  /** The first poll of a process that knows neither connections nor discovery. */
  readonly coldCatchUpBytes: number
  /** Catch-up of an unchanged source against its full LIST. */
  readonly ofList: number
  readonly coldOfList: number
  readonly listMs: number
  readonly catchUpMs: number
}

/** About 16 objects each. */
const workloadClusters = 650

/** Polls one unchanged source of 10 000 objects through a counting wire: in full, then by catch-up. */
export async function benchPoll({ clusters = workloadClusters } = {}): Promise<PollFigures> {
  const world = new World({ managementClusters: 1, clusters, now: () => new Date(), profile: 'current' })
  const [site] = await serveSites(world.sites, () => new Date())
  if (site === undefined) throw new Error('the world has no site')
  const front = await http2Front(site)
  const wire = await countingWire(front.port)
  const authority = Buffer.from(front.ca).toString('base64')
  const kubeconfig = {
    data: site.kubeconfig.replace(site.url, wire.url).replace(/(certificate-authority-data: ).*/, `$1${authority}`),
  }
  const store = await openStore({ memory: true })
  await migrateStore(store)
  const everyMs = 60_000
  const source = {
    id: 'weu',
    type: 'managementCluster',
    region: null,
    labels: {},
    everyMs,
    staleAfterMs: defaultStaleAfterMs(everyMs),
  } as const
  await registerSources(store.db, [source], new Date())
  const log = { info: () => undefined }
  const poll = async (connections: ReturnType<typeof openConnections>) => {
    const before = wire.bytes()
    const done = await pollSource(
      { db: store.db, sourceOf: () => kubeconfig, connections, now: () => new Date(), log },
      'weu',
      new AbortController().signal,
    )
    return { ...done, wire: wire.bytes() - before }
  }
  const quiet = () => openConnections(() => undefined)
  const [first, second] = [quiet(), quiet()]
  const list = await poll(first)
  if (list.unfinished) throw new Error('the full LIST did not fit one poll')
  const again = await poll(first)
  const cold = await poll(second)
  if (again.observed + cold.observed > 0) throw new Error('the source was not unchanged, or was listed again')
  await Promise.all([first.close(), second.close()])
  await Promise.all([wire.close(), front.close(), site.close(), store.close()])
  return {
    objects: list.observed,
    kinds: site.site.resources.length,
    listBytes: list.wire,
    catchUpBytes: again.wire,
    coldCatchUpBytes: cold.wire,
    ofList: again.wire / list.wire,
    coldOfList: cold.wire / list.wire,
    listMs: list.ms,
    catchUpMs: again.ms,
  }
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

if (import.meta.main) console.info(await benchPoll())
