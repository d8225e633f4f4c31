// What stands before a server: real TLS, and answers that the server behind it does not give.
import { type IncomingMessage, request as plainRequest } from 'node:http'
import { createServer, request, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { record } from '../../../fleet/wire.ts'
import type { Certificates } from '../../world/api/certificate.ts'
import type { FakeCluster } from '../sources/fake-cluster.ts'

export interface Front {
  readonly url: string
  close(): Promise<void>
}

/** A TLS proxy before a Rollcall, whose certificate can be exchanged. */
export async function startTlsFront(
  to: string,
  { server: own }: Certificates,
): Promise<Front & { present(other: Certificates): void }> {
  const front = createServer(own, (asked, answer) => {
    const { method, headers } = asked
    const onward = plainRequest(to + asked.url, { method, headers, agent: false }, (given) => {
      answer.writeHead(given.statusCode ?? 502, given.headers)
      given.pipe(answer)
    })
    onward.on('error', () => answer.destroy())
    asked.pipe(onward)
  })
  front.on('tlsClientError', () => undefined)
  const present = ({ server }: Certificates) => {
    front.setSecureContext(server)
    front.closeAllConnections()
  }
  return { ...(await listening(front)), present }
}

/** A front of an API server that says of these groups, as one does whose aggregated API is down, that what it knows of them is stale. */
export async function startStaleFront({ server }: FakeCluster, stale: Set<string>): Promise<Front> {
  const { ca, server: own } = server.certificates
  const front = createServer(own, (asked, answer) => {
    const { 'if-none-match': _, 'accept-encoding': __, ...headers } = asked.headers
    const onward = request(server.url + asked.url, { method: asked.method, headers, ca, agent: false }, (given) => {
      answer.writeHead(given.statusCode ?? 502, { 'content-type': given.headers['content-type'] })
      if (asked.url === '/apis') void staled(given, stale).then((body) => answer.end(body))
      else given.pipe(answer)
    })
    onward.on('error', () => answer.destroy())
    answer.on('close', () => onward.destroy())
    onward.end()
  })
  return listening(front)
}

async function staled(given: IncomingMessage, stale: Set<string>): Promise<string> {
  const body = record(JSON.parse(await text(given)))
  const items = (Array.isArray(body.items) ? body.items : []).map((item) =>
    stale.has(String(record(record(item).metadata).name))
      ? { ...record(item), versions: [{ version: 'v1', freshness: 'Stale', resources: [] }] }
      : item,
  )
  return JSON.stringify({ ...body, items })
}

async function listening(front: Server): Promise<Front> {
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  // A TCP server's address is an object, never a pipe's name.
  const { port } = front.address() as AddressInfo
  const close = async () => {
    front.closeAllConnections()
    await new Promise((resolve) => front.close(resolve))
  }
  return { url: `https://127.0.0.1:${port}`, close }
}
