import type { Health, Reading } from '../../fleet/health.ts'
import { healthOf } from '../../fleet/judge.ts'
import type { Kind } from '../../fleet/kinds/kind.ts'
import type { Changed, Known } from './probe.ts'

/** Health as it is stored, with what only the store can date. Instants in RFC 3339. */
export interface Judged {
  readonly health: Health
  readonly generationSeenAt: string
  readonly shortSince: string | null
  /** When Rollcall first saw the present state. */
  readonly stateSince: string
}

/**
 * Judges a new or changed object at `receivedAt`. Our own clocks run on while their cause lasts: the same generation, an
 * unbroken shortage. An object that was gone starts anew.
 */
export function judge({ observation, known }: Changed, kind: Kind, clustered: boolean, receivedAt: Date): Judged {
  const now = receivedAt.toISOString()
  const before = known && known.goneAt === null && known.uid === observation.uid ? known : null
  const sameGeneration = before !== null && before.generation === observation.generation
  const generationSeenAt = sameGeneration ? before.generationSeenAt : now
  const shortSince = observation.reading.short
    ? (before?.shortSince ?? firstSight(observation.reading, before, now))
    : null
  const anchors = { generationSeenAt, shortSince }
  // What only relatives can judge keeps their last judgement; `settle` hears of the change by its mark.
  const health =
    before && clustered && kind.judgedWithRelatives
      ? knownHealth(before)
      : judgeAt(observation.reading, anchors, receivedAt)
  const stateSince = before?.state === health.state ? before.stateSince : now
  return { health, ...anchors, stateSince }
}

/** What was already under way when the object was first seen began when the object says; what was not, now. */
function firstSight({ shortSince }: Reading, before: Known | null, now: string): string {
  return before === null && shortSince && Date.parse(shortSince) < Date.parse(now) ? shortSince : now
}

/** `healthOf` with anchors as the store keeps them. */
export function judgeAt(
  reading: Reading,
  {
    generationSeenAt,
    shortSince,
  }: { readonly generationSeenAt: string | Date; readonly shortSince: string | Date | null },
  now: Date,
): Health {
  const context = {
    generationSeenAt: new Date(generationSeenAt),
    ...(shortSince === null ? {} : { shortSince: new Date(shortSince) }),
  }
  return healthOf(reading, context, now)
}

/** Whether the stored health can change without a new observation: then the reading must be kept. */
export const mustKeep = (reading: Reading, kind: Kind): boolean =>
  kind.judgedWithRelatives === true ||
  reading.rungs.some(({ until, from }) => until !== undefined || from !== undefined)

function knownHealth({ state, reason, message, since, underlying, flags, holdsUntil }: Known): Health {
  return { state, reason, message, since, underlying, flags, holdsUntil }
}
