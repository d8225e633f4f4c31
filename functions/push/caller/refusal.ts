import { problemOf, problemResponse, Refusal } from '../../http/problem.ts'

/** 401: who calls is not proven; 403: it is, and it may not; 503: it cannot be found out at present. */
type Status = 401 | 403 | 503

const titles: Readonly<Record<Status, string>> = {
  401: 'Not authorised',
  403: 'Forbidden',
  503: 'The caller cannot be checked',
}

/** A caller that is turned away. Its sentence names at most the issuer, subject and key id that the caller itself showed. */
export class CallerError extends Refusal {
  /** `WWW-Authenticate`. */
  readonly challenge: string | null

  constructor(status: Status, message: string, challenge: string | null) {
    super(status, titles[status], message)
    this.name = 'CallerError'
    this.challenge = challenge
  }
}

const realm = 'Bearer realm="rollcall"'

/** No token was shown. */
export const unproven = (message: string): CallerError => new CallerError(401, message, realm)
/** A token that proves nothing. */
export const refused = (message: string): CallerError =>
  new CallerError(401, message, `${realm}, error="invalid_token"`)
/** A good token of somebody who may not. */
export const forbidden = (message: string): CallerError =>
  new CallerError(403, message, `${realm}, error="insufficient_scope"`)
/** The issuer's keys cannot be had; the caller should come back. */
export const undecided = (message: string): CallerError => new CallerError(503, message, null)
/** A body without a signature that one of the keys made. */
export const unsigned = (message: string): CallerError =>
  new CallerError(401, message, 'X-Signature realm="rollcall", algorithm="sha256"')

/** The answer to a caller that is turned away: the problem, and how to prove oneself. */
export function refusalResponse(error: CallerError, requestId: string): Response {
  const response = problemResponse(problemOf(error, requestId))
  if (error.challenge !== null) response.headers.set('www-authenticate', error.challenge)
  return response
}
