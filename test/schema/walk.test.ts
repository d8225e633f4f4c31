import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { parseLabelSelector } from '../../fleet/label-selector.ts'
import { defaultPolicy } from '../../fleet/policy/default-policy.ts'
import { engines, openEngine } from '../engine.ts'
import { World } from '../world/world.ts'
import { type Ask, asker } from './ask.ts'
import { fillWithAzure } from './fill-azure.ts'

const orders = ['NAME', 'CREATED_AT', 'LAST_TRANSITION', 'VERSION', 'HEALTH']
const page = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: ClusterFilter, $orderBy: ClusterOrder) {
  clusters(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } } nodes { id }
  } }`

interface Walk {
  readonly filter?: unknown
  readonly orderBy?: { readonly field: string; readonly descending: boolean }
}

async function walk(
  ask: Ask,
  question: Walk,
  size: number,
  backward = false,
): Promise<{ ids: string[]; total: number }> {
  const ids: string[] = []
  let cursor: string | null = null
  for (;;) {
    const { data, errors } = await ask(page, {
      ...question,
      ...(backward ? { last: size, before: cursor } : { first: size, after: cursor }),
    })
    expect(errors).toBeUndefined()
    const { nodes, edges, pageInfo, totalCount } = data.clusters
    expect(edges.map((edge: { node: unknown }) => edge.node)).toEqual(nodes)
    const here = nodes.map(({ id }: { id: string }) => id)
    if (backward) ids.unshift(...here)
    else ids.push(...here)
    if (!(backward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) return { ids, total: totalCount }
    cursor = backward ? pageInfo.startCursor : pageInfo.endCursor
  }
}

/** What Kubernetes answers: `notin` and `!` hold where the label is absent. */
const selects = (selector: string, labels: Readonly<Record<string, string>>): boolean =>
  parseLabelSelector(selector).every((one) => {
    const value = labels[one.key]
    if ('values' in one) return (value !== undefined && one.values.includes(value)) === (one.operator === 'in')
    return (value !== undefined) === (one.operator === 'exists')
  })

describe.each(engines)('walks on %s', (engine) => {
  let store: Store
  let ask: Ask
  const world = new World({ clusters: 36, seed: 'walks' })

  beforeAll(async () => {
    store = await openEngine(engine)
    for (let step = 0; step < 20; step++) world.live(step)
    await fillWithAzure(store.db, world, { policies: [defaultPolicy], waivers: [], calendar: [] }, world.now)
    ask = asker(store.db, () => world.now).ask
  })
  afterAll(() => store.close())

  const text = fc.constantFrom('prod', 'dev', 'westeurope', 'aks', 'azure', 'weu-prod', '', 'x')
  const { filter } = fc.letrec<{ filter: object }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 2 },
      fc.record({ environment: fc.record({ eq: text }) }),
      fc.record({ region: fc.record({ in: fc.array(text, { maxLength: 3 }) }) }),
      fc.record({ provider: fc.record({ isNull: fc.boolean() }) }),
      fc.record({
        version: fc.oneof(
          fc.record({ gte: fc.constantFrom('1.31', '1.9', '1.33.4') }),
          fc.record({ eq: fc.constantFrom('1.32', '1.33') }),
        ),
      }),
      fc.record({ health: fc.record({ in: fc.subarray(['HEALTHY', 'PROGRESSING', 'DEGRADED', 'STALE']) }) }),
      fc.record({ freshness: fc.record({ eq: fc.constantFrom('FRESH', 'STALE') }) }),
      fc.record({
        labels: fc.constantFrom('environment=prod', 'environment notin (prod,dev)', '!owner', 'environment', 'ring!=2'),
      }),
      fc.record({ geography: fc.record({ in: fc.subarray(['EU', 'Europe', 'Mars']) }) }),
      fc.record({ witness: fc.record({ eq: fc.constantFrom('capi', 'arm') }) }),
      fc.record({ orphan: fc.record({ in: fc.subarray(['UNDECLARED', 'MISSING']) }) }),
      fc.record({
        supportDaysLeft: fc.oneof(
          fc.record({ lt: fc.integer({ min: -400, max: 400 }) }),
          fc.record({ isNull: fc.boolean() }),
        ),
      }),
      fc.record({ supportPhase: fc.record({ in: fc.subarray(['SUPPORTED', 'PLATFORM_SUPPORT', 'UNKNOWN']) }) }),
      fc.record({ skewMinors: fc.record({ gte: fc.integer({ min: -1, max: 2 }) }) }),
      fc
        .constantFrom('inSupport', 'ltsOnly', 'disagrees', 'missingTags')
        .chain((field) => fc.boolean().map((given) => ({ [field]: given }))),
      fc.record({ name: fc.record({ startsWith: fc.constantFrom('s', 'games-', '%') }) }),
      fc.record({ and: fc.array(tie('filter'), { maxLength: 2 }) }),
      fc.record({ or: fc.array(tie('filter'), { maxLength: 2 }) }),
      fc.record({ not: tie('filter') }),
    ),
  }))

  it('meets every cluster once, forward and backward, under every order and filter', async () => {
    const order = fc.record({ field: fc.constantFrom(...orders), descending: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(filter, order, fc.integer({ min: 1, max: 40 }), async (given, orderBy, size) => {
        const question = { filter: given, orderBy }
        const forward = await walk(ask, question, size)
        expect(new Set(forward.ids).size).toBe(forward.ids.length)
        expect(forward.total).toBe(forward.ids.length)
        expect((await walk(ask, question, size, true)).ids).toEqual(forward.ids)
        const against = await walk(ask, { ...question, orderBy: { ...orderBy, descending: !orderBy.descending } }, 100)
        expect(against.ids).toEqual(forward.ids.toReversed())
        const aggregate = await ask(
          'query ($filter: ClusterFilter) { clusterAggregate(filter: $filter, groupBy: [HEALTH, MINOR, SUPPORT_PHASE]) { total buckets { count } } }',
          { filter: given },
        )
        expect(aggregate.data.clusterAggregate.total).toBe(forward.total)
        expect(
          aggregate.data.clusterAggregate.buckets.reduce((sum: number, { count }: { count: number }) => sum + count, 0),
        ).toBe(forward.total)
      }),
      { numRuns: 25 },
    )
  })

  it('a filter and its contrary divide the fleet, nulls included', async () => {
    await fc.assert(
      fc.asyncProperty(filter, async (given) => {
        const all = await walk(ask, {}, 100)
        const some = await walk(ask, { filter: given }, 100)
        const rest = await walk(ask, { filter: { not: given } }, 100)
        expect([...some.ids, ...rest.ids].sort()).toEqual([...all.ids].sort())
      }),
      { numRuns: 25 },
    )
  })

  it('refuses a cursor of another filter, another order, another noun, and text that is no cursor', async () => {
    const { data } = await ask(page, { first: 3 })
    const after = data.clusters.pageInfo.endCursor
    for (const question of [
      { filter: { environment: { eq: 'prod' } } },
      { orderBy: { field: 'NAME', descending: true } },
      { orderBy: { field: 'VERSION' } },
    ]) {
      expect((await ask(page, { ...question, after })).errors?.[0]).toMatchObject({
        message: expect.stringContaining('another filter or order'),
        extensions: { code: 'invalid' },
      })
    }
    expect(
      (await ask('query ($after: String) { sources(after: $after) { nodes { id } } }', { after })).errors?.[0]
        ?.extensions.code,
    ).toBe('invalid')
    for (const foreign of ['', 'abc', 'W10', Buffer.from('{"a":1}').toString('base64url')]) {
      expect((await ask(page, { after: foreign })).errors?.[0]?.extensions.code).toBe('invalid')
    }
  })

  it('selects by labels as Kubernetes does', async () => {
    const { data } = await ask('{ clusters(first: 100) { nodes { id labels { key value } } } }')
    const clusters = data.clusters.nodes.map(
      ({ id, labels }: { id: string; labels: { key: string; value: string }[] }) => ({
        id,
        labels: Object.fromEntries(labels.map(({ key, value }) => [key, value])),
      }),
    )
    for (const selector of [
      'environment=prod',
      'environment!=prod',
      'environment in (prod, dev),owner',
      '!owner',
      'owner notin (team-games)',
      'nobody=x',
      '',
    ]) {
      const wanted = clusters.filter(({ labels }: { labels: Record<string, string> }) => selects(selector, labels))
      expect((await walk(ask, { filter: { labels: selector } }, 100)).ids.sort(), selector).toEqual(
        wanted.map(({ id }: { id: string }) => id).sort(),
      )
    }
    expect((await ask(page, { filter: { labels: 'a in (' } })).errors?.[0]).toMatchObject({
      extensions: { code: 'invalid' },
    })
    expect((await ask(page, { filter: { labels: "a='; drop table cluster" } })).errors?.[0]).toMatchObject({
      extensions: { code: 'invalid' },
    })
  })

  it('walks objects, node pools and sources as it walks clusters', async () => {
    for (const noun of ['resources', 'nodePools', 'sources', 'findings']) {
      const ids: string[] = []
      let after: string | null = null
      for (;;) {
        const { data } = await ask(
          `query ($after: String) { ${noun}(first: 97, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }`,
          { after },
        )
        ids.push(...data[noun].nodes.map(({ id }: { id: string }) => id))
        after = data[noun].pageInfo.endCursor
        if (!data[noun].pageInfo.hasNextPage) {
          expect(ids.length).toBe(data[noun].totalCount)
          break
        }
      }
      expect(new Set(ids).size).toBe(ids.length)
    }
  })

  it('says what is wrong with a page', async () => {
    for (const args of [{ first: 101 }, { first: -1 }, { first: 2, last: 2 }, { first: 2, before: 'x' }]) {
      expect((await ask(page, args)).errors?.[0]?.extensions.code, JSON.stringify(args)).toBe('invalid')
    }
    expect((await ask(page, { filter: { name: { eq: null } } })).errors?.[0]?.message).toContain('isNull')
    expect((await ask(page, { filter: { version: { eq: 'newest' } } })).errors?.[0]?.message).toContain('1.33.4')
    expect((await ask(page, { first: 0 })).data.clusters.nodes).toEqual([])
  })
})
