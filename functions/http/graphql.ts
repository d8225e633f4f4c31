import { AsyncLocalStorage } from 'node:async_hooks'
import { FleetError } from '../../fleet/error.ts'
import { createGraphql } from '../../schema/index.ts'
import type { Dependencies } from '../wiring/dependencies.ts'
import { problemOf, problemResponse } from './problem.ts'

type Fetch = (request: Request, requestId: string) => Promise<Response>

// Parsed, checked and compiled operations live in the server: one per store, not per request.
const servers = new WeakMap<Dependencies, Fetch>()

/** The GraphQL endpoint over these dependencies, as a function from Request to Response. It never throws. */
export function graphqlFetch(dependencies: Dependencies): Fetch {
  const known = servers.get(dependencies)
  if (known) return known
  const { store, viewer, now, log } = dependencies
  const requests = new AsyncLocalStorage<string>()
  const yoga = createGraphql({
    context: () => ({ db: store.db, viewer, now: now() }),
    requestId: () => requests.getStore(),
    report: (error, id) => log.error({ err: error, requestId: id }, 'a GraphQL request failed'),
  })
  const serve: Fetch = async (request, id) =>
    isStrange(request) ? refusal(id) : requests.run(id, () => yoga.fetch(request))
  servers.set(dependencies, serve)
  return serve
}

// A form on any page can post text, but not JSON without asking first: that is what keeps foreign pages out.
const isStrange = ({ method, headers }: Request): boolean =>
  method === 'POST' && !/^application\/json\s*(;|$)/i.test(headers.get('content-type') ?? '')

const refusal = (id: string): Response =>
  problemResponse({
    ...problemOf(
      new FleetError('invalid', 'POST the operation as application/json: {"query": "…", "variables": {…}}.'),
      id,
    ),
    title: 'The content type is not JSON',
    status: 415,
  })
