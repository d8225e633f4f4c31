import { hash } from 'node:crypto'
import { FleetError } from '../../../fleet/error.ts'
import { cloudEventsSaid } from '../../../fleet/push/cloud-event.ts'
import { fluxEventOf } from '../../../fleet/push/flux-event.ts'
import { jsonOf, type Said } from '../../../fleet/push/said.ts'
import { openGate } from '../../http/gate.ts'
import { problemOf, problemResponse, Refusal, unavailable } from '../../http/problem.ts'
import type { Dependencies } from '../../wiring/dependencies.ts'
import { callerOf } from '../caller/caller.ts'
import { fluxOf } from '../caller/flux.ts'
import { CallerError, forbidden, refusalResponse } from '../caller/refusal.ts'
import { textOf, wholeBody } from './body.ts'
import { answerEventGrid } from './event-grid-webhook.ts'
import { grantWebhook } from './handshake.ts'
import { takeEvents } from './take.ts'

/** A request to one of the routes of events. */
export interface EventCall {
  readonly deps: Dependencies
  readonly request: Request
  readonly requestId: string
  /** Has these sources polled at once. */
  readonly poll: (sources: readonly string[]) => void
  /** Logs a fault of ours. */
  readonly report: (error: unknown) => void
}

/** Of whole objects, several at a time. */
const cloudEventBytesMax = 2 * 1024 * 1024
/** Flux cuts its messages at 39 000 characters. */
const fluxBytesMax = 256 * 1024
/** How old an event may be: it is known again for longer (db/push/hint.ts), so that none is heard twice. */
const fluxAgeMaxMs = 3_600_000
/** How far a controller's clock may run ahead. */
const aheadMaxMs = 600_000

/** Of a body whose sender is known only when all of it is here: Flux's events are small, and sent at once. */
const unknownReadMs = 5_000

type Route = (call: EventCall, source: string) => Promise<Response>

/** `/events/cloudevents/:source`. Any CloudEvents over HTTP; Knative's ApiServerSource is understood. */
const answerCloudEvents: Route = async (call, source) => {
  const { deps, request } = call
  if (request.method === 'OPTIONS') return grantWebhook(request.headers)
  const caller = await callerOf(deps)(request)
  if (caller.source !== source) throw forbidden('The token is of a sender that may speak for another source only.')
  return known.admitted(async () => {
    const body = textOf(await wholeBody(request, cloudEventBytesMax))
    const said = cloudEventsSaid({ header: (name) => request.headers.get(name), body })
    if (typeof said === 'string') throw new FleetError('invalid', said)
    return taken(call, source, said)
  })
}

/** `/events/flux/:source`. Providers of the types `generic-hmac` and `generic`. */
const answerFlux: Route = async (call, source) => {
  const { deps, request } = call
  // A token proves its sender by itself, a signature only together with all that is signed.
  if (!request.headers.has('x-signature')) fluxOf(deps, source, request.headers, new Uint8Array())
  const bytes = await unknown.admitted(() => wholeBody(request, fluxBytesMax, unknownReadMs))
  // Before anything looks into the bytes.
  fluxOf(deps, source, request.headers, bytes)
  return known.admitted(() => takeFlux(call, source, bytes))
}

async function takeFlux(call: EventCall, source: string, bytes: Uint8Array): Promise<Response> {
  const { deps } = call
  const read = jsonOf(textOf(bytes))
  if ('why' in read) throw new FleetError('invalid', read.why)
  const { said } = fluxEventOf(read.value, hash('sha256', bytes, 'hex'))
  if (said.as === 'hint') refuseUntimely(said.at, deps.now())
  return taken(call, source, [said])
}

/** There is neither time nor nonce in Flux's signature: a message that is too old to be known again must be refused. */
function refuseUntimely(at: string | null, now: Date): void {
  const age = now.getTime() - Date.parse(at ?? '')
  if (age > fluxAgeMaxMs)
    throw new FleetError('invalid', 'The event is older than an hour: it is a replay, or a clock is behind.')
  if (age < -aheadMaxMs) throw new FleetError('invalid', 'The event is of the future; compare the clocks.')
}

/** 202 once all is on disk. A single event that is none is refused; of a batch the others are taken. */
async function taken(call: EventCall, source: string, said: readonly Said[]): Promise<Response> {
  const [only, ...others] = said
  if (only?.as === 'rejected' && others.length === 0) throw new FleetError('invalid', only.why)
  const { isNews, ...answer } = await takeEvents(
    call.deps,
    said.map((one) => ({ source, said: one })),
    call.poll,
  )
  if (isNews) (await call.deps.intake.load()).derivation.ask()
  return Response.json(answer, { status: 202 })
}

/** Of senders who have proven themselves: whole objects are held while they are stored. */
const known = openGate(8)
/** Of those who have not yet, and who must not take the places of those who have. */
const unknown = openGate(64)

const methods = ['POST', 'OPTIONS']

/** Answers a request to `/events/<sender>/<source>`. Never throws. */
export async function answerEvents(call: EventCall, sender: string, source: string | undefined): Promise<Response> {
  const { request, requestId, report } = call
  try {
    const route = routeOf(sender, source)
    if (!methods.includes(request.method)) return wrongMethod(requestId)
    return await route(call, source ?? '')
  } catch (error) {
    if (error instanceof CallerError) return refusalResponse(error, requestId)
    if (error instanceof FleetError && error.code !== 'internal') return problemResponse(problemOf(error, requestId))
    report(error)
    // Whatever failed here, the sender still has its event: it is asked to come back.
    return problemResponse(unavailable(error, requestId))
  }
}

function routeOf(sender: string, source: string | undefined): Route {
  if (sender === 'eventgrid' && source === undefined) return (call) => answerEventGrid(call, known)
  if (sender === 'cloudevents' && source !== undefined) return answerCloudEvents
  if (sender === 'flux' && source !== undefined) return answerFlux
  throw new FleetError(
    'not_found',
    'Events come to /events/cloudevents/<source>, /events/flux/<source> or /events/eventgrid.',
  )
}

function wrongMethod(requestId: string): Response {
  const refusal = new Refusal(405, 'Method not allowed', `Events answer ${methods.join(', ')}; send them with POST.`)
  const response = problemResponse(problemOf(refusal, requestId))
  response.headers.set('allow', methods.join(', '))
  return response
}
