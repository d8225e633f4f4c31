import { FleetError, type FleetErrorCode } from '../../fleet/error.ts'

/** RFC 9457, with the id that the log names too. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly requestId: string
}

const answers: Readonly<Record<FleetErrorCode, readonly [status: number, title: string]>> = {
  invalid: [400, 'The request is not valid'],
  unauthorized: [401, 'Not authorised'],
  not_found: [404, 'Not found'],
  conflict: [409, 'Conflict'],
  not_implemented: [501, 'Not implemented'],
  internal: [500, 'Internal error'],
}

/** What an error says to a client: the sentence of a FleetError; of any other nothing but the request's id. */
export function problemOf(error: unknown, requestId: string): Problem {
  const known = error instanceof FleetError && error.code !== 'internal'
  const [status, title] = answers[known ? error.code : 'internal']
  const detail = known ? error.message : `Something failed here; the log says more under ${requestId}.`
  return { type: 'about:blank', title, status, detail, requestId }
}

/** Rollcall itself is not set up, or its store is away: 503, whatever the cause's code. */
export function unavailable(error: unknown, requestId: string): Problem {
  const detail =
    error instanceof FleetError ? error.message : `Something failed here; the log says more under ${requestId}.`
  return { type: 'about:blank', title: 'Rollcall is not ready', status: 503, detail, requestId }
}

/** A problem as an answer. 503 asks to come back, since what is missing may come. */
export function problemResponse(problem: Problem): Response {
  const headers = new Headers({ 'content-type': 'application/problem+json', 'x-request-id': problem.requestId })
  if (problem.status === 503) headers.set('retry-after', '10')
  return new Response(JSON.stringify(problem), { status: problem.status, headers })
}
