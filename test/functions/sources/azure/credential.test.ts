import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AzureAccount } from '../../../../fleet/azure-account.ts'
import { CredentialError, credentialOf } from '../../../../functions/sources/azure/credential.ts'
import { troubleOfCredential } from '../../../../functions/sources/azure/credential-trouble.ts'
import { type FakeArm, knownCredential, startFakeArm } from './fake-arm.ts'

let arm: FakeArm

beforeEach(async () => {
  Object.assign(process.env, knownCredential)
  arm = await startFakeArm()
})
afterEach(() => arm.close())

const scope = 'https://management.fake/.default'

async function troubleOf(account: AzureAccount, options?: { abortSignal: AbortSignal }) {
  try {
    await credentialOf(account).getToken(scope, options)
  } catch (error) {
    if (error instanceof CredentialError) return error.trouble
    throw error
  }
  return null
}

describe('a credential', () => {
  test('asks the cloud’s authority for the scope it is given, once for all who want it', async () => {
    const account = arm.account()
    const given = await Promise.all(
      [account, account, arm.account({ name: 'twin' })].map((each) => credentialOf(each).getToken(scope)),
    )
    expect(given.map((token) => token?.token)).toEqual(['token-42', 'token-42', 'token-42'])
    expect(arm.tokens.map((form) => form.get('scope')?.split(' ')[0])).toEqual([scope])
    await credentialOf(account).getToken('aks/.default')
    expect(arm.tokens).toHaveLength(2)
  })

  test('asks anew for a token that is about to end', async () => {
    arm.say = ({ path }) =>
      path.endsWith('/token')
        ? { body: { token_type: 'Bearer', expires_in: 200, access_token: `short-${arm.tokens.length}` } }
        : undefined
    const account = arm.account()
    const first = await credentialOf(account).getToken(scope)
    const second = await credentialOf(account).getToken(scope)
    expect([first?.token, second?.token]).toEqual(['short-1', 'short-2'])
  })

  test('whose secret has expired says so, without the words of the request', async () => {
    process.env.AZURE_CLIENT_SECRET = 'stale-secret'
    const trouble = await troubleOf(arm.account())
    expect(trouble).toMatchObject({ code: 'Unauthorized' })
    expect(trouble?.message).toMatch(
      /azure account corp.*client secret has expired \(AADSTS7000222\).*AZURE_CLIENT_SECRET/,
    )
    expect(trouble?.message).not.toMatch(/bearer-secret-42|stale-secret/)
  })

  test('that the environment does not hold', async () => {
    delete process.env.AZURE_CLIENT_SECRET
    expect(await troubleOf(arm.account())).toMatchObject({
      code: 'Unauthorized',
      message: expect.stringContaining('set AZURE_TENANT_ID'),
    })
  })

  test('whose authority is away, or silent', async () => {
    const account = arm.account()
    const away = { ...account, cloud: { ...account.cloud, authority: 'https://127.0.0.1:1' } }
    expect(await troubleOf(away)).toMatchObject({
      code: 'Unreachable',
      message: expect.stringContaining('https://127.0.0.1:1'),
    })
    arm.say = ({ path }) => (path.endsWith('/token') ? { body: null } : undefined)
    expect(await troubleOf(account, { abortSignal: AbortSignal.timeout(300) })).toMatchObject({ code: 'Timeout' })
  })

  test('whose cloud names a file that is not there', async () => {
    const account = arm.account()
    const trouble = await troubleOf({ ...account, cloud: { ...account.cloud, ca: '/nowhere/ca.pem' } })
    expect(trouble).toMatchObject({ code: 'Misconfigured', message: expect.stringContaining('/nowhere/ca.pem') })
  })

  test.each(['managedIdentity', 'workloadIdentity', 'azureCli', 'default'] as const)(
    'by %s that is not there names its own remedy',
    (by) => {
      const error = Object.assign(new Error('connect ENETUNREACH 169.254.169.254:80'), {
        name: 'CredentialUnavailableError',
      })
      const trouble = troubleOfCredential(arm.account({ credential: { by } }), error)
      expect(trouble.code).toBe('Unauthorized')
      expect(trouble.message).toContain(
        { managedIdentity: 'assign', workloadIdentity: 'annotate', azureCli: 'az login', default: 'az login' }[by],
      )
    },
  )
})
