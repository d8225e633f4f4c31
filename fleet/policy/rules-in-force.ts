import type { Calendar, Support } from '../support/calendar.ts'
import { supportOf } from '../support/support.ts'
import { parseVersion, type Version } from '../version.ts'
import type { Policy, Rule, Waiver } from './policy.ts'
import { rulingsOf } from './rules.ts'
import type { Rulings } from './ruling.ts'
import { compileSelector, type Selects } from './selector.ts'
import type { Subject } from './subject.ts'

/** Everything that clusters are judged by, read once for many of them. */
export interface RulesInForce {
  readonly policies: readonly {
    readonly policy: Policy
    readonly selects: Selects
    readonly rules: readonly { readonly rule: Rule; readonly rulings: Rulings }[]
  }[]
  readonly waivers: readonly WaiverInForce[]
  readonly calendar: Calendar
  /** Answers of the calendar, by all it depends on but the clock: clusters of a fleet are much alike. */
  readonly supports: Map<string, KnownSupport>
}

export interface WaiverInForce {
  readonly waiver: Waiver
  readonly selects: Selects
  readonly fromMs: number
  /** Expiry or revocation, whichever is first. */
  readonly untilMs: number
}

/** An answer, and the instants for which it is true. */
interface KnownSupport {
  readonly support: Support
  readonly fromMs: number
  readonly untilMs: number
}

/**
 * Reads policies and waivers once. Their order decides only the order of verdicts.
 * @throws FleetError invalid where a label selector cannot be read.
 */
export function compileRules(
  policies: readonly Policy[],
  waivers: readonly Waiver[],
  calendar: Calendar,
): RulesInForce {
  return {
    policies: policies.map((policy) => ({
      policy,
      selects: compileSelector(policy.selector),
      rules: policy.rules.map((rule) => ({ rule, rulings: rulingsOf(rule) })),
    })),
    waivers: waivers.map((waiver) => ({
      waiver,
      selects: compileSelector(waiver.selector),
      fromMs: waiver.createdAt.getTime(),
      untilMs: Math.min(waiver.expiresAt.getTime(), waiver.revokedAt?.getTime() ?? Number.POSITIVE_INFINITY),
    })),
    calendar,
    supports: new Map(),
  }
}

/** What runs; null where that is not known. */
export const versionOf = ({ versionObserved }: Subject): Version | null =>
  versionObserved === null ? null : parseVersion(versionObserved)

/** Support of a subject's version: what `supportWindow` judges by, and what the cluster itself shows. */
export function supportOfSubject(subject: Subject, { calendar, supports }: RulesInForce, now: Date): Support {
  const { provider, region, versionObserved, supportPlan, tier } = subject
  const key = JSON.stringify([provider, region, versionObserved, supportPlan, tier])
  const known = supports.get(key)
  const nowMs = now.getTime()
  if (known && known.fromMs <= nowMs && nowMs < known.untilMs) return known.support
  const support = supportOf({ provider, region, version: versionOf(subject), supportPlan, tier }, calendar, now)
  const untilMs = support.holdsUntil === null ? Number.POSITIVE_INFINITY : Date.parse(support.holdsUntil)
  supports.set(key, { support, fromMs: nowMs, untilMs })
  return support
}
