import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { requestId } from 'hono/request-id'
import { FleetError } from '../../fleet/error.ts'
import { CallerError, refusalResponse } from '../push/caller/refusal.ts'
import type { CallerCheck, Deliveries } from '../push/deliveries.ts'
import type { Dependencies } from '../wiring/dependencies.ts'
import { isLoopback } from '../wiring/settings.ts'
import { problemOf, problemResponse, Refusal, unavailable } from './problem.ts'
import { bounded } from './request-body.ts'

/** What each request brings beside itself. */
export interface Invocation {
  /** Logs what went wrong, under the invocation's id. */
  readonly report?: (error: unknown) => void
  /** Has sources polled at once, rather than at the next tick. */
  readonly poll?: (sources: readonly string[]) => void
}
type Env = { Bindings: Invocation; Variables: { requestId: string } }

/** A GraphQL request is a few kB; persisted and pasted ones included. */
const graphqlBytesMax = 1024 * 1024
const graphqlMethods = ['GET', 'POST', 'OPTIONS']
/** Of the request that opens a session: it names some hundred kinds. */
const sessionBytesMax = 1024 * 1024
const sessionReadMs = 30_000

/** Who makes a request: replaced by tests. */
type CallerOf = (dependencies: Dependencies) => CallerCheck

/** The HTTP surface (design.md part 5). `open` is asked per request, so that a store that was away at start may come back. */
export function createApp(open: () => Promise<Dependencies>, callerOf?: CallerOf): Hono<Env> {
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
    bodyLimit({ maxSize: graphqlBytesMax, onError: (c) => fail(c, tooLarge(c, graphqlBytesMax), null) }),
  )
  app.all('/graphql', async (c) => {
    if (!graphqlMethods.includes(c.req.method))
      return wrongMethod(c, graphqlMethods, 'POST the operation as application/json')
    // Side by side: the first request waits for the database and for this import.
    const graphql = import('./graphql.ts')
    const opened = await open().catch((error: unknown) => fail(c, unavailable(error, c.get('requestId')), error))
    if (opened instanceof Response) return opened
    refuseStrangers(opened, c)
    return (await graphql).graphqlFetch(opened)(c.req.raw, c.get('requestId'))
  })
  addPush(app, open, callerOf)
  addEvents(app, open)
  return app
}

/** What Flux, Knative and Azure call (functions/push/events). */
function addEvents(app: Hono<Env>, open: () => Promise<Dependencies>): void {
  app.all('/events/:sender/:source?', async (c) => {
    const requestId = c.get('requestId')
    const events = import('../push/events/http.ts')
    const opened = await open().catch((error: unknown) => fail(c, unavailable(error, requestId), error))
    if (opened instanceof Response) return opened
    const { report = () => undefined, poll = () => undefined } = c.env ?? {}
    const { sender, source } = c.req.param()
    return (await events).answerEvents({ deps: opened, request: c.req.raw, requestId, poll, report }, sender, source)
  })
}

/** What senders inside clusters call (fleet/push/protocol.ts). Who they are is proven before anything of a body is read. */
function addPush(app: Hono<Env>, open: () => Promise<Dependencies>, callerOf: CallerOf | undefined): void {
  const answer = (act: (deliveries: Deliveries, request: Request) => Promise<Response>) => async (c: Context<Env>) => {
    const id = c.get('requestId')
    const modules = Promise.all([
      import('../push/deliveries.ts'),
      callerOf ?? import('../push/caller/caller.ts').then((module) => module.callerOf),
    ])
    const opened = await open().catch((error: unknown) => fail(c, unavailable(error, id), error))
    if (opened instanceof Response) return opened
    const [{ deliveriesOf }, caller] = await modules
    try {
      return await act(deliveriesOf(opened, caller), c.req.raw)
    } catch (fault) {
      // Why a body could not be read says more than that it then was no JSON.
      const error = fault instanceof FleetError && fault.cause instanceof Refusal ? fault.cause : fault
      if (error instanceof CallerError) return refusalResponse(error, id)
      // Whatever failed here, the sender still has what it said: it is asked to come back.
      const isTheirs = error instanceof FleetError && error.code !== 'internal'
      return fail(c, isTheirs ? problemOf(error, id) : unavailable(error, id), error)
    }
  }
  app.post(
    '/deliveries/sessions',
    answer((deliveries, request) => deliveries.open(bounded(request, sessionBytesMax, sessionReadMs))),
  )
  app.post(
    '/deliveries',
    answer((deliveries, request) => deliveries.take(request)),
  )
  for (const path of ['/deliveries', '/deliveries/sessions'])
    app.all(path, (c) => wrongMethod(c, ['POST'], 'see functions/push/openapi.json'))
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

function wrongMethod(c: Context<Env>, methods: readonly string[], hint: string): Response {
  const sentence = `${c.req.path} answers ${methods.join(', ')}, not ${c.req.method}; ${hint}.`
  const id = c.get('requestId')
  const problem = { ...problemOf(new FleetError('invalid', sentence), id), title: 'Method not allowed', status: 405 }
  const response = problemResponse(problem)
  response.headers.set('allow', methods.join(', '))
  return response
}

const tooLarge = (c: Context, bytes: number) =>
  problemOf(
    new Refusal(413, 'The request is too large', `The request is larger than ${bytes} bytes.`),
    c.get('requestId'),
  )

function fail(c: Context<Env>, problem: Parameters<typeof problemResponse>[0], error: unknown): Response {
  if (problem.status >= 500) c.env?.report?.(error)
  return problemResponse(problem)
}
