import type { Until } from '../health.ts'

/** How long ready replicas may be missing before that is a problem (domain.md 3.4, notes). */
const shortMs = 15 * 60_000

/** When a shortage becomes a problem: counted from `at` (RFC 3339), or from Rollcall's own first sight of it. */
export function shortageMs(at: string | null): Until {
  return at === null ? { after: 'shortSince', ms: shortMs } : { at: new Date(Date.parse(at) + shortMs).toISOString() }
}
