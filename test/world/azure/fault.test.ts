import type { IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { json, text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { connect } from '../../contract/client.ts'
import type { ServedSite } from '../serve-sites.ts'
import { createWorld } from '../world.ts'
import type { AzureFault } from './fault.ts'
import { idOf } from './resource.ts'
import type { ServedAzure } from './server.ts'

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any
}

describe('Azure', () => {
  const world = createWorld({ seed: 'azure faults', clusters: 40 })
  const { azure } = world
  const prod = azure.subscription('sub-prod').id
  const inProd = azure.resources.filter(({ subscription }) => subscription === prod)
  const list = `/subscriptions/${prod}/providers/Microsoft.ContainerService/managedClusters`
  const version = 'api-version=2026-06-01'
  let served: ServedAzure
  let sites: readonly ServedSite[]
  let agent: Agent
  let token: string

  const ask = async (
    path: string,
    options: { method?: string; body?: string; token?: string | null } = {},
  ): Promise<Answer> => {
    const { method = 'GET', body, token: given = token } = options
    const headers = { ...(given === null ? {} : { authorization: `Bearer ${given}` }) }
    const request = httpsRequest(new URL(path, served.url), {
      agent,
      method,
      headers,
      signal: AbortSignal.timeout(5000),
    })
    request.end(body)
    const response = await new Promise<IncomingMessage>((resolve, reject) =>
      request.on('response', resolve).on('error', reject),
    )
    const isJson = response.headers['content-type']?.startsWith('application/json')
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: await (isJson ? json(response) : text(response)),
    }
  }
  const tokenFor = async (scope: string) => {
    const form = {
      grant_type: 'client_credentials',
      client_id: served.clientId,
      client_secret: served.clientSecret,
      scope,
    }
    const body = new URLSearchParams(form).toString()
    return (await ask(`/${served.tenantId}/oauth2/v2.0/token`, { method: 'POST', body, token: null })).body.access_token
  }
  const graph = (query: string) =>
    ask('/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01', {
      method: 'POST',
      body: JSON.stringify({ query }),
    })

  beforeAll(async () => {
    served = await azure.serveAzure({ pageSize: 5 })
    sites = await world.serve()
    agent = new Agent({ ca: served.ca, keepAlive: true })
    token = await tokenFor(served.scope)
  })
  afterEach(() => azure.calm())
  afterAll(async () => {
    agent.destroy()
    await Promise.all([served, ...sites].map((server) => server.close()))
  })

  const [first] = inProd
  const get = `${idOf(first ?? { subscription: '', resourceGroup: '', name: '' })}?${version}`
  const whole: readonly [AzureFault, string, number, string][] = [
    [{ fault: 'throttled', retryAfterSeconds: 37 }, list, 429, 'Throttled'],
    [{ fault: 'throttled', retryAfterSeconds: null }, list, 429, 'TooManyRequests'],
    [{ fault: 'error', code: 503 }, list, 503, 'InternalServerError'],
    [{ fault: 'forbidden', on: prod }, list, 403, 'AuthorizationFailed'],
    [{ fault: 'expired' }, list, 401, 'ExpiredAuthenticationToken'],
    [{ fault: 'revoked' }, get, 403, 'AuthorizationFailed'],
  ]
  it.each(whole)('%o', async (fault, path, status, code) => {
    azure.disturb(fault)
    const answer = await ask(path.includes('?') ? path : `${path}?${version}`)
    expect([answer.status, answer.body.error.code]).toEqual([status, code])
    if (fault.fault === 'throttled')
      expect(answer.headers['retry-after']).toBe(fault.retryAfterSeconds === null ? undefined : '37')
    if (status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Bearer authorization_uri=/)
  })

  const bodies: readonly [AzureFault, object][] = [
    [{ fault: 'revoked' }, { value: [] }],
    [{ fault: 'valueless' }, {}],
    [{ fault: 'shrunken', keep: 2 }, { value: [expect.anything(), expect.anything()] }],
  ]
  it.each(bodies)('%o: a list that looks whole', async (fault, body) => {
    azure.disturb(fault)
    expect(await ask(`${list}?${version}`)).toMatchObject({ status: 200, body })
    expect((await ask(`${list}?${version}`)).body.nextLink).toBeUndefined()
  })

  it('leads to another host, or nowhere', async () => {
    azure.disturb({ fault: 'foreignNextLink', times: 1 })
    const foreign = new URL((await ask(`${list}?${version}`)).body.nextLink)
    expect(foreign.origin).not.toBe(served.url)
    await ask(foreign.href)
    expect(served.counts.get('foreign')).toBe(1)
    azure.disturb({ fault: 'endless' })
    const { nextLink } = (await ask(`${list}?${version}`)).body
    expect((await ask(nextLink)).body.nextLink).toBe(nextLink)
  })

  it('has one bad item among good ones, a login page, or no answer', async () => {
    azure.disturb({ fault: 'badItem' })
    const { value } = (await ask(`${list}?${version}`)).body
    expect(value.map(({ properties }: { properties: unknown }) => typeof properties)).toEqual([
      'string',
      ...Array(4).fill('object'),
    ])
    azure.calm()
    azure.disturb({ fault: 'wrong' })
    expect((await ask(`${list}?${version}`)).body).toContain('<html>')
    azure.calm()
    azure.disturb({ fault: 'silent', on: 'get' })
    const nothing = new Promise((resolve) => setTimeout(resolve, 300, 'nothing'))
    expect(await Promise.race([ask(get).catch(() => 'late'), nothing])).toBe('nothing')
  })

  it('cuts an answer of Resource Graph short, and leaves out without a word what may not be read', async () => {
    azure.disturb({ fault: 'cut', times: 1 })
    expect((await graph('resources | order by id asc')).body).toMatchObject({ resultTruncated: 'true' })
    const all = (await graph('resources | order by id asc')).body.count
    azure.disturb({ fault: 'revoked', on: prod })
    expect((await graph('Resources | order by id asc')).body.count).toBe(all - inProd.length)
    expect((await graph('resourcecontainers')).body.data.map(({ name }: { name: string }) => name)).toEqual(
      expect.not.arrayContaining(['sub-prod']),
    )
    expect((await graph('nothing')).status).toBe(400)
  })

  it('asks for an api-version and for a token', async () => {
    expect((await ask(list)).body.error.code).toBe('MissingApiVersionParameter')
    expect((await ask(`${list}?${version}`, { token: null })).body.error.code).toBe('AuthenticationFailed')
    expect((await ask(`${list}?${version}`, { token: 'made-up' })).body.error.code).toBe('InvalidAuthenticationToken')
    const other = await tokenFor(served.aksScope)
    expect((await ask(`${list}?${version}`, { token: other })).body.error.code).toBe(
      'InvalidAuthenticationTokenAudience',
    )
  })

  it('hands out a kubeconfig for kubelogin, whose server takes tokens for AKS and no others', async () => {
    const path = (site: string) => `${world.managementArmId(site)}/listClusterUserCredential?format=exec&${version}`
    const { body } = await ask(path('weu-prod'), { method: 'POST' })
    const kubeconfig = Buffer.from(body.kubeconfigs[0].value, 'base64').toString()
    expect(parse(kubeconfig).users[0].user.exec.command).toBe('kubelogin')
    const statusWith = async (given: string) => {
      const client = connect(kubeconfig, given)
      const { status } = await client.get('/apis/cluster.x-k8s.io/v1beta2/clusters')
      client.close()
      return status
    }
    expect(await statusWith(await tokenFor(served.aksScope))).toBe(200)
    expect(await statusWith(token)).toBe(401)
    expect((await ask(path('neu-prod'), { method: 'POST' })).status).toBe(404)
    const withoutEntra = await ask(
      `${idOf(first ?? { subscription: '', resourceGroup: '', name: '' })}/listClusterUserCredential?${version}`,
      { method: 'POST' },
    )
    expect([withoutEntra.status, withoutEntra.body.error.message]).toEqual([
      400,
      expect.stringContaining('static credential'),
    ])
  })
})
