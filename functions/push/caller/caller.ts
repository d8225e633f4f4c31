import type { Logger } from 'pino'
import type { EntraCaller, KubernetesCaller, Registration } from '../../../fleet/push/registration.ts'
import { applicationOf } from './entra.ts'
import { openKeyRing } from './keys.ts'
import { serviceAccountOf } from './kubernetes.ts'
import { refused } from './refusal.ts'
import { shown, shownBy } from './token.ts'

/** Somebody who may push, and for which source: for no other, whatever its body says. */
export interface Caller {
  readonly source: string
  readonly by: Registration['by']
  /** For the log: a service account, an application's object id, or `flux`. No secret. */
  readonly name: string
}

/** What checking callers needs of the process's dependencies. */
export interface CallerDeps {
  readonly fleet: { readonly registrations: readonly Registration[] }
  readonly now: () => Date
  readonly log: Pick<Logger, 'warn'>
}

type CallerOf = (request: Request) => Promise<Caller>

/** By dependencies, so that asking per request keeps the keys of issuers. */
const built = new WeakMap<CallerDeps, CallerOf>()

/**
 * Says who makes a request, by its bearer token. Rejects with CallerError: 401 where that is not proven, 403 where it may not
 * push, 503 where the issuer's keys cannot be had. The body is not touched.
 */
export function callerOf(deps: CallerDeps): CallerOf {
  const known = built.get(deps) ?? build(deps)
  built.set(deps, known)
  return known
}

interface Registered {
  readonly accounts: KubernetesCaller[]
  readonly applications: EntraCaller[]
}

function build({ fleet, now, log }: CallerDeps): CallerOf {
  const keyRing = openKeyRing({ now, log })
  const byIssuer = new Map<string, Registered>()
  const at = (issuer: string): Registered => {
    const registered = byIssuer.get(issuer) ?? { accounts: [], applications: [] }
    byIssuer.set(issuer, registered)
    return registered
  }
  for (const registration of fleet.registrations) {
    if (registration.by === 'kubernetes') at(registration.issuer).accounts.push(registration)
    if (registration.by !== 'entra') continue
    at(registration.issuers['1.0']).applications.push(registration)
    at(registration.issuers['2.0']).applications.push(registration)
  }
  return async (request) => {
    const token = shownBy(request.headers)
    const registered = byIssuer.get(token.issuer)
    if (registered === undefined) {
      throw refused(
        `Issuer ${shown(token.issuer)} is not registered: the fleet file says under "push" whose tokens are taken.`,
      )
    }
    const { accounts, applications } = registered
    return applications.length > 0 && accounts.length === 0
      ? applicationOf(token, applications, keyRing, now())
      : serviceAccountOf(token, accounts, keyRing, now())
  }
}
