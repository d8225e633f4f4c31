import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../../db/client.ts'
import { graphqlFetch } from '../../../functions/http/graphql.ts'
import type { Dependencies } from '../../../functions/wiring/dependencies.ts'
import { openEngine } from '../../engine.ts'

describe('/graphql', () => {
  let store: Store
  let serve: ReturnType<typeof graphqlFetch>

  beforeAll(async () => {
    store = await openEngine('pglite')
    const viewer = { name: 'test', scope: 'everything' as const }
    // The endpoint uses these four and no others.
    const dependencies = {
      store,
      viewer,
      now: () => new Date(),
      log: pino({ level: 'silent' }),
    } as unknown as Dependencies
    serve = graphqlFetch(dependencies)
    expect(graphqlFetch(dependencies)).toBe(serve)
  })
  afterAll(() => store.close())

  const post = (contentType: string, body: string) =>
    serve(
      new Request('http://127.0.0.1:7071/graphql', { method: 'POST', headers: { 'content-type': contentType }, body }),
      'request-1',
    )

  it('answers JSON', async () => {
    const response = await post('application/json; charset=utf-8', JSON.stringify({ query: '{ viewer { name } }' }))
    expect(await response.json()).toMatchObject({ data: { viewer: { name: 'test' } } })
  })

  it('names a bug by the id of the request, and shows nothing else of it', async () => {
    await store.db.execute('alter table cluster rename to hidden')
    const response = await post('application/json', JSON.stringify({ query: '{ clusters { totalCount } }' }))
    await store.db.execute('alter table hidden rename to cluster')
    expect((await response.json()).errors).toEqual([
      { message: 'Internal error.', path: ['clusters'], extensions: { code: 'internal', requestId: 'request-1' } },
    ])
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/graphql',
  ])('refuses a POST of %s, which a foreign page could send', async (type) => {
    const response = await post(type, 'query={viewer{name}}')
    expect(response.status).toBe(415)
    expect(await response.json()).toMatchObject({ status: 415, detail: expect.stringContaining('application/json') })
  })
})
