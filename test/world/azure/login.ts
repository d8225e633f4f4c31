import type { Answer } from './answer.ts'
import type { AzureRequest, Serving } from './server.ts'
import { aksScope, armScope, audienceOf } from './token.ts'
import { tenantId } from './wire.ts'

/** Answers what Entra ID is asked; null where the request is for somebody else. */
export function answerLogin(serving: Serving, request: AzureRequest): Answer | null {
  const { name } = request.operation
  if (name === 'discovery') return discovery(serving, request.url)
  if (name !== 'token') return null
  const form = new URLSearchParams(request.body)
  const [, tenant] = request.url.pathname.split('/')
  if (tenant !== tenantId)
    return refused(
      400,
      'invalid_request',
      90002,
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID.`,
    )
  if (form.get('grant_type') !== 'client_credentials')
    return refused(400, 'unsupported_grant_type', 70003, 'The app requested an unsupported grant type.')
  if (form.get('client_id') !== serving.clientId)
    return refused(
      400,
      'unauthorized_client',
      700016,
      `Application with identifier '${form.get('client_id')}' was not found in the directory.`,
    )
  if (serving.azure.faults.take('secretExpired', 'token'))
    return refused(401, 'invalid_client', 7000222, 'The provided client secret keys are expired.')
  if (form.get('client_secret') !== serving.clientSecret)
    return refused(401, 'invalid_client', 7000215, 'Invalid client secret provided.')
  // MSAL asks for what OpenID Connect needs beside it.
  const scope = (form.get('scope') ?? '').split(' ').find((one) => one.endsWith('/.default')) ?? ''
  if (scope !== armScope && scope !== aksScope)
    return refused(
      400,
      'invalid_resource',
      500011,
      `The resource principal named ${audienceOf(scope)} was not found in the tenant.`,
    )
  const { tokenSeconds, clientId } = serving
  const token = serving.azure.tokens.issue(audienceOf(scope), clientId, tokenSeconds)
  const body = { token_type: 'Bearer', expires_in: tokenSeconds, ext_expires_in: tokenSeconds, access_token: token }
  return { status: 200, body }
}

function refused(status: number, error: string, number: number, message: string): Answer {
  const description = `AADSTS${number}: ${message}`
  return { status, body: { error, error_description: description, error_codes: [number] } }
}

/** What an authority says of itself, and that it may be trusted. */
function discovery({ url: authority }: Serving, asked: URL): Answer {
  const [tenant = tenantId] = asked.pathname.split('/').filter(Boolean)
  const base = `${authority}/${tenant}`
  if (asked.pathname.toLowerCase().endsWith('/instance')) {
    const host = new URL(authority).host
    const metadata = [{ preferred_network: host, preferred_cache: host, aliases: [host] }]
    const endpoint = `${authority}/${tenantId}/v2.0/.well-known/openid-configuration`
    return { status: 200, body: { tenant_discovery_endpoint: endpoint, 'api-version': '1.1', metadata } }
  }
  return {
    status: 200,
    body: {
      token_endpoint: `${base}/oauth2/v2.0/token`,
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    },
  }
}
