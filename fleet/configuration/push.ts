import { createPublicKey, type JsonWebKey } from 'node:crypto'
import * as z from 'zod'
import { type JwkSet, keySetting } from '../push/registration.ts'
import { entra, isEntraIssuer } from './push-entra.ts'
import { exact, text } from './shape.ts'

// `push` of a management cluster: who may push for it.

/** More are never published at once: a rotation has two. */
const jwksKeysMax = 20
const hmacKeysMax = 5

const issuerProblem =
  'must be the issuer of the cluster\'s service account tokens, exactly as they say it ("iss"), for example https://oidc.example/weu/'
const subjectProblem = 'must be the subject of a service account, for example system:serviceaccount:rollcall:agent'
const uidProblem = 'must be the UID of a service account, for example 11111111-2222-3333-4444-555555555555'
const jwksProblem =
  'must be what "kubectl get --raw /openid/v1/jwks" prints: { keys: [{ kty: RSA, kid: …, n: …, e: … }] }'

const publicKey = z.record(z.string(), z.unknown(), { error: jwksProblem }).superRefine((key, context) => {
  const problem = keyProblem(key)
  if (problem !== null) context.addIssue({ code: 'custom', message: problem })
})

const jwks = exact({
  keys: z
    .array(publicKey, { error: jwksProblem })
    .min(1, { error: jwksProblem })
    .max(jwksKeysMax, { error: `must not be more than ${jwksKeysMax}` }),
})
  .transform((set): JwkSet => set)
  .meta({
    description:
      'The public keys of an issuer that cannot be reached from here, as "kubectl get --raw /openid/v1/jwks" prints them. Default: they are read from the issuer.',
  })

function keyProblem(key: Readonly<Record<string, unknown>>): string | null {
  if (key.d !== undefined || key.kty === 'oct')
    return 'is a secret key, which must never be in this file; give public keys'
  try {
    // Node judges itself whether the fields make a key; what is not one is refused below.
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({ key: key as JsonWebKey, format: 'jwk' })
    const bits = asymmetricKeyDetails?.modulusLength ?? Number.POSITIVE_INFINITY
    return asymmetricKeyType === 'rsa' && bits < 2048
      ? 'is an RSA key of less than 2048 bits, which nothing may trust'
      : null
  } catch {
    return `is not a public key; "jwks" ${jwksProblem}`
  }
}

const keyProblemOf =
  'must be { env: ROLLCALL_KEY_<NAME> }: the setting that holds the key, which is never in this file itself'

const keyName = exact({
  env: z
    .string({ error: 'must be the name of a setting, for example ROLLCALL_KEY_WEU' })
    .regex(keySetting, {
      error: 'must be ROLLCALL_KEY_ and capitals, digits or underscores, for example ROLLCALL_KEY_WEU',
    })
    .meta({ description: 'A setting of Rollcall: an environment variable whose name begins with ROLLCALL_KEY_.' }),
}).transform(({ env }) => env)

const keyNames = (what: string) =>
  z
    .union([keyName.transform((one) => [one]), z.array(keyName).min(1).max(hmacKeysMax)], {
      error: `${keyProblemOf}; or a list of up to ${hmacKeysMax} while one is being replaced`,
    })
    .optional()
    .meta({
      description: `${what}: { env: NAME } of the setting that holds it, or a list while one is being replaced.`,
    })

const flux = exact({
  hmacKey: keyNames('The token of Providers of type generic-hmac'),
  bearerToken: keyNames('What Providers of type generic send as "Authorization: Bearer …"'),
})
  .refine(({ hmacKey, bearerToken }) => hmacKey !== undefined || bearerToken !== undefined, {
    error: 'must have "hmacKey", for example { hmacKey: { env: ROLLCALL_KEY_WEU } }, or "bearerToken"',
  })
  .meta({ description: "Providers of Flux's notification-controller. Their events only hasten a reading." })

const serviceAccount = ['audience', 'subject', 'serviceAccountUid', 'jwks', 'ca'] as const

/** `push` of a management cluster. */
export const pushSchema = exact({
  issuer: z
    .string({ error: issuerProblem })
    .regex(/^\S{1,1000}$/, { error: issuerProblem })
    .optional()
    .meta({ description: 'Who signs the tokens of its service accounts, exactly as they say it.' }),
  audience: text('rollcall').optional().meta({ description: 'What the tokens must be made for, exactly.' }),
  subject: z
    .string({ error: subjectProblem })
    .regex(/^system:serviceaccount:[a-z0-9-]{1,63}:[a-z0-9.-]{1,253}$/, { error: subjectProblem })
    .optional()
    .meta({ description: 'The service account that pushes.' }),
  serviceAccountUid: z
    .string({ error: uidProblem })
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, { error: uidProblem })
    .optional()
    .meta({ description: 'Its UID. Without it, one that is deleted and made again is taken for the same.' }),
  jwks: jwks.optional(),
  ca: text('./issuer.pem').optional().meta({
    description: 'A PEM file that vouches for the issuer, relative to the fleet file. Default: the public authorities.',
  }),
  entra: entra.optional(),
  flux: flux.optional(),
})
  .superRefine((push, context) => {
    const problem = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path })
    const { issuer, audience, subject, jwks: keys, ca } = push
    if (issuer === undefined) {
      const [idle] = serviceAccount.filter((name) => push[name] !== undefined)
      if (idle !== undefined) return problem(`is of no use without "issuer", which ${issuerProblem}`, idle)
      if (push.entra !== undefined || push.flux !== undefined) return
      return problem('does not say who pushes; give the issuer, audience and subject of a service account, or "entra"')
    }
    if (audience === undefined) problem('must be a text that is not empty, for example rollcall', 'audience')
    if (subject === undefined) problem(subjectProblem, 'subject')
    if (isEntraIssuer(issuer)) problem('is Entra ID; give push: { entra: { tenant, audience, appId } }', 'issuer')
    if (keys === undefined && !canBeAsked(issuer))
      problem('must be an https URL, for its keys are read from there; else give them as "jwks"', 'issuer')
    if (keys !== undefined && ca !== undefined)
      problem('vouches for an issuer that is asked for its keys, and "jwks" gives them; keep one of them', 'ca')
  })
  .meta({ description: 'Who may push for the cluster: alone, or beside a way to poll it.' })

function canBeAsked(issuer: string): boolean {
  if (!URL.canParse(issuer)) return false
  const { protocol, username, password, search, hash } = new URL(issuer)
  return protocol === 'https:' && [username, password, search, hash].every((part) => part === '')
}

export type Push = z.output<typeof pushSchema>
