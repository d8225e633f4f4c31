const dayMs = 86_400_000

/** The day of an instant, in UTC. */
export function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10)
}

/** The first instant that a day no longer covers. */
export function dayAfter(day: string): Date {
  return new Date(Date.parse(day) + dayMs)
}

/** Whole days from `now` to a last day: 0 on that day, below 0 after it; null without one. */
export function daysLeftOf(endsAt: string | null, now: Date): number | null {
  return endsAt === null ? null : (Date.parse(endsAt) - Date.parse(dayOf(now))) / dayMs
}

/** A day as it is; of a month (`2026-11`) its last day, which is what AKS means by one (azure.md 4.1). */
export function lastDayOf(dayOrMonth: string): string {
  if (dayOrMonth.length > 7) return dayOrMonth
  const first = new Date(`${dayOrMonth}-01`)
  return dayOf(new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)))
}
