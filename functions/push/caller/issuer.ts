import { readFile } from 'node:fs/promises'
import { Agent, type Dispatcher, request } from 'undici'
import type { JwkSet } from '../../../fleet/push/registration.ts'
import { recordOf } from '../../sources/trouble.ts'

/** An issuer whose keys are read from itself. All of it is from the fleet file: what a token says is never asked for keys. */
export interface Issuer {
  /** What the metadata must name, exactly. */
  readonly name: string
  /** Origin and path under which the metadata are; the issuer itself, but for tokens of version 1 of Entra ID. */
  readonly base: string
  /** A PEM file that vouches for it; null: the public authorities do. */
  readonly ca: string | null
}

/** The real ones have a few kB, and two or three keys. */
const documentBytesMax = 256 * 1024
const keysMax = 100
/** For metadata and keys together, connecting included. */
const readMsMax = 5_000

/**
 * The keys that an issuer publishes (OpenID Connect Discovery). Rejects with a sentence for the log where it does not answer
 * as it must: redirects, another host for the keys, another issuer's metadata, a long or slow answer are not followed.
 */
export async function readKeys({ name, base, ca }: Issuer, readMs = readMsMax): Promise<JwkSet> {
  const agent = new Agent({ connect: { rejectUnauthorized: true, ...(ca === null ? {} : { ca: await readFile(ca) }) } })
  const line = { agent, signal: AbortSignal.timeout(readMs) }
  try {
    const metadata = new URL(`${base.replace(/\/$/, '')}/.well-known/openid-configuration`)
    const { issuer, jwks_uri: address } = await readJson(line, metadata)
    if (issuer !== name) throw new Error('its metadata name another issuer')
    if (typeof address !== 'string' || !URL.canParse(address)) throw new Error('its metadata name no jwks_uri')
    const place = new URL(address)
    // Whoever runs the issuer could otherwise send us to any address that only we can reach.
    if (place.origin !== metadata.origin)
      throw new Error('its keys are at another host, which is not asked; give them as "jwks" in the fleet file')
    const { keys } = await readJson(line, place)
    if (!Array.isArray(keys) || keys.length === 0 || keys.length > keysMax)
      throw new Error(`it publishes no list of up to ${keysMax} keys`)
    return { keys: keys.map(recordOf).filter((key) => !isOfAnother(name, key)) }
  } finally {
    // Not awaited: a server that keeps its connection open would hold the caller.
    void agent.destroy()
  }
}

const guidForm = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/** Entra ID publishes the keys of several issuers in one list, and says of each key whose it is: a tenant's, or any one's. */
function isOfAnother(name: string, { issuer }: Readonly<Record<string, unknown>>): boolean {
  if (typeof issuer !== 'string') return false
  const ids: readonly string[] = issuer.toLowerCase().match(guidForm) ?? []
  return ids.some((id) => !name.toLowerCase().includes(id))
}

interface Line {
  readonly agent: Dispatcher
  readonly signal: AbortSignal
}

async function readJson({ agent, signal }: Line, url: URL): Promise<Readonly<Record<string, unknown>>> {
  const headers = { accept: 'application/json, application/jwk-set+json', 'accept-encoding': 'identity' }
  const { statusCode, body } = await request(url, { dispatcher: agent, signal, headers })
  // A body that is left unread, because a sentence below ends the reading, ends with its connection.
  body.on('error', () => undefined)
  if (statusCode !== 200) throw new Error(`it answered ${statusCode} to ${url.pathname}`)
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    // undici gives Buffers unless an encoding is set.
    chunks.push(chunk as Buffer)
    bytes += chunks.at(-1)?.length ?? 0
    if (bytes > documentBytesMax) throw new Error(`it sent more than ${documentBytesMax} bytes for ${url.pathname}`)
  }
  try {
    return recordOf(JSON.parse(Buffer.concat(chunks).toString('utf8')))
  } catch {
    throw new Error(`it sent no JSON for ${url.pathname}`)
  }
}
