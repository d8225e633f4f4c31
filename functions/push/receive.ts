import { randomUUID } from 'node:crypto'
import type { Db } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { compareDigests } from '../../db/push/digest.ts'
import { extendTurn, finishTurn, identifySender, releaseTurn, type Turn, takeTurn } from '../../db/push/session.ts'
import { progressOf, recordAsked, recordTrouble } from '../../db/reading.ts'
import type { Delivery, Proof, Trouble } from '../../fleet/delivery.ts'
import { FleetError } from '../../fleet/error.ts'
import { declarationOf, type Kinds } from '../../fleet/kinds/declared.ts'
import type { Rejection } from '../../fleet/observation.ts'
import type { Body, Section } from '../../fleet/push/body.ts'
import { type DeliveryAnswer, type KindLine, problemTypes, type Server, type Want } from '../../fleet/push/protocol.ts'
import { type KindKey, kindKeyOf } from '../../fleet/reference.ts'
import { Refusal } from '../http/problem.ts'
import { askedFor } from '../sources/discovery.ts'
import { isRead } from '../sources/read-kind.ts'
import { recordNews } from '../sources/served-kind.ts'
import { isSilence } from '../sources/trouble.ts'

export interface ReceiveDeps {
  readonly db: Db
  readonly now: () => Date
  readonly kinds: Kinds
}

/** A turn is lost after so long, less than senders are patient for; one that goes on is extended. */
const turnMs = 30_000
const extendEveryMs = 10_000
/** A sender's reckoning of our clock may be ahead by so much: two clocks run apart between two answers. */
const aheadMaxMs = 5_000
/** Nobody can date anything by our clock before we told it, but for what was measured on the way. */
const beforeSessionMaxMs = 60_000
const busySeconds = 2

/** What was done with a delivery. */
export interface Received {
  readonly answer: Omit<DeliveryAnswer, 'kindsDigest'>
  /** Whether clusters and verdicts may have to follow. */
  readonly isNews: boolean
}

/**
 * Takes one delivery of a source, in the one turn the source has. When this resolves, all of it is on disk; when it throws, it may be
 * sent again as it is. Throws Refusal: 409 for an older session or a foreign server, 429 while another request of the source is at
 * work; FleetError `invalid` for times that cannot be.
 */
export async function receive(deps: ReceiveDeps, source: string, body: Body): Promise<Received> {
  const { db, now } = deps
  const { epoch, seq } = body.head
  const turn: Turn = { source, epoch, seq, holder: randomUUID() }
  const taken = await takeTurn(db, turn, now(), turnMs)
  if (taken.as === 'superseded') throw superseded(source)
  if (taken.as === 'busy') throw busy(source)
  if (taken.as === 'duplicate')
    return { answer: { ...nothing, now: now().toISOString(), duplicate: true }, isNews: false }
  try {
    return await take(deps, turn, body, taken.openedAt)
  } catch (error) {
    // The fault is the news, not that a store which is away keeps the turn as well.
    await releaseTurn(db, turn).catch(() => undefined)
    throw error
  }
}

const nothing = { duplicate: false, observed: 0, changed: 0, gone: 0, rejected: [], want: [] }

async function take({ db, now, kinds }: ReceiveDeps, turn: Turn, body: Body, openedAt: Date): Promise<Received> {
  const { source } = turn
  const clock = clockOf(now(), openedAt)
  const at = clock(body.head.at, 'at')
  // All of it is looked at before any of it is stored.
  const deliveries = body.sections.map((section) => ({ section, delivery: deliveryOf(source, at, section, clock) }))
  if (body.server !== null) await takeServer({ db, now, kinds }, source, body.server)
  const hold = holdTurn(db, now, turn)
  const rejections: DeliveryAnswer['rejected'] = []
  const tally = { observed: 0, changed: 0, gone: 0, rejected: rejections }
  let isNews = false
  for (const { section, delivery } of deliveries) {
    const { kind } = section.line
    if (!isRead(kinds, kind)) {
      rejections.push({ kind, namespace: '', name: null, why: 'is not a kind that Rollcall reads' })
      continue
    }
    await hold()
    const { observed, changed, gone, rejected } = await ingest(db, delivery, {
      receivedAt: now(),
      kinds: kinds.of,
      repeatable: true,
    })
    tally.observed += observed
    tally.changed += changed
    tally.gone += gone
    for (const one of rejected) rejections.push(shownRejection(kind, one))
    // Of a reading in pages only the end is: what is half read would be composed again and again.
    const { as } = delivery.proof
    isNews ||= as === 'end' || (as !== 'page' && changed + gone > 0)
  }
  for (const { kind, code, message } of body.troubles)
    if (isRead(kinds, kind)) await recordTrouble(db, { source, kind, at: now(), trouble: { code, message } })
  const { wants, turned } = await compareDigests(
    db,
    source,
    at,
    body.digests.filter(({ kind }) => isRead(kinds, kind)),
  )
  const hinted = await finishTurn(db, turn, now(), blindnessOf(body))
  if (hinted === null) throw lost(source)
  const want: Want[] = [...wants, ...hinted.map((one) => ({ ...one, what: 'object' as const }))]
  return { answer: { now: now().toISOString(), duplicate: false, ...tally, want }, isNews: isNews || turned }
}

/**
 * Records which server a sender is in and what that serves. Where a source is polled too, the polls say what is served: an agent of
 * another release may know other kinds.
 */
export async function takeServer({ db, now, kinds }: ReceiveDeps, source: string, server: Server): Promise<void> {
  const identified = await identifySender(db, source, server, now())
  if (identified.as === 'foreign') {
    throw new Refusal(409, 'Another server', identified.trouble.message, { type: problemTypes.wrongServer })
  }
  if (identified.as === 'unknown') {
    const sentence = `Source ${source} is in the fleet file and not in the store yet; that is made good every minute.`
    throw new Refusal(503, 'Rollcall is not ready', sentence, { retryAfterSeconds: 30 })
  }
  const declared = kinds.list.filter((kind) => declarationOf(kind) !== null).map(kindKeyOf)
  await recordAsked(db, source, askedFor(kinds.list), declared)
  if (identified.polled) return
  const byKind = new Map(server.kinds.map((one) => [one.kind, one]))
  const served = [...byKind.values()].filter(({ kind }) => isRead(kinds, kind))
  await recordNews({ db, now, kinds }, source, { served, troubled: [] }, await progressOf(db, source))
}

/** Why a sender hears nothing of its API server: it says so of kinds, and nothing else of any. */
function blindnessOf({ sections, digests, troubles }: Body): Trouble | null {
  const [first] = troubles
  return first && sections.length + digests.length === 0 && troubles.every(isSilence) ? first : null
}

/** Reads a sender's instant, by our clock: not in the future, and not from before it could know our time. */
function clockOf(now: Date, openedAt: Date): (instant: string, what: string) => Date {
  return (instant, what) => {
    const at = Date.parse(instant)
    const ahead = at - now.getTime()
    if (!(ahead <= aheadMaxMs)) {
      const sentence = `${what} lies ${Math.ceil(ahead / 1000)} s in the future of Rollcall's clock: open a session, which tells it.`
      throw new Refusal(409, 'The clocks differ', sentence, { type: problemTypes.clock })
    }
    if (at < openedAt.getTime() - beforeSessionMaxMs)
      throw new FleetError('invalid', `${what} lies before the session was opened, at ${openedAt.toISOString()}.`)
    return new Date(Math.min(at, now.getTime()))
  }
}

function deliveryOf(
  source: string,
  observedAt: Date,
  { line, objects, gone, rejected }: Section,
  clock: (instant: string, what: string) => Date,
): Delivery {
  return { source, kind: line.kind, observedAt, objects, gone, rejected, proof: proofOf(line, observedAt, clock) }
}

function proofOf(line: KindLine, observedAt: Date, clock: (instant: string, what: string) => Date): Proof {
  switch (line.proof) {
    case 'delta':
      return { as: 'delta' }
    case 'buckets':
      return { as: 'buckets', buckets: line.buckets }
    case 'page':
    case 'end': {
      const startedAt = clock(line.run.startedAt, 'run.startedAt')
      if (startedAt > observedAt) throw new FleetError('invalid', 'run.startedAt lies after the at of its request.')
      const { page, cursor, consistent } = line
      const run = { id: line.run.id, startedAt }
      return line.proof === 'page'
        ? { as: 'page', run, page, next: null }
        : { as: 'end', run, page, cursor, consistent }
    }
  }
}

/** Keeps the turn while work goes on; throws where it was lost. */
function holdTurn(db: Db, now: () => Date, turn: Turn): () => Promise<void> {
  let extendedAt = now().getTime()
  return async () => {
    if (now().getTime() - extendedAt < extendEveryMs) return
    extendedAt = now().getTime()
    if (!(await extendTurn(db, turn, now(), turnMs))) throw lost(turn.source)
  }
}

const shownRejection = (kind: KindKey, { ref, why }: Rejection): DeliveryAnswer['rejected'][number] => ({
  kind,
  namespace: ref?.namespace ?? '',
  name: ref?.name ?? null,
  why,
})

const superseded = (source: string): Refusal =>
  new Refusal(
    409,
    'The session is over',
    `Another session of source ${source} was opened, or none is known: open one.`,
    {
      type: problemTypes.superseded,
    },
  )

/** To a newer session, or because it took too long: the next attempt will tell. */
const lost = (source: string): Refusal =>
  new Refusal(503, 'The turn was lost', `Another request of source ${source} has the turn now.`, {
    retryAfterSeconds: busySeconds,
  })

export const busy = (source: string): Refusal =>
  new Refusal(429, 'One request at a time', `Another request of source ${source} is at work.`, {
    retryAfterSeconds: busySeconds,
  })
