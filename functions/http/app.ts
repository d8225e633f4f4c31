import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { requestId } from 'hono/request-id'
import { FleetError } from '../../fleet/error.ts'
import type { Dependencies } from '../wiring/dependencies.ts'
import { isLoopback } from '../wiring/settings.ts'
import { problemOf, problemResponse, unavailable } from './problem.ts'

/** What each request brings beside itself. */
interface Invocation {
  /** Logs what went wrong, under the invocation's id. */
  readonly report?: (error: unknown) => void
}
type Env = { Bindings: Invocation; Variables: { requestId: string } }

/** A GraphQL request is a few kB; persisted and pasted ones included. */
const graphqlBytesMax = 1024 * 1024
const graphqlMethods = ['GET', 'POST', 'OPTIONS']

/** The HTTP surface (design.md part 5). `open` is asked per request, so that a store that was away at start may come back. */
export function createApp(open: () => Promise<Dependencies>): Hono<Env> {
  const app = new Hono<Env>()
  app.use(requestId())
  app.use(async (c, next) => {
    await next()
    c.header('x-request-id', c.get('requestId'))
  })
  app.onError((error, c) => fail(c, problemOf(error, c.get('requestId')), error))
  app.notFound((c) =>
    problemResponse(
      problemOf(new FleetError('not_found', `Nothing answers ${c.req.method} ${c.req.path}.`), c.get('requestId')),
    ),
  )

  app.get('/', (c) => c.redirect('/graphql'))
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    try {
      await refuseUnready(await open())
    } catch (error) {
      return fail(c, unavailable(error, c.get('requestId')), error)
    }
    return c.json({ status: 'ready' })
  })

  app.use(
    '/graphql',
    bodyLimit({ maxSize: graphqlBytesMax, onError: (c) => fail(c, tooLarge(c.get('requestId')), null) }),
  )
  app.all('/graphql', async (c) => {
    if (!graphqlMethods.includes(c.req.method)) return wrongMethod(c)
    // Side by side: the first request waits for the database and for this import.
    const graphql = import('./graphql.ts')
    const opened = await open().catch((error: unknown) => fail(c, unavailable(error, c.get('requestId')), error))
    if (opened instanceof Response) return opened
    refuseStrangers(opened, c)
    return (await graphql).graphqlFetch(opened)(c.req.raw, c.get('requestId'))
  })
  return app
}

async function refuseUnready({ store }: Dependencies): Promise<void> {
  const { isMigrated } = await import('../../db/migrate.ts')
  const migrated = await isMigrated(store.db).catch((cause: unknown) => {
    throw new FleetError('internal', `The ${store.place} does not answer.`, { cause })
  })
  if (migrated) return
  throw new FleetError(
    'internal',
    'Migrations are pending: run `npm run migrate` with DATABASE_URL set to this database.',
  )
}

/**
 * Without an issuer only this machine may ask, and only under a name of its own: a page in a browser that points some other
 * name at 127.0.0.1 (DNS rebinding) is a stranger. With an issuer nobody may yet, since tokens are not checked in this version.
 */
function refuseStrangers({ settings }: Dependencies, c: Context<Env>): void {
  if (settings.issuer !== null) {
    throw new FleetError(
      'unauthorized',
      'ROLLCALL_ISSUER is set, and this version cannot check its tokens yet: nobody may ask.',
    )
  }
  const { hostname } = new URL(c.req.url)
  if (!isLoopback(hostname)) {
    throw new FleetError('unauthorized', `This server answers to 127.0.0.1 and localhost only, not to ${hostname}.`)
  }
}

function wrongMethod(c: Context<Env>): Response {
  const sentence = `/graphql answers ${graphqlMethods.join(', ')}, not ${c.req.method}; POST the operation as application/json.`
  const id = c.get('requestId')
  const problem = { ...problemOf(new FleetError('invalid', sentence), id), title: 'Method not allowed', status: 405 }
  const response = problemResponse(problem)
  response.headers.set('allow', graphqlMethods.join(', '))
  return response
}

const tooLarge = (id: string) => ({
  ...problemOf(new FleetError('invalid', `The request is larger than ${graphqlBytesMax} bytes.`), id),
  title: 'The request is too large',
  status: 413,
})

function fail(c: Context<Env>, problem: Parameters<typeof problemResponse>[0], error: unknown): Response {
  if (problem.status >= 500) c.env?.report?.(error)
  return problemResponse(problem)
}
