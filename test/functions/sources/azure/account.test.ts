import { describe, expect, test } from 'vitest'
import { armError, managedCluster, other, subscription } from './fake-arm.ts'
import { arm, isList, logged, poll, present, put, reading, type SourceRow, sources } from './polled-account.ts'

const account = (more = {}) => arm.account({ subscriptions: [subscription, other], ...more })
const graphPath = 'POST /providers/Microsoft.ResourceGraph/resources'
const listOf = (id: string) => `GET /subscriptions/${id}/providers/Microsoft.ContainerService/managedClusters`
const clean = (id: string): SourceRow => ({ id, code: null, message: null, succeeded: true })
const [first, second] = [`corp/${subscription}`, `corp/${other}`]
const isGraph = (path: string) => path.includes('ResourceGraph')
const dataOf = (rows: readonly unknown[], more = {}) => ({ body: { totalRecords: rows.length, data: rows, ...more } })

describe('an account of several subscriptions', () => {
  test('is read by one query, each subscription a source of its own', async () => {
    for (const name of ['a', 'b']) put(name)
    put('c', {}, other)
    expect(await poll(account())).toMatchObject({ trouble: null, tally: { observed: 3, changed: 3 } })
    expect(await sources()).toEqual([clean('corp'), clean(first), clean(second)])
    expect([await present(first), await present(second), await present('corp')]).toEqual([['a', 'b'], ['c'], []])
    expect((await poll(account())).asked).toEqual([graphPath])
  })

  test('over several pages, whose rows come in any order and case', async () => {
    const [a, b, c] = [managedCluster('a'), managedCluster('b', {}, other), managedCluster('c')]
    arm.say = ({ path, body }) =>
      isGraph(path) && JSON.parse(body).query.startsWith('resources')
        ? JSON.parse(body).options.$skipToken === 'more'
          ? dataOf([{ ...c, id: c.id.toUpperCase() }, a], { totalRecords: 4 })
          : dataOf([a, b], { totalRecords: 4, resultTruncated: 'true', $skipToken: 'more' })
        : undefined
    for (let n = 0; n < 2; n++) {
      expect((await poll(account())).trouble).toBeNull()
      expect([await present(first), await present(second)]).toEqual([['a', 'c'], ['b']])
      expect([await reading(first), await reading(second)]).toMatchObject([{ verified: true }, { verified: true }])
    }
  })

  test('a subscription without a row is asked by itself: empty, forbidden and unknown are different', async () => {
    put('a')
    expect((await poll(account())).asked).toContain(listOf(other))
    expect(await sources()).toContainEqual(clean(second))
    arm.say = ({ path }) => (isList(path) ? armError(403, 'AuthorizationFailed') : undefined)
    expect((await poll(account())).trouble).toBeNull()
    expect(await sources()).toMatchObject([{ code: null }, { code: null }, { code: 'Forbidden' }])
    arm.say = ({ path }) => (isList(path) ? armError(404, 'SubscriptionNotFound') : undefined)
    await poll(account())
    expect(await sources()).toMatchObject([{ code: null }, { code: null }, { code: 'Misconfigured' }])
    // Its beginning is said once.
    expect(logged.filter(({ level, source }) => level === 'warn' && source === second)).toHaveLength(1)
  })

  test('what a query leaves out is asked for by id', async () => {
    for (const name of ['a', 'b', 'c']) put(name)
    put('x', {}, other)
    await poll(account())
    arm.clusters.delete(managedCluster('a').id)
    arm.say = ({ path }) => (isGraph(path) ? dataOf([managedCluster('b'), managedCluster('x', {}, other)]) : undefined)
    expect((await poll(account())).tally.gone).toBe(1)
    expect([await present(first), await present(second)]).toEqual([['b', 'c'], ['x']])
    expect([await reading(first), await reading(second)]).toMatchObject([{ code: 'Partial' }, { code: null }])
    expect(await sources()).toMatchObject([{ code: null }, { code: null }, { code: null }])
    arm.say = () => undefined
    await poll(account())
    expect(logged.filter(({ level }) => level === 'warn').map((line) => [line.source, line.code])).toEqual([
      [first, 'Partial'],
      [first, undefined],
    ])
  })

  test('a row whose id is no managed cluster’s is none, and harms no neighbour', async () => {
    put('a')
    put('x', {}, other)
    const odd = { ...managedCluster('b'), id: '/garbage', subscriptionId: subscription }
    arm.say = ({ path, body }) =>
      isGraph(path) && JSON.parse(body).query.startsWith('resources')
        ? dataOf([odd, ...arm.clusters.values()])
        : undefined
    expect((await poll(account())).trouble).toBeNull()
    expect([await present(first), await present(second)]).toEqual([['a'], ['x']])
    expect(await reading(first)).toMatchObject({
      code: null,
      rejected: [{ why: expect.stringContaining('"/garbage"') }],
    })
  })

  test('a subscription whose role was lost keeps its clusters, and says so', async () => {
    put('a')
    for (const name of ['x', 'y']) put(name, {}, other)
    await poll(account())
    for (const name of ['x', 'y']) arm.clusters.delete(managedCluster(name, {}, other).id)
    arm.say = ({ path }) => (path.includes(other) ? armError(403, 'AuthorizationFailed') : undefined)
    expect((await poll(account())).trouble).toBeNull()
    expect(await sources()).toMatchObject([{ code: null }, { code: null }, { id: second, code: 'Forbidden' }])
    expect([await present(first), await present(second)]).toEqual([['a'], ['x', 'y']])
  })

  test.each<[string, ReturnType<typeof arm.say>, string, number]>([
    ['429', armError(429, 'RateLimiting', { 'x-ms-user-quota-resets-after': '00:01:05' }), 'Throttled', 1],
    ['401', armError(401, 'InvalidAuthenticationToken'), 'Unauthorized', 1],
    ['500', armError(500, 'InternalServerError'), 'ServerError', 1],
    // Resource Manager may still answer, subscription by subscription.
    ['403', armError(403, 'AuthorizationFailed'), 'Forbidden', 3],
    ['no rows', { body: {} }, 'BadAnswer', 3],
  ])('%s of Resource Graph is trouble of all, and deletes nothing', async (_name, told, code, requests) => {
    put('a')
    put('x', {}, other)
    await poll(account())
    arm.say = ({ path }) => (isGraph(path) ? told : undefined)
    const { trouble, asked } = await poll(account())
    expect([trouble?.code, asked.length]).toEqual([code, requests])
    if (code === 'Throttled') expect(trouble?.retryAfterMs).toBe(65_000)
    const children = requests === 1 ? { code } : { code: null }
    expect(await sources()).toMatchObject([{ id: 'corp', code }, children, children])
    expect(await present()).toEqual(['a', 'x'])
  })

  test.each<[string, () => ReturnType<typeof arm.say>]>([
    ['truncated', () => dataOf([managedCluster('a')], { resultTruncated: 'true' })],
    ['fewer than it counts', () => dataOf([managedCluster('a')], { totalRecords: 2 })],
    [
      'of too large a scope',
      () => ({ ...dataOf([managedCluster('a')]), headers: { 'x-ms-tenant-subscription-limit-hit': 'true' } }),
    ],
    ['without end', () => dataOf([managedCluster('a')], { $skipToken: 'again' })],
  ])(
    'an answer that is %s is trouble of the account, and its subscriptions are asked by themselves',
    async (_name, told) => {
      for (const name of ['a', 'b']) put(name)
      await poll(account())
      arm.clusters.delete(managedCluster('b').id)
      arm.say = ({ path }) => (isGraph(path) ? told() : undefined)
      const { trouble, asked } = await poll(account())
      expect(trouble?.code).toBe('BadAnswer')
      expect(asked).toEqual(expect.arrayContaining([listOf(subscription), listOf(other)]))
      expect(await present(first)).toEqual(['a'])
      expect(await sources()).toMatchObject([{ code: 'BadAnswer' }, { code: null }, { code: null }])
    },
  )
})

describe('an account of management groups', () => {
  const groups = () => account({ subscriptions: [], managementGroups: ['platform'] })

  test('finds its subscriptions, and keeps those with clusters when they are left out', async () => {
    put('a')
    put('x', {}, other)
    await poll(groups())
    expect(await sources()).toEqual([clean('corp'), clean(first), clean(second)])
    arm.clusters.delete(managedCluster('x', {}, other).id)
    arm.say = ({ path }) => (path.includes(other) ? armError(403, 'AuthorizationFailed') : undefined)
    await poll(groups())
    expect(await sources()).toMatchObject([{ code: null }, { code: null }, { id: second, code: 'Forbidden' }])
    expect(await present(second)).toEqual(['x'])
  })

  test('lets a subscription go whose last cluster is gone', async () => {
    put('a')
    put('x', {}, other)
    await poll(groups())
    arm.clusters.delete(managedCluster('x', {}, other).id)
    await poll(groups())
    expect([await present(), (await sources()).length]).toEqual([['a'], 3])
    await poll(groups())
    expect(await sources()).toEqual([clean('corp'), clean(first)])
    put('y', {}, other)
    await poll(groups())
    expect(await present(second)).toEqual(['y'])
  })
})
