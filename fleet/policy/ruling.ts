import type { Calendar, Support } from '../support/calendar.ts'
import type { Version } from '../version.ts'
import type { DriftVerdict, Evidence, Rule, RuleType, Severity } from './policy.ts'
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
  /** Of a rule over drift. */
  readonly drift?: DriftRuling
}

/** What a ruling on drift says of its own, where others go by their rule. */
interface DriftRuling {
  readonly said: DriftVerdict
  readonly severity: Severity
  readonly graceMs: number
  /** Since when something that it rests on is not heard, in ms; Infinity: all of it is. */
  readonly silentSinceMs: number
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

/** A rule that says one thing of a subject, ready to be asked. Pure. */
export type Judge = (subject: Subject, context: RuleContext) => Ruling

/** Any rule, ready to be asked: those over drift say one thing for each difference. Pure. */
export type Rulings = (subject: Subject, context: RuleContext) => readonly Ruling[]

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
