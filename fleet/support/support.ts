import { minorOf, minorRank, type Version } from '../version.ts'
import type {
  Calendar,
  CalendarEntry,
  CalendarName,
  Support,
  SupportPhase,
  SupportSubject,
  Teller,
} from './calendar.ts'
import { dayOf } from './day.ts'
import { messageOf, unjudgedMessage } from './message.ts'
import { type Case, judge } from './phase.ts'
import { extraPlans, planInForce } from './plan.ts'
import { calendarNameOf } from './provider.ts'
import {
  isStandardOnly,
  latestPatchOf,
  listTeller,
  regionOf,
  regionTrouble,
  regionTrustedMs,
  upgradesFrom,
} from './region.ts'
import { regionCalendar, termOf } from './resolve.ts'

/** All but the clock's part. */
type Answer = Omit<Support, 'holdsUntil'>

/**
 * How a cluster's version stands to its provider's promises at `now`. AKS is judged by what its region offers, in the order of
 * azure.md 4.2; where no source reads that region, and for everybody else, by the calendar's dates. An operator's date goes before
 * both. What is not known is Unknown, never out of support.
 */
export function supportOf(subject: SupportSubject, calendar: Calendar, now: Date): Support {
  const name = calendarNameOf(subject.provider)
  if (name === null || subject.version === null) return unjudged(subject, name)
  const it = caseOf(name, subject, subject.version, calendar)
  const answer = answerAt(it, now)
  return { ...answer, holdsUntil: firstChange(it, answer, now) }
}

function caseOf(name: CalendarName, subject: SupportSubject, version: Version, calendar: Calendar): Case {
  const extraPlan = extraPlans[name]
  const dates = regionCalendar(calendar.entries, name, subject.region)
  const minor = minorOf(version)
  return {
    ...{ calendar: name, subject, version, minor, rank: minorRank(version), dates },
    inForce: planInForce(name, subject),
    standard: termOf(dates, minor, 'standard'),
    extra: extraPlan === null ? null : termOf(dates, minor, extraPlan),
    region: regionOf(subject, calendar),
    foreseenFrom: calendar.foreseenFrom,
  }
}

function answerAt(it: Case, now: Date): Answer {
  const { plan } = it.inForce
  const trouble = it.region ? regionTrouble(it.region, it.foreseenFrom ?? now) : null
  const believed: Case = trouble === null ? it : { ...it, region: null }
  const { by, ...judged } = judge(believed, now)
  const term = termInForce(believed, judged.phase)
  const ending = term?.endsAt ? term : it.standard
  // As long as an operator vouches for it, no region has to.
  const vouched = term?.origin === 'operator' && term.endsAt !== null && dayOf(now) <= term.endsAt
  const isTold = trouble === null || vouched
  const standing = isTold ? judged : { ...judged, phase: 'Unknown' as const, reason: trouble }
  const offered = believed.region?.minors.get(it.minor)
  const answer = {
    ...{ calendar: it.calendar, minor: it.minor, plan, ...standing },
    endsAt: ending?.endsAt ?? null,
    standardEnd: it.standard?.endsAt ?? null,
    extendedEnd: it.extra?.endsAt ?? null,
    ...tellerOf(ending),
    phaseBy: isTold || !it.region ? by : listTeller(it.region),
    standardBy: tellerOf(it.standard),
    latestPatch: offered ? latestPatchOf(offered) : null,
    upgradeTargets: offered && believed.region ? upgradesFrom(it.version, offered, believed.region) : [],
  }
  const lastRead = trouble === 'RegionStale' ? judge(it, now).phase : null
  return { ...answer, message: messageOf(answer, it, lastRead, now) }
}

/** What dates the end: that of the plan in force, unless it is long-term support and the version has none. */
function termInForce({ inForce, region, minor, standard, extra }: Case, phase: SupportPhase): CalendarEntry | null {
  if (inForce.plan === 'standard') return standard
  if (inForce.plan === 'extended') return extra
  const offered = region?.minors.get(minor)
  const hasNone = offered !== undefined && isStandardOnly(offered) && extra?.origin !== 'operator'
  return phase === 'Supported' || hasNone ? standard : extra
}

const tellerOf = (term: CalendarEntry | null): Teller =>
  term?.endsAt ? { source: term.source, asOf: term.asOf } : { source: null, asOf: null }

/** The first instant after `now` at which the same facts give another answer: a day begins or has ended, or a list is too old. */
function firstChange(it: Case, answer: Answer, now: Date): string | null {
  const trusted = it.region?.readAt && !it.foreseenFrom ? it.region.readAt.getTime() + regionTrustedMs : null
  const change = [...it.dates.turns, ...(trusted === null ? [] : [trusted])]
    .filter((at) => at > now.getTime())
    .sort((a, b) => a - b)
    .find((at) => !isSame(answerAt(it, new Date(at)), answer))
  return change === undefined ? null : new Date(change).toISOString()
}

/** Of the same facts: the rest does not depend on the clock. */
function isSame(a: Answer, b: Answer): boolean {
  const isSameTeller = a.phaseBy.source === b.phaseBy.source && a.phaseBy.asOf === b.phaseBy.asOf
  const isSameList = a.latestPatch === b.latestPatch && a.upgradeTargets.length === b.upgradeTargets.length
  return (
    isSameTeller &&
    isSameList &&
    a.message === b.message &&
    a.reason === b.reason &&
    a.phase === b.phase &&
    a.ltsOnly === b.ltsOnly
  )
}

function unjudged(subject: SupportSubject, calendar: CalendarName | null): Support {
  return {
    ...{ calendar, minor: subject.version ? minorOf(subject.version) : null },
    plan: calendar === null ? 'standard' : planInForce(calendar, subject).plan,
    ...{ phase: 'Unknown', reason: calendar === null ? 'NoCalendar' : 'NoVersion' },
    message: unjudgedMessage(subject, calendar),
    ...{ endsAt: null, standardEnd: null, extendedEnd: null, ltsOnly: false, source: null, asOf: null },
    ...{ phaseBy: tellerOf(null), standardBy: tellerOf(null) },
    ...{ latestPatch: null, upgradeTargets: [], holdsUntil: null },
  }
}
