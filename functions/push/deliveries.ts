import { openSession } from '../../db/push/session.ts'
import { FleetError } from '../../fleet/error.ts'
import {
  type DeliveryAnswer,
  protocolVersion,
  pushLimits,
  type SessionAnswer,
  sessionRequest,
} from '../../fleet/push/protocol.ts'
import { heartbeatMs } from '../../fleet/push/registration.ts'
import { openGate } from '../http/gate.ts'
import type { Dependencies } from '../wiring/dependencies.ts'
import { readDelivery } from './read-body.ts'
import { busy, receive, takeServer } from './receive.ts'

/** Says for which source a request speaks; rejects where that is not proven. The body is not touched. */
export type CallerCheck = (request: Request) => Promise<{ readonly source: string }>

/** What answers `/deliveries` and what lies under it. Each throws FleetError for what is the caller's fault. */
export interface Deliveries {
  open(request: Request): Promise<Response>
  take(request: Request): Promise<Response>
}

/** Requests at work in this process, read and stored at once: memory and the database's connections end somewhere. */
const atWorkMax = 4

/** By dependencies: which requests are at work must be known to all of them. */
const built = new WeakMap<object, Deliveries>()

export function deliveriesOf(
  dependencies: Dependencies,
  callerOf: (dependencies: Dependencies) => CallerCheck,
): Deliveries {
  const deliveries = built.get(dependencies) ?? openDeliveries(dependencies, callerOf(dependencies))
  built.set(dependencies, deliveries)
  return deliveries
}

/** Receives what senders push, each for the source that its credential says. */
export function openDeliveries(
  { store, fleet, now, log, intake }: Pick<Dependencies, 'store' | 'fleet' | 'now' | 'log' | 'intake'>,
  callerOf: CallerCheck,
): Deliveries {
  const gate = openGate(atWorkMax)
  const atWork = new Set<string>()

  const admitted = async <T>(request: Request, act: (source: string) => Promise<T>): Promise<T> => {
    const { source } = await callerOf(request)
    if (atWork.has(source)) throw busy(source)
    return gate.admitted(async () => {
      atWork.add(source)
      try {
        return await act(source)
      } finally {
        atWork.delete(source)
      }
    })
  }

  return {
    open: (request) =>
      admitted(request, async (source) => {
        const { agent, server } = await readOpening(request)
        const { kinds, kindsDigest } = await intake.load()
        await takeServer({ db: store.db, now, kinds }, source, server)
        const epoch = await openSession(store.db, { source, agent }, now())
        log.info({ source, agent, epoch }, 'session opened')
        const heartbeatSeconds = heartbeatMs / 1000
        const declared = { kinds: [...fleet.kindsWritten], kindsDigest }
        const answer = { epoch, source, now: now().toISOString(), heartbeatSeconds, limits: pushLimits, ...declared }
        return Response.json(answer satisfies SessionAnswer, { status: 201 })
      }),
    take: (request) =>
      admitted(request, async (source) => {
        const began = performance.now()
        const { body, bytes } = await readDelivery(request)
        const { kinds, kindsDigest, derivation } = await intake.load()
        const { answer, isNews } = await receive({ db: store.db, now, kinds }, source, body)
        if (isNews) derivation.ask()
        const { observed, changed, gone, rejected, duplicate } = answer
        const ms = Math.round(performance.now() - began)
        const counts = { observed, changed, gone, rejected: rejected.length, ms, bytes }
        log.info({ source, seq: body.head.seq, ...counts, ...(duplicate ? { duplicate } : {}) }, 'delivered')
        return Response.json({ ...answer, kindsDigest } satisfies DeliveryAnswer, { status: 202 })
      }),
  }
}

async function readOpening(request: Request) {
  const value: unknown = await request.json().catch((cause: unknown) => {
    throw new FleetError('invalid', 'The body is not JSON.', { cause })
  })
  const opening = sessionRequest.safeParse(value)
  if (opening.success) return opening.data
  const [issue] = opening.error.issues
  const sentence = `${issue?.path.join('.') || 'The body'}: ${issue?.message}`.slice(0, 300).toWellFormed()
  throw new FleetError('invalid', `${sentence}. This is version ${protocolVersion} of the protocol.`)
}
