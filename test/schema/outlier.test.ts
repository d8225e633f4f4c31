import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { registerSources } from '../../db/source.ts'
import { versionKeyOf } from '../../fleet/outlier.ts'
import { buryCluster, type Facts, putClusters, subjectOf } from '../db/judged-cluster.ts'
import { at } from '../db/wire.ts'
import { engines, openEngine } from '../engine.ts'
import { type Applied, helmRelease, putApplied } from './applied.ts'
import { type Ask, type Asked, asker } from './ask.ts'
import { everyMs, staleAfterMs } from './fill.ts'

const sha = (digit: string) => digit.repeat(40)
const chart = (name: string, version: string | null) => ({ type: 'chart' as const, name, version })

const clusters: Readonly<Record<string, Facts>> = {
  a1: { ring: '1', versionObserved: 'v1.10.1', components: [chart('ingress', '4.10.1')] },
  a2: { ring: '1', versionObserved: '1.10.1', components: [chart('ingress', 'v4.10.1')] },
  a3: { ring: '1', versionObserved: 'v1.9.9', components: [chart('ingress', '3.9.0'), chart('ingress', '4.10.1')] },
  a4: { ring: '1', versionDeclared: 'v1.10.1-eks-abc', components: [chart('ingress', '4.8.0')] },
  a5: { ring: '1', components: [chart('ingress', null)] },
  a6: { ring: '1', versionObserved: '1.10' },
  b1: { ring: '2', versionObserved: 'v1.34.1' },
  gone: { ring: '1', versionObserved: 'v1.33.1' },
  stray: { versionObserved: 'v1.33.1', components: [chart('ingress', '1.0.0')] },
}
const applied: readonly Applied[] = [
  { cluster: 'a1', app: 'shop', revision: `main@sha1:${sha('b')}`, since: at(50) },
  { cluster: 'a2', app: 'shop', revision: sha('b'), since: at(51) },
  { cluster: 'a3', app: 'shop', revision: `main@sha1:${sha('a')}`, since: at(10) },
  { cluster: 'a4', app: 'shop', revision: null },
  // Another way to apply an app of that name says nothing of this one.
  { cluster: 'a1', app: 'shop', revision: '1.0.0', kind: helmRelease, chart: 'shop' },
  // Two objects of one app: that one of them is what others run is enough.
  { cluster: 'a3', app: 'web', revision: '1.0.0', copy: '-config' },
  { cluster: 'a3', app: 'web', revision: '1.1.0' },
  { cluster: 'a1', app: 'web', revision: '1.1.0' },
  { cluster: 'a2', app: 'web', revision: '1.1.0' },
]

describe.each(engines)('outliers on %s', (engine) => {
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
    await putClusters(
      store.db,
      Object.entries(clusters).map(([name, facts]) => subjectOf(name, facts)),
      at(0),
    )
    await buryCluster(store.db, 'gone', at(1))
    await putApplied(store.db, applied)
    ask = asker(store.db, () => at(60)).ask
  })
  afterAll(() => store.close())

  const fields = `totalCount pageInfo { hasNextPage endCursor } coverage { complete expectedSources staleSources { name } }
    nodes { cohort component { type name kind repository chart } mode modeClusters modeSince share tied size unknown without versions { version clusters since }
      deviantCount deviants { cluster { name ring } version since behindSeconds deviation { direction majors minors patches } } }`
  const outliers = async (args: string): Promise<Asked> => {
    const { data, errors } = await ask(`{ outliers(by: RING, ${args}) { ${fields} } }`)
    expect(errors).toBeUndefined()
    return data.outliers
  }

  it('Kubernetes: 1.9 is behind 1.10, whoever spells it', async () => {
    const { nodes, totalCount, coverage } = await outliers('types: [KUBERNETES]')
    expect(totalCount).toBe(2)
    expect(coverage).toMatchObject({ complete: false, staleSources: [{ name: 'weu' }] })
    expect(nodes[0]).toMatchObject({
      ...{ cohort: '1', component: { type: 'KUBERNETES', name: 'kubernetes', kind: null }, mode: '1.10.1' },
      ...{ modeClusters: 3, share: 0.75, size: 4, unknown: 2, without: 0, tied: false, deviantCount: 1 },
      deviants: [
        {
          ...{ cluster: { name: 'a3', ring: '1' }, version: 'v1.9.9', since: null, behindSeconds: null },
          deviation: { direction: 'BEHIND', majors: 0, minors: -1, patches: null },
        },
      ],
    })
    // A cohort of one agrees with itself.
    expect(nodes[1]).toMatchObject({ cohort: '2', mode: 'v1.34.1', share: 1, deviantCount: 0, deviants: [] })
  })

  it('charts: who does not have it is counted, not blamed', async () => {
    const { nodes } = await outliers('component: {eq: "ingress"}')
    expect(nodes).toHaveLength(1)
    expect(nodes[0]).toMatchObject({
      ...{
        component: { type: 'CHART', name: 'ingress' },
        mode: '4.10.1',
        modeClusters: 3,
        size: 4,
        unknown: 1,
        without: 1,
      },
      ...{ share: 0.75, deviantCount: 1 },
      deviants: [{ cluster: { name: 'a4' }, deviation: { direction: 'BEHIND', majors: 0, minors: -2 } }],
    })
    expect(nodes[0].versions).toMatchObject([
      { version: '4.10.1', clusters: 3 },
      { version: '3.9.0', clusters: 1 },
      { version: '4.8.0', clusters: 1 },
    ])
  })

  it('apps: revisions only differ, and the clock tells for how long', async () => {
    const { nodes } = await outliers('types: [APP]')
    const [release, shop, web] = nodes
    expect(nodes).toHaveLength(3)
    expect(shop).toMatchObject({
      component: { name: 'shop', kind: 'Kustomization', chart: null },
      size: 3,
      unknown: 1,
    })
    expect(shop).toMatchObject({
      ...{ modeClusters: 2, modeSince: at(50).toISOString().replace('.000', ''), without: 2, deviantCount: 1 },
      deviants: [{ cluster: { name: 'a3' }, deviation: { direction: 'DIFFERENT', majors: null }, behindSeconds: 600 }],
    })
    expect(release).toMatchObject({ component: { kind: 'HelmRelease', chart: 'shop' }, size: 1, without: 5 })
    expect(web).toMatchObject({ component: { name: 'web' }, mode: '1.1.0', size: 3, deviantCount: 0, deviants: [] })
  })

  it('narrows to those who differ, to an environment, to a source', async () => {
    const names = async (args: string) =>
      (await outliers(args)).nodes.map(
        ({ cohort, component }: Asked) => `${cohort} ${component.type} ${component.name}`,
      )
    expect(await names('deviating: true')).toEqual([
      '1 APP shop',
      '1 APP web',
      '1 CHART ingress',
      '1 KUBERNETES kubernetes',
    ])
    expect(await names('deviating: false')).toEqual(['1 APP shop', '2 KUBERNETES kubernetes'])
    expect(await names('filter: {ring: {eq: "2"}}')).toEqual(['2 KUBERNETES kubernetes'])
    expect(await names('types: []')).toEqual([])
    const { data } = await ask('{ outliers(by: ENVIRONMENT) { totalCount nodes { cohort } } }')
    expect(data.outliers).toEqual({ totalCount: 0, nodes: [] })
  })

  it('pages on, and refuses what means nothing', async () => {
    const seen: string[] = []
    let after: string | null = null
    do {
      const page: Asked = await outliers(`first: 2${after ? `, after: "${after}"` : ''}`)
      expect(page.totalCount).toBe(6)
      seen.push(
        ...page.nodes.map(
          ({ cohort, component }: Asked) => `${cohort} ${component.type} ${component.name} ${component.kind}`,
        ),
      )
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
    } while (after)
    expect(new Set(seen).size).toBe(6)
    expect(seen).toHaveLength(6)
    for (const args of ['first: 101', 'after: "x"', 'component: {eq: null}', 'filter: {source: {eq: "nobody"}}']) {
      const { errors } = await ask(`{ outliers(by: RING, ${args}) { totalCount } }`)
      expect(errors?.[0]?.extensions.code, args).toBe('invalid')
    }
  })
})

/** Texts that mean the same here, mean the same there. */
const spellings = [
  ...['v1.33.4', '1.33.4', '1.33.4+build.1', '1.33.4_build.1', '1.33', 'main', 'refs/tags/v1.33.4', '1.33.4-rc.1', ''],
  ...[
    `main@sha1:${sha('a')}`,
    `SHA1:${sha('A')}`,
    sha('a'),
    `main/${sha('a')}`,
    `x/y@z/${sha('A')}`,
    `main@${sha('a')}`,
  ],
  ...[
    `1.0.0@sha256:${'b'.repeat(64)}`,
    'b'.repeat(64),
    `${sha('a')}  1.2.3`,
    `${sha('a')} main`,
    ' 1.33.4\n',
    'a@b',
    '1.33.4.5',
  ],
] as const

describe.each(engines)('spellings on %s', (engine) => {
  it('versions are the same to SQL as they are to the core', async () => {
    const store = await openEngine(engine)
    try {
      await putClusters(
        store.db,
        spellings.map((text, n) => subjectOf(`c${n}`, { ring: '1', versionObserved: text })),
        at(0),
      )
      const pairs = spellings.flatMap((one, n) => spellings.slice(n + 1).map((other) => [one, other] as const))
      await putApplied(
        store.db,
        pairs.flatMap(([one, other], n) => {
          const app = `app${n}`
          return [
            { cluster: 'c0', app, revision: one },
            { cluster: 'c1', app, revision: other },
          ]
        }),
      )
      const { ask } = asker(store.db, () => at(60))
      const found = new Map<string, number>()
      let after: string | null = null
      do {
        const { data, errors }: Asked = await ask(
          'query ($after: String) { outliers(by: RING, first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes { component { type name } size versions { clusters } } } }',
          { after },
        )
        expect(errors).toBeUndefined()
        for (const { component, versions } of data.outliers.nodes) found.set(component.name, versions.length)
        after = data.outliers.pageInfo.hasNextPage ? data.outliers.pageInfo.endCursor : null
      } while (after)
      const distinct = (type: 'app' | 'kubernetes', texts: readonly string[]) =>
        new Set(texts.flatMap((text) => versionKeyOf(type, text) ?? [])).size
      for (const [n, pair] of pairs.entries())
        expect(found.get(`app${n}`), pair.join(' | ')).toBe(distinct('app', pair))
      expect(found.get('kubernetes')).toBe(distinct('kubernetes', spellings))
    } finally {
      await store.close()
    }
  })
})
