import { deliveryAnswer } from '../../../fleet/push/protocol.ts'
import type { Answer, Call } from './client.ts'
import type { Random } from './random.ts'
import type { Pusher, World } from './world.ts'

/** One thing to try. */
export interface Case {
  readonly call: Call
  /** What must come of it; `either` where it may be a good request by chance. */
  readonly must: 'be refused' | 'be taken' | 'be either'
  /** The server may hang up before it has heard everything: some bodies never end. */
  readonly mayBeCut?: boolean
  /** The HTTP server may refuse it by itself: what follows a request on its connection is no other one. */
  readonly mayBeBroken?: boolean
}

/** What cases are made of. `me` is whose good credentials the attacker has. */
export interface Making {
  readonly world: World
  readonly me: Pusher
  readonly random: Random
}

/** A sort of cases: a row of the table of results. */
export interface Sort {
  readonly name: string
  /** How many there are, beside the others'. */
  readonly weight: number
  readonly make: (making: Making) => Case | Promise<Case>
}

const refusals = [400, 401, 403, 404, 405, 408, 409, 413, 415]
const traces = /\n\s+at |node_modules|\.[jt]s:\d+|\/functions\/|Error:|select |insert into/
const requestIdForm = /^[\w-]{8,}$/

/** What is wrong with an answer; null: it is as it must be. */
export function faultOf(
  { must, mayBeCut = false, mayBeBroken = false, call }: Case,
  { status, headers, text }: Answer,
): string | null {
  // A body that is longer than what is read of it: whoever still writes when the answer comes may find the connection closed.
  const isLong = call.body instanceof Uint8Array && call.body.length > 200_000
  if (status === 0) return mayBeCut || isLong ? null : 'it hung up without an answer'
  if (mayBeBroken && status === 400 && text === '') return null
  if (/geheim|eyJ/.test(text + JSON.stringify(headers))) return `a secret is in the answer: ${text}`
  if (traces.test(text)) return `a trace of the inside is in the answer: ${text}`
  if (status < 300)
    return must === 'be refused' ? `${status}, and it must be refused: ${text}` : wrongSuccess(call, text)
  if (must === 'be taken') return `${status}, and it must be taken: ${text}`
  if (!refusals.includes(status)) return `${status} is no refusal: ${text}`
  return wrongProblem(status, headers, text)
}

function wrongProblem(status: number, headers: Answer['headers'], text: string): string | null {
  if (headers['content-type'] !== 'application/problem+json') return `${status} is no problem details: ${text}`
  const problem = JSON.parse(text)
  const id = headers['x-request-id']
  const isWhole =
    problem.status === status &&
    [problem.type, problem.title, problem.detail].every((one) => typeof one === 'string' && one !== '') &&
    problem.detail.length < 1_000
  if (!isWhole) return `the problem is not whole: ${text}`
  return problem.requestId === id && requestIdForm.test(String(id)) ? null : `the request has no id: ${text}`
}

function wrongSuccess({ path }: Call, text: string): string | null {
  if (path !== '/deliveries' || deliveryAnswer.safeParse(JSON.parse(text)).success) return null
  return `the answer is not the protocol's: ${text}`
}
