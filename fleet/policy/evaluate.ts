import type { Policy, Rule, Verdict, Waiver } from './policy.ts'
import { type RulesInForce, supportOfSubject, versionOf, type WaiverInForce } from './rules-in-force.ts'
import type { RuleContext, Ruling } from './ruling.ts'
import type { Subject } from './subject.ts'

/** The last day that RFC 3339 and every database can write. */
const endOfTimeMs = Date.UTC(9999, 11, 31)

/**
 * One verdict for every policy that selects the subject and every rule of it that applies. Pure: the same facts, rules and
 * clock give the same verdicts, and until the earliest `holdsUntil` any later clock gives them too.
 * `violatedSince` gives back the verdict's own of last time (RFC 3339; null: it was not violated then): a violation began at
 * its first sight, or before it where the facts date it. A forecast is the same with a later `now`.
 */
export function evaluate(
  subject: Subject,
  rules: RulesInForce,
  now: Date,
  violatedSince: (policy: string, rule: string) => string | null,
): readonly Verdict[] {
  const context: RuleContext = {
    calendar: rules.calendar,
    now,
    version: versionOf(subject),
    support: (running) =>
      supportOfSubject(running === undefined ? subject : { ...subject, versionObserved: running }, rules, now),
  }
  let waivers: readonly WaiverInForce[] | undefined
  const verdicts: Verdict[] = []
  for (const { policy, selects, rules: each } of rules.policies) {
    if (!selects(subject)) continue
    for (const { rule, judge } of each) {
      const ruling = judge(subject, context)
      if (ruling.state === 'notApplicable') continue
      const firstSeen = violatedSince(policy.name, rule.id)
      if (ruling.state === 'violated') {
        waivers ??= rules.waivers.filter((waiver) => waiver.selects(subject))
        const about = waivers.filter(({ waiver }) => concerns(waiver, policy, rule))
        verdicts.push(violation(policy, rule, ruling, about, now.getTime(), firstSeen))
      } else if (ruling.state === 'ok') verdicts.push(verdictOf(policy, rule, ruling, { outcome: 'Pass' }))
      // A gap in what is known neither ends a violation nor begins its grace anew.
      else verdicts.push(verdictOf(policy, rule, ruling, { outcome: 'Unknown', violatedSince: firstSeen }))
    }
  }
  return verdicts
}

const concerns = (waiver: Waiver, policy: Policy, rule: Rule): boolean =>
  (waiver.policy === null || waiver.policy === policy.name) && (waiver.rule === null || waiver.rule === rule.id)

/** A violation passes within its grace, is excused by a waiver in force, and fails else. */
function violation(
  policy: Policy,
  rule: Rule,
  ruling: Ruling,
  waivers: readonly WaiverInForce[],
  nowMs: number,
  firstSeen: string | null,
): Verdict {
  const sinceMs = Math.min(ruling.sinceMs ?? nowMs, firstSeen === null ? nowMs : Date.parse(firstSeen))
  const violatedSince = instantOf(sinceMs)
  const graceEndMs = sinceMs + rule.graceMs
  if (nowMs < graceEndMs) {
    const graceUntil = instantOf(graceEndMs)
    return verdictOf(policy, rule, ruling, { outcome: 'Pass', violatedSince, graceUntil, untilMs: graceEndMs })
  }
  const [active] = waivers.filter(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs).sort(byEnd)
  let untilMs = active?.untilMs ?? Number.POSITIVE_INFINITY
  for (const { fromMs } of waivers) if (fromMs > nowMs && fromMs < untilMs) untilMs = fromMs
  return active
    ? verdictOf(policy, rule, ruling, { outcome: 'Waived', violatedSince, waiverId: active.waiver.id, untilMs })
    : verdictOf(policy, rule, ruling, { outcome: 'Fail', violatedSince, untilMs })
}

/** The longest first; of equals, the first by id. */
const byEnd = (a: WaiverInForce, b: WaiverInForce): number =>
  b.untilMs - a.untilMs || (a.waiver.id < b.waiver.id ? -1 : 1)

interface Decision {
  readonly outcome: Verdict['outcome']
  readonly violatedSince?: string | null
  readonly graceUntil?: string | null
  readonly waiverId?: string | null
  /** When grace or a waiver ends, in ms. */
  readonly untilMs?: number
}

function verdictOf(policy: Policy, rule: Rule, ruling: Ruling, decided: Decision): Verdict {
  const untilMs = Math.min(ruling.holdsUntilMs, decided.untilMs ?? Number.POSITIVE_INFINITY)
  return {
    policy: policy.name,
    policyVersion: policy.version,
    rule: rule.id,
    type: rule.type,
    severity: rule.severity,
    outcome: decided.outcome,
    message: ruling.message,
    evidence: ruling.evidence,
    violatedSince: decided.violatedSince ?? null,
    graceUntil: decided.graceUntil ?? null,
    waiverId: decided.waiverId ?? null,
    drift: null,
    holdsUntil: untilMs === Number.POSITIVE_INFINITY ? null : instantOf(untilMs),
  }
}

const instantOf = (ms: number): string => new Date(Math.min(ms, endOfTimeMs)).toISOString()
