import { randomBytes } from 'node:crypto'
import { tenantId } from './wire.ts'

/** Of the simulated cloud: not the public one's, so that a client that asks for that one is refused. */
export const armScope = 'https://management.simulated.example/.default'
/** The AKS Entra server application (azure.md 5.1). */
export const aksScope = '6dae42f8-4368-4678-94ff-3960e28e3630/.default'

export const audienceOf = (scope: string): string => scope.replace(/\/\.default$/, '')

export type TokenState = 'valid' | 'unknown' | 'expired' | 'otherAudience'

/** Tokens given so far. Clients' libraries keep them by the real clock, so it is the real clock that ends them. */
export class Tokens {
  readonly #issued = new Map<string, { readonly audience: string; readonly expiresAtMs: number }>()

  issue(audience: string, clientId: string, lifetimeSeconds: number): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const exp = Math.floor(Date.now() / 1000) + lifetimeSeconds
    const claims = { aud: audience, iss: `https://sts.windows.net/${tenantId}/`, tid: tenantId, appid: clientId, exp }
    const token = `${part({ typ: 'JWT', alg: 'RS256' })}.${part(claims)}.${randomBytes(32).toString('base64url')}`
    this.#issued.set(token, { audience, expiresAtMs: Date.now() + lifetimeSeconds * 1000 })
    return token
  }

  stateOf(token: string, audience: string): TokenState {
    const issued = this.#issued.get(token)
    if (issued === undefined) return 'unknown'
    if (issued.expiresAtMs <= Date.now()) return 'expired'
    return issued.audience === audience ? 'valid' : 'otherAudience'
  }
}
