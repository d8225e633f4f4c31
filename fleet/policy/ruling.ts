import type { Calendar, Support } from '../support/calendar.ts'
import type { Version } from '../version.ts'
import type { Evidence, Rule, RuleType } from './policy.ts'
import type { Subject } from './subject.ts'

/** What one rule says of one subject at one instant, before grace and waivers. */
export interface Ruling {
  /** `notApplicable` makes no finding; `unknown` is for a fact that the rule needs and nobody knows. */
  readonly state: 'ok' | 'violated' | 'unknown' | 'notApplicable'
  /** One sentence for a person; the same for as long as the ruling holds. */
  readonly message: string
  readonly evidence: readonly Evidence[]
  /** When the violation began, in ms, where the facts date it; not after now. */
  readonly sinceMs: number | null
  /** When the clock alone makes this another ruling, in ms; Infinity: never. */
  readonly holdsUntilMs: number
}

/** What rules know beside the subject. */
export interface RuleContext {
  readonly calendar: Calendar
  readonly now: Date
  /** What runs; null where that is not known. */
  readonly version: Version | null
  /** Of the version the subject runs, or of another one that runs on it. */
  readonly support: (running?: string) => Support
}

/** A rule, ready to be asked. Pure. */
export type Judge = (subject: Subject, context: RuleContext) => Ruling

export type RuleOf<Type extends RuleType> = Extract<Rule, { readonly type: Type }>

/** A ruling that no clock changes. */
export const lasting = (state: Ruling['state'], message: string, evidence: readonly Evidence[] = []): Ruling => ({
  state,
  message,
  evidence,
  sinceMs: null,
  holdsUntilMs: Number.POSITIVE_INFINITY,
})

type Fact = (subject: Subject, field: string, actual: string | null, expected?: string | null) => Evidence

/** Evidence as fresh as the cluster itself. */
export const fact: Fact = (subject, field, actual, expected = null) => ({
  field,
  expected,
  actual,
  from: subject.source,
  asOf: null,
})

/** Evidence that Azure gives first where it testifies (fleet/composition/facts.ts). */
export const runningFact: Fact = (subject, ...told) => ({
  ...fact(subject, ...told),
  from: subject.azure ?? subject.source,
})
