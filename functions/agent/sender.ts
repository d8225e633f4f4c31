import * as z from 'zod'
import { type DeliveryAnswer, deliveryAnswer, problemTypes, want } from '../../fleet/push/protocol.ts'
import { list } from '../../fleet/wire.ts'
import type { Outgoing } from './batch.ts'
import { bodyOf } from './body.ts'
import type { FleetClock } from './clock.ts'
import type { AgentLimits } from './limits.ts'
import { backoffMs, pause } from './pause.ts'
import type { Receiver, Reply } from './receiver.ts'

/** What became of a request. */
export type Sent =
  | { readonly as: 'taken'; readonly answer: DeliveryAnswer }
  /** Rollcall will never take it. */
  | { readonly as: 'refused' }
  /** The session is over. */
  | { readonly as: 'ended' }
  /** There was nothing to send when its turn came. */
  | { readonly as: 'nothing' }

export type EndOfSession = 'superseded' | 'wrongServer' | 'otherClock'

export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

interface SenderOptions {
  readonly receiver: Receiver
  readonly clock: FleetClock
  readonly epoch: number
  readonly agent: string
  readonly limits: AgentLimits
  readonly log: Log
  readonly random: () => number
  /** Ends with the session. */
  readonly signal: AbortSignal
  readonly onEnd: (end: EndOfSession) => void
}

/** Later releases may answer more, and want what this one does not know: what is understood is taken. */
const answerShape = z.object({ ...deliveryAnswer.shape, want: z.array(z.unknown()) })

/** Sends the requests of one session: one at a time, each until Rollcall has taken or refused it, whatever becomes of answers. */
export class Sender {
  readonly #options: SenderOptions
  #turn: Promise<unknown> = Promise.resolve()
  #seq = 0
  /** Pending while Rollcall cannot be reached. */
  #up = Promise.withResolvers<void>()
  #isUp = true

  constructor(options: SenderOptions) {
    this.#options = options
    this.#up.resolve()
    options.signal.addEventListener('abort', () => this.#up.resolve(), { once: true })
  }

  /** False while Rollcall cannot be reached. Not for a Rollcall that only asks for patience. */
  get isUp(): boolean {
    return this.#isUp
  }

  /** Resolves when Rollcall can be reached, or the session is over. */
  whenUp(): Promise<void> {
    return this.#up.promise
  }

  /** Sends what `compose` gives when its turn has come. */
  send(compose: () => Outgoing | null): Promise<Sent> {
    const sent = this.#turn.then(() => this.#send(compose))
    this.#turn = sent.catch(() => undefined)
    return sent
  }

  async #send(compose: () => Outgoing | null): Promise<Sent> {
    const { epoch, agent, signal } = this.#options
    if (signal.aborted) return { as: 'ended' }
    const outgoing = compose()
    if (outgoing === null) return { as: 'nothing' }
    this.#seq++
    return this.#insist(await bodyOf(outgoing, { epoch, seq: this.#seq, agent }))
  }

  async #insist(body: Buffer): Promise<Sent> {
    const { receiver, limits, random, signal, log } = this.#options
    for (let attempt = 1; !signal.aborted; attempt++) {
      const reply = await receiver.post('/deliveries', body, signal)
      const answer = reply.as === 'taken' ? answerOf(reply.body) : null
      if (answer !== null) return this.#taken(answer)
      if (reply.as === 'refused') return this.#refused(reply)
      const { why, throttled, retryAfterMs } = reply.as === 'later' ? reply : unknownAnswer
      if (signal.aborted) break
      if (!throttled) this.#goDown(why)
      else log.info({ retryAfterMs }, 'Rollcall asks for patience')
      const backoff = backoffMs(attempt, limits.backoffFirstMs, limits.backoffMaxMs, random)
      await pause(Math.max(retryAfterMs ?? 0, backoff), signal)
    }
    return { as: 'ended' }
  }

  #taken(answer: DeliveryAnswer): Sent {
    const { clock, log } = this.#options
    clock.hear(new Date(answer.now))
    if (!this.#isUp) log.info({}, 'Rollcall takes deliveries again')
    this.#isUp = true
    this.#up.resolve()
    return { as: 'taken', answer }
  }

  #refused({ status, type, why }: Reply & { readonly as: 'refused' }): Sent {
    const { log, onEnd } = this.#options
    const end = endOf(status, type)
    if (end === null) {
      log.error({ status }, `Rollcall refused a delivery: ${why}`)
      return { as: 'refused' }
    }
    log.warn({ status }, `the session is over: ${why}`)
    onEnd(end)
    return { as: 'ended' }
  }

  #goDown(why: string): void {
    if (!this.#isUp || this.#options.signal.aborted) return
    this.#isUp = false
    this.#up = Promise.withResolvers()
    this.#options.log.warn({}, `Rollcall does not take deliveries: ${why}`)
  }
}

const unknownAnswer = { why: 'it answered something else', throttled: false, retryAfterMs: null }

/** Another 409 says all the same that this session is not the one: another has to be opened. */
function endOf(status: number, type: string): EndOfSession | null {
  if (status !== 409) return null
  if (type === problemTypes.clock) return 'otherClock'
  return type === problemTypes.wrongServer ? 'wrongServer' : 'superseded'
}

function answerOf(body: Readonly<Record<string, unknown>>): DeliveryAnswer | null {
  const { success, data } = answerShape.safeParse(body)
  if (!success) return null
  const wants = list(data.want).flatMap((one) => want.safeParse(one).data ?? [])
  return { ...data, want: wants }
}
