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
/** Of one cluster, by `nameOf`. */
type Findings = ReadonlyMap<string, Remembered>

/**
 * What the store should hold, told the slow way: everything is judged afresh at every look, with no memory but when a violation began
 * and an outcome. Clusters have no cheap digests here; they are compared as a whole.
 */
export class Model {
  #findings = new Map<string, Findings>()
  #last: Situation | null = null

  /** Looks at `now`, and says what each cluster's findings and assessment are then. */
  look(situation: Situation, now: Date) {
    const rules = rulesOf(situation)
    const clusters = [...situation.subjects.values()].map((subject) => {
      const before = this.#onTime(situation, subject, now)
      const findings = this.#judged(situation, subject, before, now)
      const support = supportOfSubject(subject, rules, now)
      const ends = [support.holdsUntil, endOf(findings)].filter((end) => end !== null).sort()
      return { subject, support, findings, dueAt: ends[0] ?? null }
    })
    this.#findings = new Map(clusters.map(({ subject, findings }) => [subject.clusterId, findings]))
    this.#last = situation
    return clusters
  }

  /** What was found last, up to date where only time passed: whatever ends is judged when it ends. */
  #onTime(situation: Situation, subject: Subject, now: Date): Findings {
    let findings = this.#findings.get(subject.clusterId) ?? new Map<string, Remembered>()
    if (this.#changed(situation, subject) !== null) return findings
    for (let end = endOf(findings); end !== null && end <= now.toISOString(); end = endOf(findings)) {
      const then = this.#judged(situation, subject, findings, new Date(end))
      const next = [...findings].map(([name, known]) => [
        name,
        known.verdict.holdsUntil === end ? then.get(name) : known,
      ])
      findings = new Map(next.filter((each): each is [string, Remembered] => each[1] !== undefined))
    }
    return findings
  }

  #judged(situation: Situation, subject: Subject, before: Findings, at: Date): Findings {
    const verdicts = evaluate(subject, rulesOf(situation), at, memoryOf(before, subject))
    return new Map(
      verdicts.map((verdict) => {
        const name = nameOf(verdict)
        const known = before.get(name)
        const stays = known?.verdict.outcome === verdict.outcome
        return [
          name,
          stays ? { ...known, verdict } : { verdict, ...this.#turn(situation, subject, verdict, known, at) },
        ]
      }),
    )
  }

  /** Why an outcome is another, and since when: what a waiver excused, it excused until it ran out. */
  #turn(now: Situation, subject: Subject, verdict: Verdict, known: Remembered | undefined, at: Date) {
    const cause = this.#cause(now, subject, verdict, known, at)
    const ended = known?.verdict.holdsUntil ?? null
    const excuse = now.waivers.find(({ id, revokedAt }) => id === known?.verdict.waiverId && revokedAt === null)
    const expiry = excuse?.expiresAt.toISOString() ?? ''
    const isExpired = ended !== null && ended <= expiry && expiry <= at.toISOString()
    return { cause, since: isExpired ? expiry : at.toISOString() }
  }

  #cause(now: Situation, subject: Subject, verdict: Verdict, known: Remembered | undefined, at: Date): Cause {
    const changed = this.#changed(now, subject)
    if (!known) return changed ?? 'policy'
    if (known.verdict.waiverId !== null || verdict.waiverId !== null) return 'waiver'
    if (changed !== null) return changed
    // What time and a new reading of the region bring about together is put down to the clock.
    const ended = known.verdict.holdsUntil !== null && known.verdict.holdsUntil <= at.toISOString()
    const isRead = !same(this.#last && readAtOf(this.#last, subject), readAtOf(now, subject))
    return ended || !isRead ? 'clock' : 'policy'
  }

  /** What of a cluster is another than at the last look: its facts before what it is judged by. */
  #changed(now: Situation, subject: Subject): 'cluster' | 'policy' | null {
    const was = this.#last?.subjects.get(subject.name)
    if (!this.#last || !same(was, subject)) return 'cluster'
    return same(rulesFor(this.#last, subject), rulesFor(now, subject)) ? null : 'policy'
  }
}

/** The first instant at which one of them is over. */
const endOf = (findings: Findings): string | null =>
  [...findings.values()].flatMap(({ verdict }) => verdict.holdsUntil ?? []).sort()[0] ?? null

/** What a verdict is on, in words: an object keeps its name wherever it lives. */
const nameOf = ({ policy, rule, drift }: Verdict): string =>
  JSON.stringify([policy, rule, drift?.about?.ref ?? null, drift?.field ?? null])

/** When what a cluster's verdicts are on now was first violated, objects being taken for the same by their names. */
function memoryOf(before: Findings, { drift }: Subject): Memory {
  const idsOf = new Map(drift.differences.map(({ about }) => [JSON.stringify(about?.ref ?? null), about?.id ?? null]))
  const known = [...before.values()].flatMap(({ verdict }) => {
    const { policy, rule, drift: said, violatedSince } = verdict
    const aboutId = said?.about ? idsOf.get(JSON.stringify(said.about.ref)) : null
    // An object of which nothing differs any more is nobody's memory, least of all the cluster's as a whole.
    return aboutId === undefined
      ? []
      : [[verdictKey(policy, rule, aboutId, said?.field ?? null), violatedSince] as const]
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

/** The policies in force for a cluster, whole, and what the calendar says where it is, but for when that was read. */
function rulesFor(situation: Situation, subject: Subject) {
  const { entries, regions } = situation
  const { provider, region } = subject
  const calendar = provider === null || provider === 'aks' ? provider : 'upstream'
  const about = entries.filter((entry) => entry.calendar === calendar && (entry.region ?? region) === region)
  const inForce = rulesOf(situation).policies.filter(({ selects }) => selects(subject))
  const sorted = [about, inForce.map(({ policy }) => policy)].map((all) =>
    all.map((each) => JSON.stringify(each)).sort(),
  )
  return [sorted, provider === 'aks' && regions.get(region ?? '')?.minors]
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
