import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AzureAccount } from '../../../../fleet/azure-account.ts'
import { makeCertificates } from '../../../world/api/certificate.ts'

export const subscription = '11111111-1111-4111-8111-111111111111'
export const other = '22222222-2222-4222-8222-222222222222'
const tenant = '99999999-9999-4999-8999-999999999999'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: string
}

export interface Told {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON, a text as it is; null: never. */
  readonly body: unknown
}

/** Azure reduced to what it may say wrong: Resource Manager, Resource Graph and tokens, over real HTTPS. */
export interface FakeArm {
  readonly url: string
  /** Managed clusters by id, as written. What is here is listed, queried and given by id. */
  readonly clusters: Map<string, Readonly<Record<string, unknown>>>
  /** Rows of Resource Graph's events. */
  readonly events: unknown[]
  /** What regions offer. */
  versions: unknown
  /** Of Resource Manager and Resource Graph, `METHOD path`. */
  readonly asked: string[]
  /** What was asked of Entra ID for a token. */
  readonly tokens: URLSearchParams[]
  /** Answers in place of the honest ones; undefined: the honest one. */
  say: (asked: Asked) => Told | undefined
  account(more?: Partial<AzureAccount>): AzureAccount
  close(): Promise<void>
}

export const managedCluster = (name: string, more: Readonly<Record<string, unknown>> = {}, of = subscription) => ({
  id: `/subscriptions/${of}/resourcegroups/fleet/providers/Microsoft.ContainerService/managedClusters/${name}`,
  name,
  type: 'Microsoft.ContainerService/ManagedClusters',
  location: 'westeurope',
  tags: { environment: 'prod' },
  sku: { name: 'Base', tier: 'Standard' },
  properties: {
    provisioningState: 'Succeeded',
    powerState: { code: 'Running' },
    kubernetesVersion: '1.34',
    currentKubernetesVersion: '1.34.2',
    resourceUID: `uid-${name}`,
    ...more,
  },
})

export const armError = (status: number, code: string, headers: Readonly<Record<string, string>> = {}): Told => ({
  status,
  headers,
  body: { error: { code, message: 'as Azure says it, with bearer-secret-42 in it' } },
})

/** The environment's credential that the fake knows. */
export const knownCredential = {
  AZURE_TENANT_ID: tenant,
  AZURE_CLIENT_ID: 'rollcall',
  AZURE_CLIENT_SECRET: 'secret-42',
}

export async function startFakeArm(): Promise<FakeArm> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-arm-'))
  const { ca, server: pair } = await makeCertificates('rollcall')
  writeFileSync(join(folder, 'ca.pem'), ca)
  const server = createServer(pair)
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A TCP server has an address with a port.
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`

  const arm: FakeArm = {
    url,
    clusters: new Map(),
    events: [],
    versions: { values: [minor('1.33', ['AKSLongTermSupport']), minor('1.34'), minor('1.35'), minor('1.36')] },
    asked: [],
    tokens: [],
    say: () => undefined,
    account: (more = {}) => ({
      name: 'corp',
      subscriptions: [subscription],
      managementGroups: [],
      cloud: {
        name: 'custom',
        endpoint: url,
        scope: 'https://management.fake/.default',
        authority: url,
        ca: join(folder, 'ca.pem'),
        aksScope: 'aks/.default',
      },
      credential: { by: 'environment' },
      labels: {},
      everyMs: 300_000,
      staleAfterMs: 900_000,
      discover: null,
      ...more,
    }),
    close: async () => {
      server.close()
      server.closeAllConnections()
      rmSync(folder, { recursive: true })
      await once(server, 'close')
    },
  }

  server.on('request', async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url)
    let body = ''
    for await (const chunk of request) body += chunk
    const asked: Asked = { method: request.method ?? '', path: pathname, query: searchParams, body }
    const login = answerLogin(arm, asked)
    if (login === null) arm.asked.push(`${asked.method} ${pathname}`)
    const told = arm.say(asked) ?? login ?? honest(arm, asked, request.headers.authorization)
    if (told.body === null) return
    const text = typeof told.body === 'string' ? told.body : JSON.stringify(told.body)
    response.writeHead(told.status ?? 200, { 'content-type': 'application/json', ...told.headers }).end(text)
  })
  return arm
}

export const minor = (version: string, supportPlan = ['KubernetesOfficial', 'AKSLongTermSupport']) => ({
  version,
  capabilities: { supportPlan },
  patchVersions: { [`${version}.10`]: { upgrades: [] }, [`${version}.9`]: { upgrades: [`${version}.10`] } },
})

function honest(arm: FakeArm, { method, path, body }: Asked, token: string | undefined): Told {
  if (token !== 'Bearer token-42') return armError(401, 'InvalidAuthenticationToken')
  if (method === 'POST' && path.startsWith('/providers/Microsoft.ResourceGraph/')) return graph(arm, JSON.parse(body))
  if (path.includes('/kubernetesVersions')) return { body: arm.versions }
  if (path.endsWith('/listClusterUserCredential')) {
    return { body: { kubeconfigs: [{ name: 'user', value: Buffer.from('apiVersion: v1').toString('base64') }] } }
  }
  if (/managedClusters$/i.test(path)) {
    const [, , of = ''] = path.split('/')
    return { body: { value: [...arm.clusters.values()].filter(({ id }) => String(id).includes(of)) } }
  }
  const found = [...arm.clusters].find(([id]) => id.toLowerCase() === path.toLowerCase())
  return found ? { body: found[1] } : armError(404, 'ResourceNotFound')
}

function graph(
  arm: FakeArm,
  asked: { subscriptions?: string[]; query: string; options: { $skipToken?: string } },
): Told {
  const all = asked.query.startsWith('resources') ? [...arm.clusters.values()] : arm.events
  const inScope = all.filter((row) => asked.subscriptions?.some((id) => JSON.stringify(row).includes(id)) ?? true)
  return { body: { totalRecords: inScope.length, count: inScope.length, resultTruncated: 'false', data: inScope } }
}

function answerLogin(arm: FakeArm, { path, body }: Asked): Told | null {
  if (path.endsWith('/openid-configuration')) {
    const base = `${arm.url}/${tenant}`
    return {
      body: {
        issuer: `${base}/v2.0`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        jwks_uri: `${base}/keys`,
      },
    }
  }
  if (!path.endsWith('/oauth2/v2.0/token')) return null
  const form = new URLSearchParams(body)
  arm.tokens.push(form)
  if (form.get('client_secret') === knownCredential.AZURE_CLIENT_SECRET)
    return { body: { token_type: 'Bearer', expires_in: 3600, access_token: 'token-42' } }
  const error_description = 'AADSTS7000222: The provided client secret keys for app bearer-secret-42 are expired.'
  return { status: 401, body: { error: 'invalid_client', error_description, error_codes: [7000222] } }
}
