import type { AzureAccount, AzureCredential } from '../../../fleet/azure-account.ts'
import type { Trouble } from '../../../fleet/delivery.ts'

type Way = AzureCredential['by']

const names: Readonly<Record<Way, string>> = {
  default: 'the default credential (environment, workload identity, managed identity, Azure CLI)',
  managedIdentity: 'the managed identity',
  workloadIdentity: 'workload identity',
  environment: 'the credential of the environment (AZURE_TENANT_ID, AZURE_CLIENT_ID …)',
  azureCli: 'the Azure CLI',
}

const remedies: Readonly<Record<Way, string>> = {
  default:
    'give this host a managed identity, set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run "az login"',
  managedIdentity:
    'assign the identity to this host, or name its client id as credential: { managedIdentity: <client id> }',
  workloadIdentity:
    'label the pod azure.workload.identity/use: "true" and annotate its service account with the client id',
  environment: 'set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or AZURE_CLIENT_CERTIFICATE_PATH)',
  azureCli: 'run "az login" as the user who runs Rollcall',
}

/** What Entra ID's own codes mean, and what to do. Its sentences hold ids and times of one request, so they are not repeated. */
const refusals: Readonly<Record<string, readonly [why: string, remedy: string]>> = {
  AADSTS7000215: ['the client secret is wrong', 'set AZURE_CLIENT_SECRET to the value of the secret, not its id'],
  AADSTS7000222: ['the client secret has expired', 'make a new one and set AZURE_CLIENT_SECRET'],
  AADSTS700016: ['the tenant does not know the application', 'correct AZURE_CLIENT_ID or AZURE_TENANT_ID'],
  AADSTS90002: ['there is no such tenant', 'correct AZURE_TENANT_ID, and the cloud of the account'],
  AADSTS900023: ['the tenant is no id of a tenant', 'correct AZURE_TENANT_ID'],
  AADSTS70021: ['no federated credential matches the token', 'add one for this issuer and service account'],
  AADSTS700211: ['no federated credential matches the token’s issuer', 'add one for this issuer'],
  AADSTS700212: ['no federated credential matches the token’s audience', 'add one for this audience'],
  AADSTS700213: ['no federated credential matches the token’s subject', 'add one for this service account'],
  AADSTS700027: ['the certificate is not one of the application’s', 'add it to the application'],
  AADSTS500011: ['the tenant does not know the resource of that scope', 'correct the scope of the account’s cloud'],
  AADSTS53003: ['conditional access forbids it', 'allow the identity from here'],
  AADSTS7000112: ['the application is disabled', 'enable it'],
}

/** Nobody answered, or not as Entra ID does; as it stands in messages, since the library wraps errors until only a text is left. */
const unreachable =
  /\b(endpoints_resolution_error|network_error|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|CERT_HAS_EXPIRED)\b/

/** Why an account has no token. Only words and codes known here leave: never a token, a secret or the library's own text. */
export function troubleOfCredential({ name, cloud, credential: { by } }: AzureAccount, error: unknown): Trouble {
  const said = textOf(error)
  const who = `azure account ${name}: ${names[by]}`
  const [code] = /\bAADSTS\d{4,8}\b/.exec(said) ?? []
  if (code !== undefined) {
    const [why, remedy] = refusals[code] ?? ['', remedies[by]]
    const because = why === '' ? code : `${why} (${code})`
    return { code: 'Unauthorized', message: `${who} was given no token by ${cloud.authority}: ${because}; ${remedy}` }
  }
  if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')) {
    return {
      code: 'Timeout',
      message: `${who} gave no token in time; see whether ${cloud.authority} can be reached from here`,
    }
  }
  const [broken] = unreachable.exec(said) ?? []
  // What is merely not there does not answer either: a host without a managed identity has no route to its endpoint.
  const absent = error instanceof Error && absences.has(error.name)
  if (broken !== undefined && !absent) {
    const message = `${who} gave no token: ${cloud.authority} does not answer as Entra ID does (${broken}); see whether it can be reached from here, and whether the account’s cloud is right, its ca included`
    return { code: 'Unreachable', message }
  }
  return { code: 'Unauthorized', message: `${who} gave no token; ${remedies[by]}` }
}

const absences: ReadonlySet<string> = new Set(['CredentialUnavailableError', 'AggregateAuthenticationError'])

const depthMax = 5

/** All that an error and what is behind it say. */
function textOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > depthMax) return ''
  const inner = 'errors' in error && Array.isArray(error.errors) ? error.errors : []
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return [error.message, code, ...[...inner, error.cause].map((each) => textOf(each, depth + 1))].join('\n')
}
