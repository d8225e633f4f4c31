import { hash } from 'node:crypto'
import { ingest } from '../../../db/ingest.ts'
import { type Hint, heed, readersOfSubscriptions, type Standing, standingOf } from '../../../db/push/hint.ts'
import type { Kinds } from '../../../fleet/kinds/declared.ts'
import type { KubeAbout, Said } from '../../../fleet/push/said.ts'
import { armClusterKind, kindKeyOf, uuidOf } from '../../../fleet/reference.ts'
import { record, revision } from '../../../fleet/wire.ts'
import { Refusal } from '../../http/problem.ts'
import type { Dependencies } from '../../wiring/dependencies.ts'

/** What taking events needs of the process's dependencies. */
export type EventDeps = Pick<Dependencies, 'store' | 'now' | 'log' | 'intake'>

/** An event, and for which source it may speak: its sender's. Null for Azure's, which names what it is about. */
export interface Addressed {
  readonly source: string | null
  readonly said: Said
}

/** What came of events. Counts of them. */
export interface Taken {
  /** Whole objects that were taken as a reading; what the store knew already is among them. */
  readonly readings: number
  /** What is read again soon. Nothing that was heard before, and nothing that is not read here. */
  readonly hints: number
  /** Events of types that say nothing of what is read here. */
  readonly ignored: number
  readonly rejected: readonly { readonly at: number; readonly why: string }[]
  /** Whether the store changed: what follows from it should be brought up. */
  readonly isNews: boolean
}

/** A whole object that is older is no news, but a replay: where it stands is read again instead. */
const readingAgeMaxMs = 3_600_000
/** An object that took longer was held up, or its sender's clock is behind ours, and a true change may pass for an old one. */
const delayMaxMs = 60_000

type Reading = Extract<Said, { readonly as: 'reading' }>

/**
 * Takes events: whole objects go through the one door, hints have what they name read again. Returns when all of it is on disk; safe to
 * repeat. `poll` is given the sources that should be read at once.
 */
export async function takeEvents(
  deps: EventDeps,
  events: readonly Addressed[],
  poll: (sources: readonly string[]) => void,
): Promise<Taken> {
  const began = performance.now()
  const { store, now, log } = deps
  const hints = await azureHints(store.db, events)
  let readings = 0
  let isNews = false
  for (const { source, said } of events) {
    if (source === null || !('about' in said) || said.about.by === 'arm') continue
    const taken = said.as === 'reading' ? await takeReading(deps, source, said) : unread
    if (taken.isRead) readings++
    if (taken.isNews) isNews = true
    if (taken.isDoubtful) hints.push({ source, message: messageOf(said), ...placeOf(said.about) })
  }
  const { heeded, due } = await heed(store.db, hints, now())
  if (due.length > 0) poll(due)
  const rejected = events.flatMap(({ said }, at) => (said.as === 'rejected' ? [{ at, why: said.why }] : []))
  const ignored = events.filter(({ said }) => said.as === 'nothing').length
  const counts = { readings, hints: heeded, ignored, rejected: rejected.length, due: due.length }
  log.info({ ...firstOf(events), ...counts, ms: msSince(began) }, 'events')
  return { readings, hints: heeded, ignored, rejected, isNews }
}

/** For the log: who speaks, and what of. */
function firstOf([event]: readonly Addressed[]): object {
  return { source: event?.source, why: event?.said.as === 'hint' ? event.said.why : undefined }
}

const msSince = (began: number): number => Math.round(performance.now() - began)

/** What Azure says of a cluster is for whoever reads its subscription. */
async function azureHints(db: EventDeps['store']['db'], events: readonly Addressed[]): Promise<Hint[]> {
  const said = events.flatMap(({ source, said }) =>
    // Whoever may speak for a source may speak for that one only.
    source === null && said.as === 'hint' && said.about.by === 'arm'
      ? [{ about: said.about, message: messageOf(said) }]
      : [],
  )
  if (said.length === 0) return []
  const readers = await readersOfSubscriptions(db, [...new Set(said.map(({ about }) => about.subscription))])
  return said.flatMap(({ about, message }) =>
    (readers.get(about.subscription) ?? []).map((source) => ({
      ...{ source, message, kind: armClusterKind, namespace: '', name: about.armId },
    })),
  )
}

const messageOf = ({ id }: { readonly id: string }): string => uuidOf(hash('sha256', id, 'hex'))

const placeOf = ({ kind, ref }: KubeAbout) => ({ kind, namespace: ref.namespace, name: ref.name })

/** What became of a whole object. */
interface Outcome {
  readonly isRead: boolean
  readonly isNews: boolean
  /** It should be read again, because it proves nothing here or not enough. */
  readonly isDoubtful: boolean
}

const unread: Outcome = { isRead: false, isNews: false, isDoubtful: true }

/**
 * Takes a whole object as the reading that it is, at the instant it speaks of: its sender's word, which a clock that runs ahead must not
 * put into our future. A deletion is always looked at again: nobody says it twice.
 */
async function takeReading({ store: { db }, now, intake }: EventDeps, source: string, said: Reading): Promise<Outcome> {
  const { about, at, object, isGone } = said
  const standing = await standingOf(db, source, about.kind, about.ref)
  if (standing === null) {
    const sentence = `Source ${source} is registered within a minute; send it again.`
    throw new Refusal(503, 'The source is not here yet', sentence, { retryAfterSeconds: 60 })
  }
  const { kinds } = await intake.load()
  const receivedAt = now()
  const delayMs = receivedAt.getTime() - Date.parse(at)
  if (delayMs > readingAgeMaxMs || !isComparable(kinds, said, standing)) return unread
  const told = isGone ? { objects: [], gone: [about.ref] } : { objects: [object], gone: [] }
  const observedAt = delayMs < 0 ? receivedAt : new Date(at)
  const delivery = { source, kind: about.kind, observedAt, ...told, rejected: [], proof: { as: 'delta' } } as const
  const { changed, gone } = await ingest(db, delivery, { receivedAt, kinds: kinds.of })
  return { isRead: true, isNews: changed + gone > 0, isDoubtful: isGone || delayMs < 0 || delayMs > delayMaxMs }
}

/**
 * Whether an object is one that is read here, in the version it is read in (what differs between two versions is no change of it), and of
 * after what was read: a clock that is ahead makes an old object look new.
 */
function isComparable({ list }: Kinds, said: Reading, { isRead, version, uid, cursor }: Standing): boolean {
  const { about, isGone, object } = said
  const kind = list.find((one) => kindKeyOf(one) === about.kind)
  // A kind that nobody reads here would never be read again: only one that is known by name is taken.
  if (kind === undefined ? !isRead : kind.reach.by === 'arm') return false
  if (version !== null && version !== about.version) return false
  const [seen, read] = [revision(record(object.metadata).resourceVersion), revision(cursor)]
  if (seen !== undefined && read !== undefined && seen <= read) return false
  // What was deleted may have been an earlier one of that name.
  return !isGone || uid === null || uid === about.uid
}
