import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose'
import { recordOf } from '../../sources/trouble.ts'
import type { KeyRing, Keys } from './keys.ts'
import { CallerError, refused, unproven } from './refusal.ts'

/** The longest real ones, of Entra ID with two hundred groups, have about 10 kB. */
const tokenLengthMax = 16 * 1024
/** How far clocks may differ. */
const leewaySeconds = 30

/** What a token says of itself, unproven: good for finding the registration to prove it by, and for nothing else. */
export interface Shown {
  readonly text: string
  readonly issuer: string
  readonly subject: string
  readonly claims: Claims
}

export type Claims = Readonly<Record<string, unknown>>

/** The bearer token of a request. Throws CallerError 401 where there is none, or it is no token. */
export function shownBy(headers: Headers): Shown {
  const authorization = headers.get('authorization')
  if (authorization === null)
    throw unproven('Nobody may push without saying who it is: send "Authorization: Bearer <token>".')
  const text = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1]
  if (text === undefined || text.length > tokenLengthMax)
    throw refused('"Authorization" is not Bearer and one signed token (JWS, compact).')
  try {
    decodeProtectedHeader(text)
    const claims = recordOf(decodeJwt(text))
    const { iss: issuer, sub: subject } = claims
    if (typeof issuer === 'string' && typeof subject === 'string') return { text, issuer, subject, claims }
  } catch {
    throw refused('The token cannot be read.')
  }
  throw refused('The token names no issuer or no subject.')
}

/** What a token must be. */
interface Demand {
  readonly issuer: string
  readonly subject: string
  readonly audiences: readonly string[]
  readonly algorithms: readonly string[]
  readonly keys: Keys
}

/** The claims of a token, proven. Throws CallerError: 401, or 503 while its issuer's keys cannot be had. */
export async function prove(token: Shown, demand: Demand, keyRing: KeyRing, now: Date): Promise<Claims> {
  const { issuer, subject, audiences, algorithms, keys } = demand
  try {
    const { payload } = await jwtVerify(token.text, (header) => keyRing(keys, header), {
      issuer,
      subject,
      audience: [...audiences],
      algorithms: [...algorithms],
      requiredClaims: ['exp', 'iat'],
      clockTolerance: leewaySeconds,
      currentDate: now,
    })
    refuseFuture(token, payload, now)
    return recordOf(payload)
  } catch (error) {
    if (error instanceof CallerError) throw error
    // A TypeError is the library's word for a key that is too weak, or of another sort than the algorithm.
    if (error instanceof errors.JOSEError || error instanceof TypeError) throw refused(sentenceOf(token, error))
    throw error
  }
}

/** The library looks at `iat` only together with an age. */
function refuseFuture(token: Shown, { iat }: JWTPayload, now: Date): void {
  if (typeof iat === 'number' && iat <= now.getTime() / 1000 + leewaySeconds) return
  throw refused(`The token of ${named(token)} was made in the future; compare the clocks.`)
}

function sentenceOf(token: Shown, error: errors.JOSEError | TypeError): string {
  const the = `The token of ${named(token)}`
  if (error instanceof errors.JWTExpired) return `${the} has expired; read or ask for a new one before each session.`
  if (error instanceof errors.JWSSignatureVerificationFailed) return `${the} is not signed by its issuer.`
  if (error instanceof errors.JOSEAlgNotAllowed) return `${the} is signed in a way (alg) that is not accepted.`
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'nbf') return `${the} is not valid yet; compare the clocks.`
    if (error.claim === 'aud') return `${the} is made for another audience than the one that is registered.`
    return `${the} lacks a claim, or has one of another kind, that is needed to check it.`
  }
  return `${the} is none that can be checked.`
}

/** Who a token says it is of. */
export const named = ({ issuer, subject }: Pick<Shown, 'issuer' | 'subject'>): string =>
  `subject ${shown(subject)} of issuer ${shown(issuer)}`

/** A text of a stranger's, fit for a sentence and a log. */
export function shown(text: unknown): string {
  if (typeof text !== 'string' || !/^[\x21\x23-\x7e]+$/.test(text)) return '(unreadable)'
  return text.length > 200 ? `"${text.slice(0, 200)}…"` : `"${text}"`
}
