import type { FreshnessState } from './source.ts'

/** What is known of the readings behind an answer. */
export interface Readings {
  /** Null when none ever succeeded. */
  readonly lastSuccessAt: Date | null
  /** The newest attempt did not succeed. */
  readonly lastAttemptFailed: boolean
  /** How long a success is trusted. */
  readonly staleAfterMs: number
  /** When the thing was seen deleted. */
  readonly goneAt: Date | null
}

/**
 * How an answer stands to `now`. What is gone stays gone; then nothing younger than `staleAfterMs` is STALE, which wins
 * over UNREADABLE (the newest attempt failed, but the last success is still young).
 */
export function freshnessOf(readings: Readings, now: Date): FreshnessState {
  const { lastSuccessAt, lastAttemptFailed, staleAfterMs, goneAt } = readings
  if (goneAt !== null) return 'GONE'
  if (lastSuccessAt === null) return lastAttemptFailed ? 'UNREADABLE' : 'NEVER_REPORTED'
  if (now.getTime() - lastSuccessAt.getTime() >= staleAfterMs) return 'STALE'
  return lastAttemptFailed ? 'UNREADABLE' : 'FRESH'
}
