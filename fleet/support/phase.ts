import type { Version } from '../version.ts'
import type {
  CalendarEntry,
  CalendarName,
  RegionMinor,
  SupportPhase,
  SupportPlan,
  SupportReason,
  SupportSubject,
  Teller,
} from './calendar.ts'
import { dayOf } from './day.ts'
import { extraPlans, type PlanInForce } from './plan.ts'
import { listedPatch, listTeller, patchesBehind, type RegionList } from './region.ts'
import { newestRelease, type RegionCalendar } from './resolve.ts'

/** One cluster's version with all that is said of it, before the clock is asked. */
export interface Case {
  readonly calendar: CalendarName
  readonly subject: SupportSubject
  readonly version: Version
  readonly minor: string
  readonly rank: number
  readonly inForce: PlanInForce
  /** The calendar in the cluster's region. */
  readonly dates: RegionCalendar
  readonly standard: CalendarEntry | null
  /** Under LTS or extended support. */
  readonly extra: CalendarEntry | null
  /** Null: no list decides, the dates do. */
  readonly region: RegionList | null
  readonly foreseenFrom: Date | undefined
}

/** Why a version that a calendar knows has its phase. */
export type JudgedReason = Exclude<SupportReason, 'NoVersion' | 'NoCalendar'>

interface Judged {
  readonly phase: SupportPhase
  readonly reason: JudgedReason
  readonly ltsOnly: boolean
  /** What decided the phase. */
  readonly by: Teller
}

/** The answers a version's own standing gives, without the finer reasons. */
type Standing =
  | { readonly phase: Exclude<SupportPhase, 'Unknown'> }
  | { readonly phase: 'Unknown'; readonly reason: JudgedReason }

/** How far below the newest minor AKS still supports one, and how far it still gives platform support (azure.md 4.1). */
const communityBehind = 2
const platformBehind = 3

const azurePlans = { standard: 'KubernetesOfficial', lts: 'AKSLongTermSupport' } as const

/** Judges by the region's list where there is one, trusted or not, else by the dates (azure.md 4.2, rows 2 to 7). */
export function judge(it: Case, now: Date): Judged {
  const today = dayOf(now)
  const offered = it.region?.minors.get(it.minor)
  if (it.region && offered?.isPreview) {
    return { phase: 'Preview', reason: 'Preview', ltsOnly: false, by: listTeller(it.region) }
  }
  const standard = covered(it, 'standard', today)
  const extraPlan = extraPlans[it.calendar]
  const extra = extraPlan !== null && covered(it, extraPlan, today)
  const ltsOnly = extraPlan === 'lts' && standard === false && extra === true
  const standing = standingOf(it, standard, extra, today)
  const reason = standing.phase === 'Unknown' ? standing.reason : reasonOf(it, standing.phase, ltsOnly, offered, today)
  return { phase: standing.phase, reason, ltsOnly, by: deciderOf(it, standing.phase, today) }
}

/** Who told whether the plan covers the version that counts for the phase: the order of `covered`. */
function deciderOf(it: Case, phase: SupportPhase, today: string): Teller {
  const isStandard = phase === 'Supported' || it.inForce.plan === 'standard'
  const term = isStandard ? it.standard : (it.extra ?? it.standard)
  const dated = { source: term?.source ?? null, asOf: term?.asOf ?? null }
  const last = term?.endsAt ?? null
  if (!it.region || (term?.origin === 'operator' && last !== null)) return dated
  const isListed = it.region.minors.has(it.minor)
  return isListed && endsMeanwhile(it, last, today) ? dated : listTeller(it.region)
}

function standingOf(it: Case, standard: boolean | null, extra: boolean | null, today: string): Standing {
  const { plan, doubt } = it.inForce
  if (plan === 'lts' && extra) return { phase: 'SupportedLts' }
  if (standard) return { phase: 'Supported' }
  if (plan === 'extended' && standard === false && extra) return { phase: 'SupportedExtended' }
  const newest = it.region ? it.region.newest : newestRelease(it.dates, today)
  const isUnknown = standard === null || (plan !== 'standard' && extra === null)
  if (isUnknown) return { phase: 'Unknown', reason: unknownReason(it, newest) }
  const mayBeMore = doubt === 'ChannelUnread' || doubt === 'TierUnread'
  if (mayBeMore && extra !== false) return { phase: 'Unknown', reason: doubt }
  if (it.calendar !== 'aks') return { phase: 'OutOfSupport' }
  // Without a newest minor nobody can tell platform support from none. A minor that just left the community's window keeps
  // platform support until it is four behind, even where the newest one has not reached its region yet.
  if (newest === null) return { phase: 'Unknown', reason: unknownReason(it, newest) }
  return { phase: it.rank >= newest - platformBehind ? 'PlatformSupport' : 'OutOfSupport' }
}

function unknownReason({ region, rank }: Case, newest: number | null): JudgedReason {
  if (region) return 'NotListed'
  return newest !== null && rank > newest ? 'NewerThanCalendar' : 'NoDate'
}

/** Whether a plan covers the version today: an operator's date, else the region's list, else the calendar's dates. Null: unknown. */
function covered(it: Case, plan: SupportPlan, today: string): boolean | null {
  const term = plan === 'standard' ? it.standard : it.extra
  const last = term?.endsAt ?? null
  if (term?.origin === 'operator' && last !== null) return today <= last
  return it.region ? listed(it, it.region, plan, last, today) : dated(it, plan, last, today)
}

/** A minor that AKS should support, or that is too new, and is not listed, may be on its way to the region (row 5). */
function listed(it: Case, list: RegionList, plan: SupportPlan, last: string | null, today: string): boolean | null {
  const plans = list.minors.get(it.minor)?.supportPlans ?? []
  if (!plans.includes(azurePlans.standard) && !plans.includes(azurePlans.lts)) {
    return list.newest === null || it.rank >= list.newest - communityBehind ? null : false
  }
  return !endsMeanwhile(it, last, today) && plans.includes(plan === 'lts' ? azurePlans.lts : azurePlans.standard)
}

/** Foreseen: a last day that today's list cannot know to be over. */
function endsMeanwhile({ foreseenFrom }: Case, last: string | null, today: string): boolean {
  const from = foreseenFrom ? dayOf(foreseenFrom) : today
  return last !== null && from <= last && last < today
}

function dated(it: Case, plan: SupportPlan, last: string | null, today: string): boolean | null {
  if (last !== null && last < today) return false
  const newest = newestRelease(it.dates, today)
  if (newest !== null && it.rank > newest) return null
  if (last !== null) return true
  // Support ends in the order of minors: what is older than one that has ended, has ended too.
  const newerEnded = it.dates.ends.some((end) => end.plan === plan && end.day < today && end.rank > it.rank)
  return newerEnded ? false : null
}

function reasonOf(
  it: Case,
  phase: Exclude<SupportPhase, 'Unknown'>,
  ltsOnly: boolean,
  offered: RegionMinor | undefined,
  today: string,
): JudgedReason {
  const inForce = phase === 'Supported' || phase === 'SupportedLts'
  const patch = inForce && offered ? patchReason(it, phase, offered) : null
  if (patch !== null) return patch
  if (it.inForce.doubt === 'LtsNeedsPremium') return it.inForce.doubt
  const last = (phase === 'SupportedLts' ? it.extra : it.standard)?.endsAt ?? null
  if (inForce) return last !== null && last < today ? 'ListedPastEnd' : phase
  return ltsOnly ? 'LtsOnly' : phase
}

/** A patch newer than all that are listed has not been listed yet, and is neither retired nor too old. */
function patchReason(it: Case, phase: SupportPhase, offered: RegionMinor): 'LtsPatchTooOld' | 'PatchRetired' | null {
  const behind = patchesBehind(it.version, offered) ?? 0
  const isRetired = behind > 0 && listedPatch(it.version, offered) === undefined
  if (phase === 'SupportedLts') return behind >= 2 || isRetired ? 'LtsPatchTooOld' : null
  return isRetired ? 'PatchRetired' : null
}
