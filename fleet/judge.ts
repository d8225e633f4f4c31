import type { Flag, Health, HealthContext, Reading, Rung, State, Until } from './health.ts'

/** The last day that RFC 3339 and every database can write. */
const endOfTimeMs = Date.UTC(9999, 11, 31)

/**
 * The health of an object at an instant (domain.md 3.3): the first rung that holds now, under rule 1 (the source was not
 * read for too long) and rule 3 (suspended). `holdsUntil` is the earliest instant at which the clock alone changes that.
 */
export function healthOf(reading: Reading, given: HealthContext, now: Date): Health {
  const context = reading.shortSince ? { shortSince: new Date(reading.shortSince), ...given } : given
  const { staleAt } = context
  if (!staleAt) return suspendedOr(reading, context, now)
  if (now < staleAt) {
    const fresh = suspendedOr(reading, context, now)
    return { ...fresh, holdsUntil: earliest(fresh.holdsUntil, staleAt.toISOString()) }
  }
  // What we knew last is kept as it was when we stopped knowing: nothing ages behind a closed door.
  const last = suspendedOr(reading, context, staleAt)
  return {
    state: 'Stale',
    reason: 'Unreachable',
    message: `not read since its limit passed; it was ${last.state} (${last.reason})`,
    since: staleAt.toISOString(),
    underlying: last.state,
    flags: last.flags,
    holdsUntil: null,
  }
}

function suspendedOr(reading: Reading, context: HealthContext, now: Date): Health {
  const health = climb(reading, context, now)
  const { suspended } = reading
  return suspended ? { ...health, ...suspended, state: 'Suspended', underlying: health.state } : health
}

/** The first rung that holds; its end, and the beginnings of those above it, are what the clock can change. */
function climb(reading: Reading, context: HealthContext, now: Date): Health {
  let holdsUntil = Number.POSITIVE_INFINITY
  for (const rung of reading.rungs) {
    const from = rung.from ? instantOf(rung.from, context, now) : Number.NEGATIVE_INFINITY
    const until = rung.until ? instantOf(rung.until, context, now) : Number.POSITIVE_INFINITY
    if (now.getTime() >= until) continue
    if (now.getTime() < from) {
      if (from < until) holdsUntil = Math.min(holdsUntil, from)
      continue
    }
    return answer(reading, rung, context, Math.min(holdsUntil, until))
  }
  // Only a reading that breaks its promise (the last rung always holds) comes here; it must not turn green.
  return answer(reading, { state: 'Unknown', reason: 'NotReported' }, context, holdsUntil)
}

function answer(reading: Reading, rung: Rung, context: HealthContext, holdsUntilMs: number): Health {
  const flags: readonly Flag[] = rung.flags ? [...new Set([...reading.flags, ...rung.flags])] : reading.flags
  return {
    state: rung.state,
    reason: rung.reason,
    message: rung.message ?? '',
    since: rung.since ?? sinceAnchor(rung, context),
    underlying: null,
    flags,
    holdsUntil: Number.isFinite(holdsUntilMs) ? new Date(Math.min(holdsUntilMs, endOfTimeMs)).toISOString() : null,
  }
}

/** A rung that is dated by Rollcall's own first sight began then. */
function sinceAnchor(rung: Rung, context: HealthContext): string | null {
  const until = rung.until ?? rung.from
  return (until && 'after' in until ? context[until.after]?.toISOString() : null) ?? null
}

/** An anchor that nobody dated yet is dated now. */
function instantOf(until: Until, context: HealthContext, now: Date): number {
  return 'at' in until ? Date.parse(until.at) : (context[until.after] ?? now).getTime() + until.ms
}

/** The earlier of two instants (RFC 3339), where null means never. */
export function earliest(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b
  return Date.parse(a) <= Date.parse(b) ? a : b
}

/** Worst first (domain.md 3.4). Stale stands last: it says nothing of the object, only of the reading. */
const severity: readonly State[] = [
  'Deleting',
  'Suspended',
  'Failed',
  'Degraded',
  'Unknown',
  'Progressing',
  'Healthy',
  'Stale',
]

/** The smaller, the worse. */
export function rankOf(state: State): number {
  return severity.indexOf(state)
}
