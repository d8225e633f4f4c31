import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseFleet } from '../../fleet/configuration.ts'
import { callerOf } from '../../functions/push/caller/caller.ts'
import { openConnections } from '../../functions/sources/connections.ts'
import { type ApiServer, apiServerPresent, startApiServer } from '../api-server.ts'
import { outcomeOf, showing } from '../functions/push/caller/refusals.ts'

const subject = 'system:serviceaccount:rollcall:agent'
const accounts = '/api/v1/namespaces/rollcall/serviceaccounts'

describe.skipIf(!apiServerPresent())('what a real API server signs', () => {
  const connections = openConnections(() => undefined)
  let server: ApiServer
  let ask: (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<unknown>
  beforeAll(async () => {
    server = await startApiServer({ crds: null })
    const { value, trouble } = await connections.connect('admin', { path: server.kubeconfig })
    if (value === undefined) throw new Error(trouble.message)
    ask = async (method, path, body) => {
      const headers = { ...value.credentials.headers, 'content-type': 'application/json' }
      const answer = await value.pool.request({ method, path, headers, body: body ? JSON.stringify(body) : null })
      const text = await answer.body.text()
      if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`)
      return JSON.parse(text)
    }
    await ask('POST', '/api/v1/namespaces', { metadata: { name: 'rollcall' } })
  })
  afterAll(async () => {
    await connections.close()
    await server?.stop()
  })

  const makeAccount = async (name: string): Promise<string> => {
    // The API promises metadata.
    const made = (await ask('POST', accounts, { metadata: { name } })) as { metadata: { uid: string } }
    return made.metadata.uid
  }
  const tokenOf = async (name: string, audience: string): Promise<string> => {
    const spec = { audiences: [audience], expirationSeconds: 600 }
    // As the kubelet does for a projected volume; the API promises status.
    const made = (await ask('POST', `${accounts}/${name}/token`, { spec })) as { status: { token: string } }
    return made.status.token
  }

  it('is a token that lets in exactly the registered service account, for exactly our audience', async () => {
    const serviceAccountUid = await makeAccount('agent')
    await makeAccount('other')
    const jwks = await ask('GET', '/openid/v1/jwks')
    const { issuer } = JSON.parse(JSON.stringify(await ask('GET', '/.well-known/openid-configuration')))
    const push = { issuer, audience: 'rollcall', subject, serviceAccountUid, jwks }
    const fleet = parseFleet({ managementClusters: [{ name: 'weu', push }] })
    const caller = callerOf({ fleet, now: () => new Date(), log: { warn: () => undefined } })
    const call = (token: string) => outcomeOf(caller(showing(token)))

    expect(await call(await tokenOf('agent', 'rollcall'))).toBe('in as weu')
    expect(await call(await tokenOf('agent', 'vault'))).toMatch(/^401 .* for another audience than the one/)
    expect(await call(await tokenOf('other', 'rollcall'))).toMatch(/^401 No source is registered for subject/)
    await ask('DELETE', `${accounts}/agent`)
    await makeAccount('agent')
    expect(await call(await tokenOf('agent', 'rollcall'))).toMatch(/^401 .* has another UID than the registered one/)
  })
})
