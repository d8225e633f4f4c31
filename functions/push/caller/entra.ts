import type { EntraCaller } from '../../../fleet/push/registration.ts'
import type { Caller } from './caller.ts'
import type { KeyRing } from './keys.ts'
import { forbidden, refused } from './refusal.ts'
import { type Claims, named, prove, type Shown } from './token.ts'

/** The app role that a pusher needs; assigned to applications, not to users. */
const role = 'Fleet.Push'

/**
 * An application's token of Entra ID, version 1 or 2: which one, the registration of Rollcall in Entra ID decides, so both are
 * taken, each by its own rules (azure.md 8.1).
 */
export async function applicationOf(
  token: Shown,
  registered: readonly EntraCaller[],
  keyRing: KeyRing,
  now: Date,
): Promise<Caller> {
  const matching = registered.filter((registration) => isMeant(registration, token))
  const [registration, other] = matching
  if (registration === undefined) throw refused(`No source is registered for ${named(token)} and its application.`)
  const { authority, tenant, ca, source, audiences } = registration
  const version = versionOf(registration, token.issuer)
  const base = version === '1.0' ? `${authority}/${tenant}` : `${authority}/${tenant}/v2.0`
  const claims = await prove(
    token,
    {
      ...{ issuer: token.issuer, subject: token.subject, audiences, algorithms: ['RS256'] },
      keys: { at: 'issuer', issuer: { name: token.issuer, base, ca } },
    },
    keyRing,
    now,
  )
  if (claims.ver !== version) throw refused(`The token of ${named(token)} is of another version than its issuer's.`)
  if (!isApplication(claims))
    throw forbidden(`The token of ${named(token)} is a person's, and only applications may push.`)
  if (!Array.isArray(claims.roles) || !claims.roles.includes(role)) {
    throw forbidden(
      `The application of ${named(token)} does not have the app role ${role}; assign it to its service principal.`,
    )
  }
  if (other !== undefined) {
    throw forbidden(
      `The application of ${named(token)} is registered for both "${source}" and "${other.source}"; give each its own.`,
    )
  }
  return { source, by: 'entra', name: token.subject }
}

function isMeant(registration: EntraCaller, { issuer, claims }: Shown): boolean {
  const { tenant, appId, objectId } = registration
  const client = versionOf(registration, issuer) === '1.0' ? claims.appid : claims.azp
  return (
    claims.tid === tenant &&
    typeof client === 'string' &&
    (appId === null || client.toLowerCase() === appId) &&
    (objectId === null || claims.oid === objectId)
  )
}

const versionOf = ({ issuers }: EntraCaller, issuer: string): '1.0' | '2.0' =>
  issuer === issuers['1.0'] ? '1.0' : '2.0'

/** `idtyp` is an optional claim; without it, an application's token is known by its subject, which is its own object. */
function isApplication({ idtyp, scp, sub, oid }: Claims): boolean {
  if (scp !== undefined) return false
  return idtyp === undefined ? sub === oid : idtyp === 'app'
}
