import { hash, timingSafeEqual } from 'node:crypto'
import { FleetError } from '../../../fleet/error.ts'
import { eventGridSaid, validationCodeOf } from '../../../fleet/push/event-grid.ts'
import { eachOf, jsonOf } from '../../../fleet/push/said.ts'
import type { Gate } from '../../http/gate.ts'
import type { Dependencies } from '../../wiring/dependencies.ts'
import { unproven } from '../caller/refusal.ts'
import { textOf, wholeBody } from './body.ts'
import { grantWebhook } from './handshake.ts'
import type { EventCall } from './http.ts'
import { takeEvents } from './take.ts'

/** What Event Grid sends at once, at most, and in how many events. */
const bytesMax = 1024 * 1024 + 64 * 1024
const eventsMax = 5000

/** Settings that hold the key of the webhook: two, so that one can be replaced while the other is used. */
const eventGridKeys = ['ROLLCALL_KEY_EVENT_GRID', 'ROLLCALL_KEY_EVENT_GRID_NEXT']

/**
 * Event Grid's webhook, with the handshakes of both schemas. 200 and not 202, which its handshake does not take; and 200 for events that
 * say nothing here, because a refusal holds up those behind them (azure.md 6.2).
 */
export async function answerEventGrid(call: EventCall, gate: Gate): Promise<Response> {
  proveEventGrid(call.deps, call.request)
  if (call.request.method === 'OPTIONS') return grantWebhook(call.request.headers)
  return gate.admitted(() => takeEventGrid(call))
}

async function takeEventGrid({ deps, request, poll }: EventCall): Promise<Response> {
  const read = jsonOf(textOf(await wholeBody(request, bytesMax)))
  if ('why' in read) throw new FleetError('invalid', read.why)
  const code = validationCodeOf(read.value)
  if (code !== null) return Response.json({ validationResponse: code })
  if (Array.isArray(read.value) && read.value.length > eventsMax)
    throw new FleetError('invalid', `A request has at most ${eventsMax} events.`)
  const events = eachOf(read.value, (one) => ({ source: null, said: eventGridSaid(one) }))
  const { isNews: _, ...answer } = await takeEvents(deps, events, poll)
  return Response.json(answer)
}

/**
 * By the secret that the subscription sends along, in its address (`?key=`) or in the header `x-rollcall-key`. By nothing else: a token
 * that may push is of one management cluster, and Azure's events are about everybody's.
 */
function proveEventGrid({ settings }: Dependencies, request: Request): void {
  const shown = request.headers.get('x-rollcall-key') ?? new URL(request.url).searchParams.get('key')
  if (shown === null) throw unproven('Event Grid must show the key of this webhook: ?key= or x-rollcall-key.')
  const digest = hash('sha256', shown, 'buffer')
  const keys = eventGridKeys.flatMap((name) => settings.keys.get(name) ?? [])
  // Every key is tried, so that an answer's delay tells nothing.
  if (!keys.map((key) => timingSafeEqual(hash('sha256', key, 'buffer'), digest)).includes(true))
    throw unproven(`The key is not the one of ${eventGridKeys[0]}.`)
}
