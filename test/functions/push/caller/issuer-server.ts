import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import { makeCertificates } from '../../../world/api/certificate.ts'

/** A pair of keys, and the name that a token gives the public one. */
export interface Pair {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}

export async function makePair(kid: string, alg = 'RS256'): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** A token of these claims. `header` replaces what the pair says of itself. */
export const sign = (claims: JWTPayload, { kid, alg, privateKey }: Pair, header: object = {}): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(privateKey)

/** What an issuer answers to a path; null: nothing at all, ever. */
type Answer = { readonly status?: number; readonly headers?: Record<string, string>; readonly body: string } | null

/** An issuer at 127.0.0.1: it publishes metadata and keys over https, and lies if told to. */
export interface IssuerServer {
  readonly url: string
  /** Path of a PEM file. */
  readonly ca: string
  /** Published from now on. */
  publish(...pairs: readonly Pair[]): void
  /** Answers this path so from now on; `undefined`: as it should. */
  lie(path: string, answer: Answer | ((response: ServerResponse) => void) | undefined): void
  /** Requests so far, by path. */
  readonly asked: Map<string, number>
  close(): Promise<void>
}

/**
 * `paths` are where metadata are, by the issuer they name: `{ '': url }` of an issuer that is the server itself.
 */
export async function startIssuer(paths: (url: string) => Readonly<Record<string, string>>): Promise<IssuerServer> {
  const certificates = await makeCertificates('issuer')
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-issuer-'))
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, certificates.ca)
  const asked = new Map<string, number>()
  const lies = new Map<string, Answer | ((response: ServerResponse) => void)>()
  let keys: readonly JWK[] = []
  const server = createServer(certificates.server)
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A TCP server's address is an object, never a pipe's name.
  const { port } = server.address() as AddressInfo
  const url = `https://127.0.0.1:${port}`
  const truth = (path: string): Answer => {
    if (path === '/keys') return { body: JSON.stringify({ keys }) }
    const base = path.replace(/\/\.well-known\/openid-configuration$/, '')
    const issuer = path === base ? undefined : paths(url)[base]
    if (issuer === undefined) return { status: 404, body: '{}' }
    return { body: JSON.stringify({ issuer, jwks_uri: `${url}/keys` }) }
  }
  server.on('request', ({ url: path = '/' }: IncomingMessage, response: ServerResponse) => {
    response.on('error', () => undefined)
    asked.set(path, (asked.get(path) ?? 0) + 1)
    const answer = lies.has(path) ? lies.get(path) : truth(path)
    if (typeof answer === 'function') return answer(response)
    if (!answer) return
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers })
    response.end(answer.body)
  })
  return {
    url,
    ca,
    asked,
    publish: (...pairs) => {
      keys = pairs.map(({ publicJwk }) => publicJwk)
    },
    lie: (path, answer) => {
      if (answer === undefined) lies.delete(path)
      else lies.set(path, answer)
    },
    close: async () => {
      rmSync(folder, { recursive: true, force: true })
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
