import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Db, Store } from '../../db/client.ts'
import { examples } from '../../schema/examples.ts'
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
