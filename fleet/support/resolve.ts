import { minorRank, parseVersion } from '../version.ts'
import { type CalendarEntry, type CalendarName, calendarOrigins, type SupportPlan } from './calendar.ts'
import { dayAfter } from './day.ts'

/** One calendar as it stands in one region. */
export interface RegionCalendar {
  /** Who is believed, by minor and plan. */
  readonly terms: ReadonlyMap<string, CalendarEntry>
  /** Of each minor whose first day is known. */
  readonly releases: readonly { readonly rank: number; readonly day: string }[]
  /** Last days, other than an operator's: his are of that one minor only. */
  readonly ends: readonly { readonly rank: number; readonly plan: SupportPlan; readonly day: string }[]
  /** When a day of it begins, or has ended: ms, ascending. */
  readonly turns: readonly number[]
}

const indexed = new WeakMap<readonly CalendarEntry[], Map<string, RegionCalendar>>()

/** Azure writes `West Europe` and `westeurope` for one region. */
export function regionKey(region: string): string {
  return region.toLowerCase().replaceAll(' ', '')
}

/**
 * The promise in force for a minor under a plan. An operator goes before Azure's notifications, these before what was observed,
 * and that before the seed; a region's own entry before the general one of the same origin. Last and first day are found
 * separately, since a notification knows the end only: the entry returned is that of the last day. Null: nobody speaks of it.
 */
export function resolve(
  entries: readonly CalendarEntry[],
  calendar: CalendarName,
  minor: string,
  plan: SupportPlan,
  region: string | null,
): CalendarEntry | null {
  return termOf(regionCalendar(entries, calendar, region), minor, plan)
}

export function termOf({ terms }: RegionCalendar, minor: string, plan: SupportPlan): CalendarEntry | null {
  return terms.get(`${minor} ${plan}`) ?? null
}

/** The rank of the newest minor that was out on `today`; null when none is dated. */
export function newestRelease({ releases }: RegionCalendar, today: string): number | null {
  const ranks = releases.filter(({ day }) => day <= today).map(({ rank }) => rank)
  return ranks.length === 0 ? null : Math.max(...ranks)
}

/** A calendar of that region. Thousands of clusters ask one list of entries, so it is indexed once; it must not change afterwards. */
export function regionCalendar(
  entries: readonly CalendarEntry[],
  calendar: CalendarName,
  region: string | null,
): RegionCalendar {
  const known = indexed.get(entries) ?? new Map<string, RegionCalendar>()
  indexed.set(entries, known)
  const key = region === null ? '' : regionKey(region)
  const found = known.get(`${calendar} ${key}`)
  if (found) return found
  const made = index(
    entries.filter((e) => e.calendar === calendar && (e.region === null || regionKey(e.region) === key)),
  )
  known.set(`${calendar} ${key}`, made)
  return made
}

function index(entries: readonly CalendarEntry[]): RegionCalendar {
  const weakestFirst = entries.toSorted((a, b) => distrust(b) - distrust(a))
  const terms = new Map<string, CalendarEntry>()
  for (const entry of weakestFirst) {
    const key = `${entry.minor} ${entry.plan}`
    const weaker = terms.get(key)
    const believed = entry.endsAt === null && weaker ? weaker : entry
    terms.set(key, { ...believed, availableAt: entry.availableAt ?? weaker?.availableAt ?? null })
  }
  const believed = [...terms.values()].flatMap((entry) => {
    const version = parseVersion(entry.minor)
    return version === null ? [] : [{ ...entry, rank: minorRank(version) }]
  })
  const turns = believed.flatMap(({ availableAt, endsAt }) => [
    ...(availableAt === null ? [] : [Date.parse(availableAt)]),
    ...(endsAt === null ? [] : [dayAfter(endsAt).getTime()]),
  ])
  return {
    terms,
    releases: believed.flatMap(({ rank, plan, availableAt: day }) =>
      plan === 'standard' && day !== null ? [{ rank, day }] : [],
    ),
    ends: believed.flatMap(({ rank, plan, origin, endsAt: day }) =>
      origin !== 'operator' && day !== null ? [{ rank, plan, day }] : [],
    ),
    turns: [...new Set(turns)].sort((a, b) => a - b),
  }
}

/** 0 is believed most. */
function distrust({ origin, region }: CalendarEntry): number {
  return calendarOrigins.indexOf(origin) * 2 + (region === null ? 1 : 0)
}
