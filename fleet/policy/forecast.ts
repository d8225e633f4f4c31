import { evaluate } from './evaluate.ts'
import type { Verdict } from './policy.ts'
import type { RulesInForce } from './rules-in-force.ts'
import type { Subject } from './subject.ts'

/** A verdict that the clock alone turns into another. */
export interface Turn {
  readonly before: Verdict
  readonly after: Verdict
  /** RFC 3339; when its outcome first is another than before. */
  readonly at: string
}

export interface Forecast {
  readonly before: readonly Verdict[]
  readonly after: readonly Verdict[]
  readonly turns: readonly Turn[]
}

/** More than a cluster can take within years: leads, ends, graces, waivers, and the images of its pools one by one. */
const stepsMax = 200

/**
 * What the same rules will say of the same facts at `at`, as if they were judged at every instant at which the clock changes
 * something on the way: a violation that begins on the way has its grace from then on. Pure. `rules` are to foresee
 * (`Calendar.foreseenFrom`); `violatedSince` is that of `evaluate`.
 */
export function foresee(
  subject: Subject,
  rules: RulesInForce,
  { now, at }: { readonly now: Date; readonly at: Date },
  violatedSince: (policy: string, rule: string) => string | null,
): Forecast {
  const before = evaluate(subject, rules, now, violatedSince)
  const outcomes = new Map(before.map((verdict) => [keyOf(verdict), verdict.outcome]))
  const turned = new Map<string, string>()
  let after = before
  for (let step = 1; step <= stepsMax; step++) {
    const next = firstOf(after)
    if (next === null || new Date(next) > at) break
    const then = step === stepsMax ? at : new Date(next)
    const since = new Map(after.map((verdict) => [keyOf(verdict), verdict.violatedSince]))
    after = evaluate(subject, rules, then, (policy, rule) => since.get(keyOf({ policy, rule })) ?? null)
    for (const verdict of after) {
      const key = keyOf(verdict)
      if (outcomes.get(key) !== verdict.outcome && !turned.has(key)) turned.set(key, then.toISOString())
    }
  }
  return { before, after, turns: before.flatMap((verdict) => turnOf(verdict, after, turned)) }
}

function turnOf(before: Verdict, verdicts: readonly Verdict[], turned: ReadonlyMap<string, string>): readonly Turn[] {
  const at = turned.get(keyOf(before))
  if (at === undefined) return []
  const after = verdicts.find((verdict) => keyOf(verdict) === keyOf(before))
  return after === undefined || after.outcome === before.outcome ? [] : [{ before, after, at }]
}

const keyOf = ({ policy, rule }: Pick<Verdict, 'policy' | 'rule'>): string => `${policy}\0${rule}`

/** The earliest instant at which one of them is no longer sure. */
function firstOf(verdicts: readonly Verdict[]): string | null {
  let first: string | null = null
  for (const { holdsUntil } of verdicts)
    if (holdsUntil !== null && (first === null || holdsUntil < first)) first = holdsUntil
  return first
}
