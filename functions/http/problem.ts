import { FleetError, type FleetErrorCode } from '../../fleet/error.ts'

/** RFC 9457, with the id that the log names too. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly requestId: string
  /** How long to leave us alone, in seconds. */
  readonly retryAfterSeconds?: number
}

/** A refusal that HTTP has a word of its own for. Its message is for the client. */
export class Refusal extends FleetError {
  readonly status: number
  readonly title: string
  /** A URI for programs, where the status alone does not tell what to do. */
  readonly type: string
  readonly retryAfterSeconds: number | null

  constructor(
    status: number,
    title: string,
    message: string,
    { type = 'about:blank', retryAfterSeconds = null }: { type?: string; retryAfterSeconds?: number | null } = {},
  ) {
    super(status === 409 ? 'conflict' : 'invalid', message)
    this.name = 'Refusal'
    this.status = status
    this.title = title
    this.type = type
    this.retryAfterSeconds = retryAfterSeconds
  }
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
  if (error instanceof Refusal) {
    const { type, title, status, message: detail, retryAfterSeconds } = error
    return { type, title, status, detail, requestId, ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }) }
  }
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

/** Where nothing better is known. */
const retryAfterDefaultSeconds = 10

/** A problem as an answer. 503 asks to come back, since what is missing may come. */
export function problemResponse(problem: Problem): Response {
  const headers = new Headers({ 'content-type': 'application/problem+json', 'x-request-id': problem.requestId })
  const seconds = problem.retryAfterSeconds ?? (problem.status === 503 ? retryAfterDefaultSeconds : null)
  if (seconds !== null) headers.set('retry-after', String(seconds))
  return new Response(JSON.stringify(problem), { status: problem.status, headers })
}
