import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity'
import type { AzureAccount, AzureCloud, AzureCredential } from '../../../fleet/azure-account.ts'
import type { Trouble } from '../../../fleet/delivery.ts'
import { pollLimits } from '../budget.ts'
import type { Result } from '../trouble.ts'
import { troubleOfCredential } from './credential-trouble.ts'

/** Thrown by `getToken`, whose callers are the SDKs: says in words of ours why there is no token. */
export class CredentialError extends Error {
  readonly trouble: Trouble

  constructor(trouble: Trouble, options?: ErrorOptions) {
    super(trouble.message, options)
    this.name = 'CredentialError'
    this.trouble = trouble
  }
}

/** A token is renewed so long before its end (azure.md 5.1). */
const renewBeforeMs = 5 * 60_000

/** Credentials of this process, by cloud, identity and CA: accounts that share them share tokens. */
const kept = new Map<string, Kept>()

interface Kept {
  readonly inner: Promise<TokenCredential>
  /** By scope. */
  readonly tokens: Map<string, AccessToken>
  /** Requests under way, by scope: many subscriptions ask at once. */
  readonly asking: Map<string, Promise<AccessToken>>
}

/**
 * Who Rollcall is to an account's Azure. Its `getToken` keeps tokens until five minutes before their end, gives up after
 * `credentialsMs` or with the caller's signal, and throws only `CredentialError`.
 */
export function credentialOf(account: AzureAccount): TokenCredential {
  return {
    getToken: async (scopes, options = {}) => {
      try {
        return await until(cachedToken(account, [scopes].flat(), options), options.abortSignal)
      } catch (error) {
        if (error instanceof CredentialError) throw error
        throw new CredentialError(troubleOfCredential(account, error), { cause: error })
      }
    },
  }
}

async function cachedToken(account: AzureAccount, scopes: string[], options: GetTokenOptions): Promise<AccessToken> {
  const { inner, tokens, asking } = await keptFor(account)
  const scope = scopes.join(' ')
  const known = tokens.get(scope)
  // A challenge wants another token than the one that it refused.
  const challenged = options.claims !== undefined
  if (known !== undefined && !challenged && !isDue(known)) return known
  const pending = asking.get(scope)
  if (pending !== undefined && !challenged) return pending
  // Others may wait for it longer than this caller; the library gives up neither by itself nor when told to.
  const { abortSignal: _, ...rest } = options
  const asked = until(
    inner.then((credential) => credential.getToken(scopes, rest)),
    AbortSignal.timeout(pollLimits.credentialsMs),
  ).then((token) => {
    if (token === null) throw new Error('no token')
    tokens.set(scope, token)
    return token
  })
  asking.set(scope, asked)
  const done = () => {
    if (asking.get(scope) === asked) asking.delete(scope)
  }
  asked.then(done, done)
  return asked
}

/** Waits no longer than until the signal. */
async function until<T>(promise: Promise<T>, signal: GetTokenOptions['abortSignal']): Promise<T> {
  if (signal === undefined) return promise
  const late = Promise.withResolvers<never>()
  const end = () => late.reject(new DOMException('no token in time', 'TimeoutError'))
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    signal.removeEventListener('abort', end)
  }
}

function isDue({ expiresOnTimestamp, refreshAfterTimestamp }: AccessToken): boolean {
  const now = Date.now()
  return (
    expiresOnTimestamp - renewBeforeMs <= now || (refreshAfterTimestamp !== undefined && refreshAfterTimestamp <= now)
  )
}

/** Begins anew with an account's identity: whoever refused its token is shown another one. The library keeps tokens of its own. */
export async function forgetCredential(account: AzureAccount): Promise<void> {
  kept.delete(keyOf(account, (await caOf(account)).value))
}

const keyOf = ({ cloud, credential }: AzureAccount, ca: string | undefined): string =>
  hash('sha256', JSON.stringify([cloud.name, cloud.authority, ca, credential]))

async function keptFor(account: AzureAccount): Promise<Kept> {
  const ca = await caOf(account)
  if (ca.trouble !== undefined) throw new CredentialError(ca.trouble)
  const key = keyOf(account, ca.value)
  const known = kept.get(key)
  if (known !== undefined) return known
  const inner = open(account.cloud, ca.value, account.credential)
  const made: Kept = { inner, tokens: new Map(), asking: new Map() }
  kept.set(key, made)
  // What stood in the way may be gone at the next poll.
  inner.catch(() => kept.delete(key))
  return made
}

/** The authorities that vouch for a cloud of one's own, as PEM; undefined: the public ones. Read anew each time, since they change. */
export async function caOf({ name, cloud }: AzureAccount): Promise<Result<string | undefined>> {
  if (cloud.ca === null) return { value: undefined }
  try {
    return { value: await readFile(cloud.ca, 'utf8') }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
    const message = `azure account ${name}: the file ${cloud.ca} of cloud.ca cannot be read${code}; correct its path`
    return { trouble: { code: 'Misconfigured', message } }
  }
}

/** The library is loaded only here: it is heavy, and only polls of Azure want it. */
async function open(
  { name, authority }: AzureCloud,
  ca: string | undefined,
  { by, clientId }: AzureCredential,
): Promise<TokenCredential> {
  const identity = await import('@azure/identity')
  const options = {
    authorityHost: authority,
    // The discovery of instances asks the public cloud about hosts that only a custom one has.
    disableInstanceDiscovery: name === 'custom',
    ...(ca === undefined ? {} : { tlsOptions: { ca } }),
  }
  // The next poll is the retry. A managed identity's endpoint is asked as its library does: it is known to need a second asking.
  const once = { retryOptions: { maxRetries: 0 } }
  switch (by) {
    case 'managedIdentity':
      return new identity.ManagedIdentityCredential({ ...options, ...(clientId === undefined ? {} : { clientId }) })
    case 'workloadIdentity':
      return new identity.WorkloadIdentityCredential({
        ...options,
        ...once,
        ...(clientId === undefined ? {} : { clientId }),
      })
    case 'environment':
      return new identity.EnvironmentCredential({ ...options, ...once })
    case 'azureCli':
      return new identity.AzureCliCredential()
    case 'default':
      return new identity.DefaultAzureCredential({
        ...options,
        ...(clientId === undefined ? {} : { managedIdentityClientId: clientId }),
      })
  }
}
