import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Db, Store } from '../../db/client.ts'
import { examples } from '../../schema/examples.ts'
import { schema } from '../../schema/index.ts'
import { openEngine } from '../engine.ts'
import { type Ask, asker } from './ask.ts'

const now = () => new Date('2026-11-22T09:00:00Z')

describe('the GraphQL server', () => {
  let store: Store
  let ask: Ask
  let fetchIt: (init: RequestInit & { url?: string }) => Promise<Response>

  beforeAll(async () => {
    store = await openEngine('pglite')
    const asking = asker(store.db, now)
    ask = asking.ask
    fetchIt = async ({ url = 'http://127.0.0.1/graphql', ...init }) => asking.yoga.fetch(new Request(url, init))
  })
  afterAll(() => store.close())

  it('tells what an operation costs, and refuses one that costs too much before reading anything', async () => {
    const fits =
      'clusters(first: 100) { totalCount nodes { id name health { state reason } conditions { type status reason message lastTransitionAt } nodePools { name health { state } kubernetes { raw } replicas { desired ready available upToDate } } } }'
    expect((await ask(`{ ${fits} }`)).extensions?.cost).toMatchObject({ requested: expect.any(Number), limit: 100_000 })
    expect((await ask(`{ ${fits} }`)).errors).toBeUndefined()
    const huge = await ask(
      '{ clusters(first: 100) { nodes { nodePools { cluster { objects { conditions { type status } labels { key value } } } } } } }',
    )
    expect(huge.errors?.[0]).toMatchObject({
      message: expect.stringContaining('costs'),
      extensions: { code: 'invalid' },
    })
    expect(huge.data).toBeUndefined()
    const deep = `{ nodePools(first: 1) { nodes { ${'cluster { nodePools { '.repeat(8)} id ${'} }'.repeat(8)} } } }`
    expect((await ask(deep)).errors?.[0]?.extensions.code).toBe('invalid')
    expect(
      (await ask('query ($n: Int) { clusters(first: $n) { nodes { id } } }', { n: 2_000_000 })).errors?.[0]?.extensions
        .code,
    ).toBe('invalid')
  })

  it('limits aliases, directives, tokens and batches', async () => {
    expect(
      (await ask(`{ ${Array.from({ length: 60 }, (_, i) => `a${i}: viewer { name }`).join(' ')} }`)).errors?.[0]
        ?.extensions.code,
    ).toBe('invalid')
    expect((await ask(`{ viewer ${'@skip(if: false) '.repeat(60)} { name } }`)).errors?.[0]?.extensions.code).toBe(
      'invalid',
    )
    expect((await ask(`{ viewer { ${'name '.repeat(10_000)} } }`)).errors?.[0]?.message).toContain('Token limit')
    const batch = JSON.stringify(Array.from({ length: 6 }, () => ({ query: '{ viewer { name } }' })))
    expect(
      (await fetchIt({ method: 'POST', headers: { 'content-type': 'application/json' }, body: batch })).status,
    ).toBe(413)
    expect(
      (await ask('query ($f: ClusterFilter) { clusters(filter: $f) { totalCount } }', { f: nested(200) })).errors?.[0]
        ?.extensions.code,
    ).toBe('invalid')
  })

  const nested = (depth: number): object => (depth === 0 ? {} : { not: nested(depth - 1) })

  it('refuses what cannot be meant, and names it', async () => {
    const refused = async (query: string, variables: Record<string, unknown>, message: string) => {
      const { errors } = await ask(query, variables)
      expect(errors?.[0], JSON.stringify(variables).slice(0, 200)).toMatchObject({
        message: expect.stringContaining(message),
        extensions: { code: 'invalid' },
      })
    }
    const byFilter = 'query ($f: ClusterFilter) { clusters(filter: $f) { totalCount } }'
    for (const operators of [{ eq: 'a\0' }, { in: ['a', 'b\0'] }, { startsWith: '\0' }, { lt: '\0' }])
      await refused(byFilter, { f: { not: { name: operators } } }, '"name" holds the character U+0000')
    await refused(byFilter, { f: { source: { eq: 'a\0' } } }, '"source"')
    await refused(byFilter, { f: { labels: 'a=\0' } }, '"labels"')
    await refused(byFilter, { f: { version: { eq: '\0' } } }, '"version"')
    await refused(byFilter, { f: { version: { lt: '99999.1' } } }, 'version')
    await refused(byFilter, { f: { id: { eq: '\0' } } }, '"id"')
    await refused('{ clusters(filter: {name: {eq: "a\\u0000"}}) { totalCount } }', {}, '"name"')
    const byName =
      'query ($s: String, $ns: String, $n: String) { cluster(managementCluster: $s, namespace: $ns, name: $n) { id } }'
    for (const [argument, given] of [
      ['managementCluster', { s: '\0', ns: 'x', n: 'x' }],
      ['namespace', { s: 'x', ns: '\0', n: 'x' }],
      ['name', { s: 'x', ns: 'x', n: '\0' }],
    ] as const)
      await refused(byName, given, `"${argument}"`)
    await refused('{ clusters(after: "\\u0000") { totalCount } }', {}, 'cursor')
    const node = await ask('query ($id: ID!) { node(id: $id) { id } source(id: $id) { name } }', { id: 'Source:\0' })
    expect(node.data.node).toBeNull()
    expect(node.errors?.map(({ extensions }) => extensions.code)).toEqual(['invalid'])
    const byTime = 'query ($t: DateTime!) { clusters(filter: {createdAt: {lt: $t}}) { totalCount } }'
    for (const t of [
      '0000-01-01T00:00:00Z',
      '0001-01-01T00:00:00+01:00',
      '9999-12-31T23:59:59-01:00',
      '2026-02-30T00:00:00Z',
      '2026-13-01T00:00:00Z',
    ])
      await refused(byTime, { t }, 'is not an instant')
    for (const t of ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '2028-02-29T23:59:59+14:00'])
      expect((await ask(byTime, { t })).errors, t).toBeUndefined()
    const bottom = '{"f":'.concat('{"not":'.repeat(20_000), '{}', '}'.repeat(20_001))
    const response = await fetchIt({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"query":${JSON.stringify(byFilter)},"variables":${bottom}}`,
    })
    expect(await response.json()).toMatchObject({
      errors: [{ message: expect.stringContaining('"$f" is nested'), extensions: { code: 'invalid' } }],
    })
    await refused(byFilter, { f: { source: { eq: 'nope' } } }, 'There is no source "nope"')
    const nopes = '(filter: {source: {in: ["Source:nope"]}}'
    for (const list of [`nodePools${nopes})`, `resources${nopes})`])
      await refused(`{ ${list} { totalCount } }`, {}, 'There is no source "nope"')
    await refused(`{ clusterAggregate${nopes}, groupBy: []) { total } }`, {}, 'There is no source "nope"')
  })

  it('tells of the committed contract and of nothing else', async () => {
    const told = await ask(
      `query ($f: ClusterFilter) { ...On clusters(filter: $f) { totalCount } }  fragment On on Query { __schema { types { name } } }`,
      { f: {} },
    )
    expect(told.errors).toBeUndefined()
    expect(told.data.__schema.types.map(({ name }: { name: string }) => name).sort()).toEqual(
      Object.keys(schema.getTypeMap()).sort(),
    )
    const hidden = await ask('{ __type(name: "Coerced") { name } clusters(first: 1) { nodes { __typename } } }')
    expect(hidden.data).toEqual({ __type: null, clusters: { nodes: [] } })
  })

  it('a bug is shown as internal, under an id that the log has too', async () => {
    const reported: unknown[] = []
    const broken = new Proxy({} as Db, {
      get: () => () => {
        throw new Error('password=hunter2')
      },
    })
    const { text } = asker(broken, now, { report: (error) => reported.push(error) })
    const answer = await text('{ clusters { totalCount } }')
    expect(answer).not.toContain('hunter2')
    expect(JSON.parse(answer)).toMatchObject({
      data: { clusters: null },
      errors: [{ message: 'Internal error.', extensions: { code: 'internal', requestId: expect.any(String) } }],
    })
    expect(String(reported[0])).toContain('hunter2')
  })

  it('answers GET with a query, and no page of another origin', async () => {
    const response = await fetchIt({
      url: `http://127.0.0.1/graphql?query=${encodeURIComponent('{ viewer { name } }')}`,
      headers: { origin: 'https://elsewhere.example' },
    })
    expect(await response.json()).toMatchObject({ data: { viewer: { name: 'test' } } })
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('shows GraphiQL from the package, with the examples as tabs, and nothing from elsewhere', async () => {
    const response = await fetchIt({ headers: { accept: 'text/html' } })
    const html = await response.text()
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(html).toContain('Rollcall')
    expect(html).toContain('query VersionsByHealth')
    expect(html.replaceAll(/<script[^>]*>[\s\S]*?<\/script>/g, '')).not.toMatch(/(src|href)="https?:/)
  })

  it('every example is valid and answers on an empty store', async () => {
    for (const example of examples) expect((await ask(example)).errors).toBeUndefined()
  })
})
