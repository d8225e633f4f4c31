import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { FluxCaller, Registration } from '../../../fleet/push/registration.ts'
import type { Caller } from './caller.ts'
import { unproven, unsigned } from './refusal.ts'

/** What checking Flux's events needs of the process's dependencies. */
export interface FluxDeps {
  readonly fleet: { readonly registrations: readonly Registration[] }
  readonly settings: { readonly keys: ReadonlyMap<string, string> }
}

/**
 * Says that a body comes from the Flux of a source, named by the request's path: by `X-Signature` over the exact bytes, or by the
 * bearer token of a provider that cannot sign. Throws CallerError 401, the same for a source that has no Flux and for a wrong
 * key. There is neither time nor nonce in the signature: that an event is heard once is for others to see to.
 */
export function fluxOf({ fleet, settings }: FluxDeps, source: string, headers: Headers, body: Uint8Array): Caller {
  const caller: Caller = { source, by: 'flux', name: 'flux' }
  const registered = fleet.registrations.find(
    (registration): registration is FluxCaller => registration.by === 'flux' && registration.source === source,
  )
  const keysOf = (names: readonly string[] = []) => names.flatMap((name) => settings.keys.get(name) ?? [])
  if (headers.has('x-signature')) {
    if (isSigned(headers, body, keysOf(registered?.hmacKeys))) return caller
    throw unsigned(
      "X-Signature is not that of these bytes with the key of this source; compare the token in the Provider's Secret.",
    )
  }
  if (!headers.has('authorization')) {
    throw unsigned(
      'The event is not signed: use a Provider of type generic-hmac, whose Secret holds the key as "token".',
    )
  }
  if (isBearer(headers, keysOf(registered?.bearerKeys))) return caller
  throw unproven("The bearer token is not that of this source; compare the headers in the Provider's Secret.")
}

/**
 * True when `X-Signature: sha256=<hex>` is the HMAC of exactly these bytes with one of the keys. Every key is tried, and in constant
 * time, so that an answer's delay tells nothing.
 */
export function isSigned(headers: Headers, body: Uint8Array, keys: readonly string[]): boolean {
  const hex = /^sha256=([0-9a-f]{64})$/i.exec(headers.get('x-signature') ?? '')?.[1]
  if (hex === undefined) return false
  const signature = Buffer.from(hex, 'hex')
  return keys.map((key) => timingSafeEqual(createHmac('sha256', key).update(body).digest(), signature)).includes(true)
}

/** True when `Authorization: Bearer <key>` shows one of the keys. Digests are compared, because they are all of one length. */
function isBearer(headers: Headers, keys: readonly string[]): boolean {
  const token = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  if (token === undefined) return false
  const digest = hash('sha256', token, 'buffer')
  return keys.map((key) => timingSafeEqual(hash('sha256', key, 'buffer'), digest)).includes(true)
}
