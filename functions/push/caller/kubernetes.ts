import type { KubernetesCaller } from '../../../fleet/push/registration.ts'
import { recordOf } from '../../sources/trouble.ts'
import type { Caller } from './caller.ts'
import type { KeyRing } from './keys.ts'
import { refused } from './refusal.ts'
import { type Claims, named, prove, type Shown } from './token.ts'

/** What API servers can sign with. Never `none`, and never a shared secret: a public key would then be one. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

/**
 * A service account's projected token, checked against the keys of its own registration: private issuers often share one name
 * (`https://kubernetes.default.svc.cluster.local`), and one cluster's keys must say nothing about another.
 */
export async function serviceAccountOf(
  token: Shown,
  registered: readonly KubernetesCaller[],
  keyRing: KeyRing,
  now: Date,
): Promise<Caller> {
  const uid = uidOf(token.claims)
  // The fleet file has at most one: it refuses two that one token could mean.
  const registration = registered.find(
    ({ subject, serviceAccountUid }) =>
      subject === token.subject && (serviceAccountUid === null || serviceAccountUid === uid),
  )
  if (registration === undefined) {
    const known = registered.some(({ subject }) => subject === token.subject)
    throw refused(
      known
        ? `The service account of the token of ${named(token)} has another UID than the registered one; if it was made again, correct serviceAccountUid in the fleet file.`
        : `No source is registered for ${named(token)}.`,
    )
  }
  const { source, issuer, subject, audience, keys } = registration
  const place =
    keys.at === 'file' ? keys : { at: 'issuer' as const, issuer: { name: issuer, base: issuer, ca: keys.ca } }
  await prove(token, { issuer, subject, audiences: [audience], algorithms, keys: place }, keyRing, now)
  return { source, by: 'kubernetes', name: subject }
}

const uidOf = (claims: Claims): unknown => recordOf(recordOf(claims['kubernetes.io']).serviceaccount).uid
