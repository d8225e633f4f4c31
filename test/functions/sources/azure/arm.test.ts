import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clusterIdOf } from '../../../../fleet/azure/cluster-id.ts'
import type { AzureAccount } from '../../../../fleet/azure-account.ts'
import { openArm } from '../../../../functions/sources/azure/arm.ts'
import { openBudget, type PollLimits, pollLimits } from '../../../../functions/sources/budget.ts'
import {
  armError,
  type FakeArm,
  knownCredential,
  managedCluster,
  startFakeArm,
  subscription,
  type Told,
} from './fake-arm.ts'

let arm: FakeArm

beforeEach(async () => {
  Object.assign(process.env, knownCredential)
  arm = await startFakeArm()
})
afterEach(() => arm.close())

function open(account: AzureAccount = arm.account(), limits: Partial<PollLimits> = {}) {
  const budget = openBudget({ ...pollLimits, ...limits }, new AbortController().signal)
  return { budget, client: openArm({ account, source: 'corp/1', budget, now: () => new Date() }, subscription) }
}

async function list(account?: AzureAccount, limits?: Partial<PollLimits>) {
  const { budget, client } = open(account, limits)
  const resources: unknown[] = []
  for await (const page of client.listManagedClusters()) {
    if (page.trouble !== undefined) return { resources, trouble: page.trouble, budget }
    resources.push(...page.value.resources)
  }
  return { resources, trouble: null, budget }
}

const put = (...names: string[]) => {
  for (const name of names) {
    const cluster = managedCluster(name)
    arm.clusters.set(cluster.id, cluster)
  }
}

describe('the list of managed clusters', () => {
  test('gives resources as they travelled, unknown fields and all', async () => {
    const odd = { ...managedCluster('a', { invented: { by: 'tomorrow' } }), extra: 1 }
    arm.clusters.set(odd.id, odd)
    const { resources, trouble, budget } = await list()
    expect([resources, trouble]).toEqual([[odd], null])
    expect(budget.requests).toBe(1)
    expect(budget.bytes).toBeGreaterThan(100)
  })

  test('one malformed item costs no neighbour', async () => {
    put('a')
    arm.say = ({ path }) =>
      /managedClusters$/.test(path)
        ? { body: { value: [null, 7, { id: 'x', properties: { agentPoolProfiles: {} } }, managedCluster('a')] } }
        : undefined
    expect((await list()).resources).toHaveLength(4)
  })

  test('follows pages on its own host', async () => {
    arm.say = ({ path, query }) =>
      /managedClusters$/.test(path)
        ? query.has('page')
          ? { body: { value: [managedCluster('b')], nextLink: '' } }
          : { body: { value: [managedCluster('a')], nextLink: `${arm.url}${path}?page=2` } }
        : undefined
    const { resources, trouble } = await list()
    expect([resources.length, trouble]).toEqual([2, null])
  })

  test('sends nothing, and no token, to a foreign host that a page points to', async () => {
    const stranger = await startFakeArm()
    arm.say = ({ path }) =>
      /managedClusters$/.test(path)
        ? { body: { value: [managedCluster('a')], nextLink: `${stranger.url}/next` } }
        : undefined
    const { resources, trouble } = await list()
    expect(resources).toHaveLength(1)
    expect(trouble).toMatchObject({ code: 'BadAnswer', message: expect.stringContaining(stranger.url) })
    expect(stranger.asked).toEqual([])
    await stranger.close()
  })

  test('is not redirected elsewhere', async () => {
    const stranger = await startFakeArm()
    arm.say = ({ path }) =>
      /managedClusters$/.test(path) ? { status: 307, headers: { location: `${stranger.url}/x` }, body: '' } : undefined
    expect((await list()).trouble?.code).toBe('BadAnswer')
    expect(stranger.asked).toEqual([])
    await stranger.close()
  })

  test.each<[string, (path: string) => Told, string, string, number | undefined]>([
    ['no value', () => ({ body: {} }), 'BadAnswer', 'no list', undefined],
    ['a value that is no list', () => ({ body: { value: {} } }), 'BadAnswer', 'no list', undefined],
    ['a login page', () => ({ body: '<html>' }), 'BadAnswer', 'without a proxy', undefined],
    ['a redirect', () => ({ status: 307, headers: { location: '/x' }, body: '' }), 'BadAnswer', 'proxy', undefined],
    ['a proxy’s refusal', () => ({ status: 403, body: '<html>' }), 'Forbidden', 'without a proxy', undefined],
    ['null', () => ({ body: 'null' }), 'BadAnswer', 'no list', undefined],
    ['a next link that is no text', () => ({ body: { value: [], nextLink: {} } }), 'BadAnswer', 'no list', undefined],
    [
      'an endless list',
      (path) => ({ body: { value: [], nextLink: `${arm.url}${path}` } }),
      'BadAnswer',
      'end',
      undefined,
    ],
    ['401', () => armError(401, 'ExpiredAuthenticationToken'), 'Unauthorized', 'tenant', undefined],
    ['403', () => armError(403, 'AuthorizationFailed'), 'Forbidden', 'Reader', undefined],
    ['an unknown subscription', () => armError(404, 'SubscriptionNotFound'), 'Misconfigured', 'fleet file', undefined],
    [
      'a malformed subscription',
      () => armError(400, 'InvalidSubscriptionId'),
      'Misconfigured',
      subscription,
      undefined,
    ],
    ['a 404 of something in between', () => ({ status: 404, body: '<html>' }), 'BadAnswer', 'endpoint', undefined],
    ['429', () => armError(429, 'TooManyRequests'), 'Throttled', '429', undefined],
    ['429 for 37 s', () => armError(429, 'Throttled', { 'retry-after': '37' }), 'Throttled', '429', 37_000],
    ['429 for a day', () => armError(429, 'Throttled', { 'retry-after': '86400' }), 'Throttled', '429', 900_000],
    ['429 in ms', () => armError(429, 'Throttled', { 'x-ms-retry-after-ms': '1500' }), 'Throttled', '429', 1_500],
    ['503 for 5 s', () => armError(503, 'ServerBusy', { 'retry-after': '5' }), 'Throttled', '503', 5_000],
    ['503', () => armError(503, 'ServiceUnavailable'), 'ServerError', '503', undefined],
    ['500 without a body', () => ({ status: 500, body: '' }), 'ServerError', '500', undefined],
  ])('%s is a trouble, asked for once', async (_name, told, code, word, retryAfterMs) => {
    arm.say = ({ path }) => (/managedClusters$/.test(path) ? told(path) : undefined)
    const { trouble } = await list()
    expect(trouble).toMatchObject({ code, message: expect.stringContaining(word) })
    expect(trouble?.message).toContain('corp/1')
    expect(trouble?.message).not.toMatch(/token-42|secret-42/)
    expect(trouble?.retryAfterMs).toBe(retryAfterMs)
    expect(arm.asked.length).toBeLessThanOrEqual(2)
  })

  test('a token that is refused is not used again', async () => {
    await list()
    expect(arm.tokens).toHaveLength(1)
    arm.say = ({ path }) => (/managedClusters$/.test(path) ? armError(401, 'ExpiredAuthenticationToken') : undefined)
    await list()
    arm.say = () => undefined
    expect((await list()).trouble).toBeNull()
    expect(arm.tokens).toHaveLength(2)
  })

  test('silence ends with the deadline', async () => {
    arm.say = ({ path }) => (/managedClusters$/.test(path) ? { body: null } : undefined)
    expect((await list(undefined, { requestMs: 200 })).trouble).toMatchObject({ code: 'Timeout' })
  })

  test('so does a second page, which the SDK asks for without any', async () => {
    arm.say = ({ path, query }) =>
      /managedClusters$/.test(path)
        ? { body: query.has('page') ? null : { value: [], nextLink: `${arm.url}${path}?page=2` } }
        : undefined
    expect((await list(undefined, { requestMs: 200 })).trouble).toMatchObject({ code: 'Timeout' })
  })

  test('a poll that has spent its share asks for nothing more', async () => {
    const { trouble } = await list(undefined, { requests: 0 })
    expect(trouble).toMatchObject({ code: 'Timeout', message: expect.stringContaining('share') })
    expect(arm.asked).toEqual([])
  })

  test('nobody there', async () => {
    const account = arm.account()
    const { trouble } = await list({ ...account, cloud: { ...account.cloud, endpoint: 'https://127.0.0.1:1' } })
    expect(trouble).toMatchObject({ code: 'Unreachable', message: expect.stringContaining('refused') })
  })

  test('a server that the CA does not vouch for', async () => {
    const stranger = await startFakeArm()
    const account = arm.account()
    const { trouble } = await list({ ...account, cloud: { ...account.cloud, endpoint: stranger.url } })
    expect(trouble).toMatchObject({ code: 'Unreachable', message: expect.stringContaining('TLS') })
    await stranger.close()
  })
})

describe('one managed cluster', () => {
  const idOf = (name: string) => clusterIdOf(managedCluster(name).id) ?? expect.fail('no id')

  test('is there, also when its id is written otherwise', async () => {
    const shouted = { ...managedCluster('a'), id: managedCluster('a').id.toUpperCase() }
    arm.clusters.set(shouted.id, shouted)
    expect((await open().client.getManagedCluster(idOf('a'))).value).toEqual(shouted)
  })

  test.each<[string, Told | undefined, string | null]>([
    ['is gone, by Azure’s own word', undefined, null],
    ['is gone with its group', armError(404, 'ResourceGroupNotFound'), null],
    ['is not gone because its subscription is unknown', armError(404, 'SubscriptionNotFound'), 'Misconfigured'],
    ['is not gone because something else answers 404', { status: 404, body: 'not here' }, 'BadAnswer'],
    ['is not gone because we may not look', armError(403, 'AuthorizationFailed'), 'Forbidden'],
    ['is not another one', { body: managedCluster('b') }, 'BadAnswer'],
  ])('%s', async (_name, told, code) => {
    arm.say = ({ path }) => (/managedClusters\/a$/.test(path) ? told : undefined)
    const { value, trouble } = await open().client.getManagedCluster(idOf('a'))
    expect(trouble?.code ?? value).toBe(code)
  })
})

test('the kubeconfig of a cluster', async () => {
  const id = clusterIdOf(managedCluster('a').id) ?? expect.fail('no id')
  expect(await open().client.userKubeconfig(id)).toEqual({ value: 'apiVersion: v1' })
  arm.say = ({ path }) => (path.endsWith('Credential') ? armError(403, 'AuthorizationFailed') : undefined)
  const { trouble } = await open().client.userKubeconfig(id)
  expect(trouble).toMatchObject({ code: 'Forbidden', message: expect.stringContaining('Cluster User Role') })
})
