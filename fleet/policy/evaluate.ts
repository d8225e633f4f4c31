import type { Policy, Rule, Verdict, Waiver } from './policy.ts'
import { type RulesInForce, supportOfSubject, versionOf, type WaiverInForce } from './rules-in-force.ts'
import type { RuleContext, Ruling } from './ruling.ts'
import type { Subject } from './subject.ts'
import { type Memory, verdictKey } from './verdict-key.ts'

/** The last day that RFC 3339 and every database can write. */
const endOfTimeMs = Date.UTC(9999, 11, 31)

/**
 * One verdict for every policy that selects the subject and every rule of it that applies; of a rule over drift, one for each
 * difference. Pure: the same facts, rules and clock give the same verdicts, and until the earliest `holdsUntil` any later clock gives
 * them too. `violatedSince` gives back the verdict's own of last time: a violation began at its first sight, or before it where the
 * facts date it. A forecast is the same with a later `now`.
 */
export function evaluate(subject: Subject, rules: RulesInForce, now: Date, violatedSince: Memory): readonly Verdict[] {
  const context: RuleContext = {
    calendar: rules.calendar,
    now,
    version: versionOf(subject),
    support: (running) =>
      supportOfSubject(running === undefined ? subject : { ...subject, versionObserved: running }, rules, now),
  }
  let waivers: readonly WaiverInForce[] | undefined
  const verdictOn = (policy: Policy, rule: Rule, ruling: Ruling): Verdict => {
    if (ruling.state === 'ok') return verdictOf(policy, rule, ruling, { outcome: 'Pass' })
    const said = ruling.drift?.said
    const firstSeen = violatedSince(verdictKey(policy.name, rule.id, said?.about?.id ?? null, said?.field ?? null))
    // A gap in what is known neither ends a violation nor begins its grace anew.
    if (ruling.state === 'unknown')
      return verdictOf(policy, rule, ruling, { outcome: 'Unknown', violatedSince: firstSeen })
    waivers ??= rules.waivers.filter((waiver) => waiver.selects(subject))
    const about = waivers.filter(({ waiver }) => concerns(waiver, policy, rule))
    return violation(policy, rule, ruling, about, now.getTime(), firstSeen)
  }
  const verdicts: Verdict[] = []
  for (const { policy, selects, rules: each } of rules.policies) {
    if (!selects(subject)) continue
    for (const { rule, rulings } of each) {
      // A management cluster itself is no cluster whose version, pools or owner anybody asks for.
      if (subject.scope === 'source' && rule.type !== 'drift') continue
      for (const ruling of rulings(subject, context))
        if (ruling.state !== 'notApplicable') verdicts.push(verdictOn(policy, rule, ruling))
    }
  }
  return verdicts
}

const concerns = (waiver: Waiver, policy: Policy, rule: Rule): boolean =>
  (waiver.policy === null || waiver.policy === policy.name) && (waiver.rule === null || waiver.rule === rule.id)

/**
 * A violation that somebody ignores for good is waived; else it passes within its grace, and beyond it where nobody could see it end,
 * is excused by a waiver in force, or fails.
 */
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
  if (ruling.drift?.said.suppressedBy != null)
    return verdictOf(policy, rule, ruling, { outcome: 'Waived', violatedSince })
  const { graceMs } = ruling.drift ?? rule
  const graceEndMs = sinceMs + graceMs
  const graceUntil = instantOf(graceEndMs)
  // It may have ended in time, unseen: the clock proves nothing until what it rests on is heard again (design.md part 11).
  if (graceMs > 0 && (ruling.drift?.silentSinceMs ?? Number.POSITIVE_INFINITY) <= graceEndMs)
    return verdictOf(policy, rule, ruling, { outcome: 'Pass', violatedSince, graceUntil })
  if (nowMs < graceEndMs)
    return verdictOf(policy, rule, ruling, { outcome: 'Pass', violatedSince, graceUntil, untilMs: graceEndMs })
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
    severity: (ruling.drift ?? rule).severity,
    outcome: decided.outcome,
    message: ruling.message,
    evidence: ruling.evidence,
    violatedSince: decided.violatedSince ?? null,
    graceUntil: decided.graceUntil ?? null,
    waiverId: decided.waiverId ?? null,
    drift: ruling.drift?.said ?? null,
    holdsUntil: untilMs === Number.POSITIVE_INFINITY ? null : instantOf(untilMs),
  }
}

const instantOf = (ms: number): string => new Date(Math.min(ms, endOfTimeMs)).toISOString()
