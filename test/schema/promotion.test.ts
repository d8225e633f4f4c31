import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { registerSources } from '../../db/source.ts'
import { putClusters, subjectOf } from '../db/judged-cluster.ts'
import { at } from '../db/wire.ts'
import { engines, openEngine } from '../engine.ts'
import { helmRelease, putApplied } from './applied.ts'
import { type Ask, type Asked, asker } from './ask.ts'
import { everyMs, staleAfterMs } from './fill.ts'

const commit = (digit: string) => `main@sha1:${digit.repeat(40)}`
const where = {
  dev1: ['dev', '1'],
  test1: ['test', '2'],
  prod1: ['prod', '10'],
  prod2: ['prod', '10'],
  lab: ['lab', '9'],
} as const

describe.each(engines)('promotions on %s', (engine) => {
  let store: Store
  let ask: Ask
  beforeAll(async () => {
    store = await openEngine(engine)
    const source = {
      type: 'managementCluster',
      parentId: null,
      polled: true,
      armId: null,
      region: null,
      labels: {},
    } as const
    await registerSources(store.db, [{ ...source, id: 'weu', everyMs, staleAfterMs }], at(0))
    const subjects = Object.entries(where).map(([name, [environment, ring]]) => subjectOf(name, { environment, ring }))
    await putClusters(store.db, subjects, at(0))
    await putApplied(store.db, [
      { cluster: 'dev1', app: 'shop', revision: commit('c'), since: at(50) },
      { cluster: 'test1', app: 'shop', revision: commit('b'), since: at(40) },
      { cluster: 'prod1', app: 'shop', revision: commit('b'), since: at(45) },
      { cluster: 'prod2', app: 'shop', revision: commit('b'), since: at(44) },
      { cluster: 'lab', app: 'shop', revision: null },
      { cluster: 'dev1', app: 'web', revision: '1.10.0', since: at(30), kind: helmRelease, chart: 'web' },
      { cluster: 'prod1', app: 'web', revision: '1.9.0', kind: helmRelease, chart: 'web' },
    ])
    ask = asker(store.db, () => at(60)).ask
  })
  afterAll(() => store.close())

  const promotions = async (args: string): Promise<Asked> => {
    const { data, errors } =
      await ask(`{ promotions(${args}) { totalCount coverage { expectedSources } pageInfo { hasNextPage endCursor }
      nodes { app kind chart stages { stage revision clusters revisions { version clusters since } since lagSeconds } } } }`)
    expect(errors).toBeUndefined()
    return data.promotions
  }
  const lags = ({ stages }: Asked) => stages.map(({ stage, lagSeconds }: Asked) => `${stage} ${lagSeconds}`)

  it('tells what each environment runs, and how long it lags behind the one before it', async () => {
    const { nodes, totalCount, coverage } = await promotions('by: ENVIRONMENT')
    expect([totalCount, coverage.expectedSources]).toEqual([2, 1])
    const [shop, web] = nodes
    expect(lags(shop)).toEqual(['dev null', 'test 600', 'prod 0', 'lab null'])
    expect(shop.stages[2]).toMatchObject({
      revision: commit('b'),
      clusters: 2,
      since: at(44).toISOString().replace('.000', ''),
    })
    expect(shop.stages[2].revisions).toMatchObject([{ version: commit('b'), clusters: 2 }])
    expect(shop.stages[3]).toMatchObject({ revision: null, clusters: 1, revisions: [] })
    expect(web).toMatchObject({ app: 'web', kind: 'HelmRelease', chart: 'web' })
    expect(lags(web)).toEqual(['dev null', 'prod 1800'])
  })

  it('by rings, in the order of their numbers', async () => {
    const [shop] = (await promotions('by: RING, app: "shop"')).nodes
    expect(lags(shop)).toEqual(['1 null', '2 600', '9 null', '10 null'])
  })

  it('by stages as they are given, with those that do not have the app', async () => {
    const { nodes } = await promotions('by: ENVIRONMENT, stages: ["dev", "qa", "prod"]')
    expect(nodes.map(lags)).toEqual([
      ['dev null', 'qa null', 'prod 600'],
      ['dev null', 'qa null', 'prod 1800'],
    ])
    expect((await promotions('by: ENVIRONMENT, stages: ["nowhere"]')).nodes).toEqual([])
    expect(
      (await promotions('by: ENVIRONMENT, app: "web", filter: {environment: {eq: "prod"}}')).nodes.map(lags),
    ).toEqual([['prod null']])
  })

  it('pages on by app, and refuses what means nothing', async () => {
    const first = await promotions('by: RING, first: 1')
    expect(first.nodes.map(({ app }: Asked) => app)).toEqual(['shop'])
    const next = await promotions(`by: RING, first: 1, after: "${first.pageInfo.endCursor}"`)
    expect([next.nodes[0].app, next.pageInfo.hasNextPage]).toEqual(['web', false])
    const many = JSON.stringify(Array.from({ length: 51 }, (_, n) => String(n)))
    for (const args of [
      'first: -1',
      `after: "${first.pageInfo.endCursor}", app: "web"`,
      `stages: ${many}`,
      'app: "\\u0000"',
    ]) {
      const { errors } = await ask(`{ promotions(by: RING, ${args}) { totalCount } }`)
      expect(errors?.[0]?.extensions.code, args).toBe('invalid')
    }
  })
})
