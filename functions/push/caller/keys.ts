import { createLocalJWKSet, errors, type JWSHeaderParameters } from 'jose'
import type { Logger } from 'pino'
import type { JwkSet } from '../../../fleet/push/registration.ts'
import { type Issuer, readKeys } from './issuer.ts'
import { refused, undecided } from './refusal.ts'
import { shown } from './token.ts'

/** Where the keys of a registration are. */
export type Keys = { readonly at: 'file'; readonly jwks: JwkSet } | { readonly at: 'issuer'; readonly issuer: Issuer }

/** The key that a token's header names, among those of a registration and of nobody else. */
export type KeyRing = (keys: Keys, header: JWSHeaderParameters) => Promise<CryptoKey>

/** Keys are read again after so long, so that one that was withdrawn is not trusted for ever. */
const freshMs = 10 * 60_000
/** While the issuer is away, the last good keys are trusted for so long: AKS keeps old and new ones side by side for a day. */
const keepMs = 24 * 3_600_000
/** An issuer is asked no more often, whatever tokens say: a storm of unknown keys is one request a minute. */
const askAgainMs = 60_000
/** The same while there is no key at all, and nobody of that issuer can be let in. */
const retryMs = 10_000

type LocalSet = ReturnType<typeof createLocalJWKSet>

interface Kept {
  readonly issuer: Issuer
  set: LocalSet | null
  /** By our clock, in ms. */
  readAt: number
  askedAt: number
  asking: Promise<void> | null
}

/** Keeps the keys of registered issuers: as many entries as the fleet file has issuers, each bounded. */
export function openKeyRing({ now, log }: { readonly now: () => Date; readonly log: Pick<Logger, 'warn'> }): KeyRing {
  const inline = new Map<JwkSet, LocalSet>()
  const kept = new Map<string, Kept>()
  const elapsed = (since: number) => {
    const ms = now().getTime() - since
    return ms < 0 ? Number.POSITIVE_INFINITY : ms // A clock that was set back must not make a moment of the past last.
  }

  function inlineSet(jwks: JwkSet): LocalSet {
    const set = inline.get(jwks) ?? localSet(jwks)
    inline.set(jwks, set)
    return set
  }

  function keptFor(issuer: Issuer): Kept {
    const key = JSON.stringify([issuer.name, issuer.base, issuer.ca])
    const own = kept.get(key) ?? { issuer, set: null, readAt: -Infinity, askedAt: -Infinity, asking: null }
    kept.set(key, own)
    return own
  }

  async function ask(own: Kept): Promise<void> {
    try {
      own.set = localSet(await readKeys(own.issuer))
      own.readAt = now().getTime()
    } catch (error) {
      log.warn({ issuer: own.issuer.name, reason: reasonOf(error) }, 'keys of an issuer not read')
      if (elapsed(own.readAt) >= keepMs) own.set = null
    }
  }

  /** Asks the issuer, unless it was asked just now; whoever comes meanwhile waits for the same answer. */
  async function refresh(own: Kept): Promise<void> {
    if (own.asking === null) {
      if (elapsed(own.askedAt) < (own.set === null ? retryMs : askAgainMs)) return
      own.askedAt = now().getTime()
      own.asking = ask(own).finally(() => {
        own.asking = null
      })
    }
    await own.asking
  }

  async function keyAtIssuer(issuer: Issuer, header: JWSHeaderParameters): Promise<CryptoKey> {
    const own = keptFor(issuer)
    if (elapsed(own.readAt) >= freshMs) await refresh(own)
    if (own.set === null) {
      throw undecided(
        `The keys of issuer ${shown(issuer.name)} cannot be read at present; the log says why. Try again later.`,
      )
    }
    const key = await pick(own.set, header)
    if (key !== null) return key
    await refresh(own)
    return (own.set && (await pick(own.set, header))) ?? unknownKey(header)
  }

  return async (keys, header) => {
    if (keys.at === 'issuer') return keyAtIssuer(keys.issuer, header)
    return (await pick(inlineSet(keys.jwks), header)) ?? unknownKey(header)
  }
}

function unknownKey({ kid }: JWSHeaderParameters): never {
  throw refused(
    `The token is signed with key ${shown(kid)}, which its issuer does not have, or not yet: a new key is looked for once a minute.`,
  )
}

/** A copy: the library wants the fields that make a key to be there, and says itself where they are not. */
const localSet = ({ keys }: JwkSet): LocalSet => createLocalJWKSet({ keys: keys.map((key) => ({ kty: '', ...key })) })

/** Null where none fits the header. */
async function pick(set: LocalSet, header: JWSHeaderParameters): Promise<CryptoKey | null> {
  try {
    return await set(header)
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return null
    // Trying each of them would let a token without a name choose, and every issuer we know names its keys.
    if (error instanceof errors.JWKSMultipleMatchingKeys)
      throw refused('The token does not say which of its issuer’s keys signed it (kid).')
    throw refused(`The issuer's key ${shown(header.kid)} is none that can be used.`)
  }
}

/** Of an error below HTTP its code; sentences of ours as they are. Bodies are in neither. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if (error.name === 'TimeoutError') return 'it did not answer in time'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
