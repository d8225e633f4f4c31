import { evaluate } from '../../fleet/policy/evaluate.ts'
import type { Cause, Policy, Verdict, Waiver } from '../../fleet/policy/policy.ts'
import { compileRules, supportOfSubject } from '../../fleet/policy/rules-in-force.ts'
import type { Subject } from '../../fleet/policy/subject.ts'
import { type Memory, verdictKey } from '../../fleet/policy/verdict-key.ts'
import type { Calendar, CalendarEntry, RegionVersions } from '../../fleet/support/calendar.ts'

/** All that clusters are judged by and all that is known of them, at one look. */
export interface Situation {
  readonly subjects: ReadonlyMap<string, Subject>
  readonly policies: readonly Policy[]
  readonly waivers: readonly Waiver[]
  readonly entries: readonly CalendarEntry[]
  readonly regions: ReadonlyMap<string, RegionVersions>
}

interface Remembered {
  readonly verdict: Verdict
  readonly since: string
  readonly cause: Cause
}

/**
 * What the store should hold, told the slow way: everything is judged afresh at every look, with no memory but when a violation began
 * and an outcome. Clusters have no cheap digests here; they are compared as a whole.
 */
export class Model {
  #findings = new Map<string, Map<string, Remembered>>()
  #last: Situation | null = null

  /** Looks at `now`, and says what each cluster's findings and assessment are then. */
  look(situation: Situation, now: Date) {
    const rules = rulesOf(situation)
    const clusters = [...situation.subjects.values()].map((subject) => {
      const before = this.#findings.get(subject.clusterId)
      const verdicts = evaluate(subject, rules, now, memoryOf(before, subject))
      const findings = new Map<string, Remembered>()
      for (const verdict of verdicts) {
        const key = nameOf(verdict)
        const known = before?.get(key)
        const stays = known?.verdict.outcome === verdict.outcome
        findings.set(
          key,
          stays ? { ...known, verdict } : { verdict, ...this.#turn(situation, subject, verdict, known, now) },
        )
      }
      const support = supportOfSubject(subject, rules, now)
      const ends = [support, ...verdicts].flatMap(({ holdsUntil }) => holdsUntil ?? []).sort()
      return { subject, support, findings, dueAt: ends[0] ?? null }
    })
    this.#findings = new Map(clusters.map(({ subject, findings }) => [subject.clusterId, findings]))
    this.#last = situation
    return clusters
  }

  /** Why an outcome is another, and since when: what the clock did, it did on time. */
  #turn(now: Situation, subject: Subject, verdict: Verdict, known: Remembered | undefined, at: Date) {
    const cause = this.#cause(now, subject, verdict, known, at)
    const ended = known?.verdict.holdsUntil ?? null
    if (cause === 'clock' && ended !== null) return { cause, since: ended }
    const excuse = now.waivers.find(({ id, revokedAt }) => id === known?.verdict.waiverId && revokedAt === null)
    const expiry = excuse?.expiresAt.toISOString() ?? ''
    const isExpired = cause === 'waiver' && ended !== null && ended <= expiry && expiry <= at.toISOString()
    return { cause, since: isExpired ? expiry : at.toISOString() }
  }

  #cause(now: Situation, subject: Subject, verdict: Verdict, known: Remembered | undefined, at: Date): Cause {
    const last = this.#last
    const was = last?.subjects.get(subject.name)
    const changed = !same(was, subject)
    if (!known || !last || !was) return changed ? 'cluster' : 'policy'
    if (known.verdict.waiverId !== null || verdict.waiverId !== null) return 'waiver'
    if (changed) return 'cluster'
    if (known.verdict.policyVersion !== verdict.policyVersion) return 'policy'
    if (!same(calendarAt(last, subject), calendarAt(now, subject))) return 'policy'
    // What time and a new reading of the region bring about together is put down to the clock.
    const ended = known.verdict.holdsUntil !== null && known.verdict.holdsUntil <= at.toISOString()
    if (ended && !same(readAtOf(last, subject), readAtOf(now, subject))) return 'clock'
    // The clock's doing is what the clock would have done alone.
    const alone = evaluate(subject, rulesOf(last), at, () => known.verdict.violatedSince)
    const { outcome } = alone.find((each) => nameOf(each) === nameOf(verdict)) ?? {}
    return outcome === verdict.outcome ? 'clock' : 'policy'
  }
}

/** What a verdict is on, in words: an object keeps its name wherever it lives. */
const nameOf = ({ policy, rule, drift }: Verdict): string =>
  JSON.stringify([policy, rule, drift?.about?.ref ?? null, drift?.field ?? null])

/** When what a cluster's verdicts are on now was first violated, objects being taken for the same by their names. */
function memoryOf(before: ReadonlyMap<string, Remembered> | undefined, { drift }: Subject): Memory {
  const idsOf = new Map(drift.differences.map(({ about }) => [JSON.stringify(about?.ref ?? null), about?.id ?? null]))
  const known = [...(before?.values() ?? [])].map(({ verdict }) => {
    const { policy, rule, drift: said, violatedSince } = verdict
    const aboutId = idsOf.get(JSON.stringify(said?.about?.ref ?? null)) ?? null
    return [verdictKey(policy, rule, aboutId, said?.field ?? null), violatedSince] as const
  })
  const since = new Map(known)
  return (key) => since.get(key) ?? null
}

const readAtOf = ({ regions }: Situation, { region }: Subject): Date | null | undefined =>
  region === null ? null : regions.get(region)?.readAt

function rulesOf({ policies, waivers, entries, regions }: Situation) {
  const calendar: Calendar = { entries, regions }
  return compileRules(policies, waivers, calendar)
}

/** What the calendar says where a cluster is, but for when it was read. */
function calendarAt({ entries, regions }: Situation, { provider, region }: Subject) {
  const calendar = provider === 'aks' ? 'aks' : 'upstream'
  const about = entries.filter((entry) => entry.calendar === calendar && (entry.region ?? region) === region)
  return [about.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)), regions.get(region ?? '')?.minors]
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
