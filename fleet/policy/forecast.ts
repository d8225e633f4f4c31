import { evaluate } from './evaluate.ts'
import type { Verdict } from './policy.ts'
import type { RulesInForce } from './rules-in-force.ts'
import type { Subject } from './subject.ts'
import { keyOfVerdict, type Memory } from './verdict-key.ts'

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
  violatedSince: Memory,
): Forecast {
  const before = evaluate(subject, rules, now, violatedSince)
  const outcomes = new Map(before.map((verdict) => [keyOfVerdict(verdict), verdict.outcome]))
  const turned = new Map<string, string>()
  const noteTurned = (verdicts: readonly Verdict[], then: Date) => {
    for (const verdict of verdicts) {
      const key = keyOfVerdict(verdict)
      if (outcomes.get(key) !== verdict.outcome && !turned.has(key)) turned.set(key, then.toISOString())
    }
  }
  // Of the future nobody has heard yet: what waits for somebody who is silent is foreseen as if all were heard.
  const heard = { ...subject, silent: [] }
  let after = subject.silent.length === 0 ? before : evaluate(heard, rules, now, violatedSince)
  noteTurned(after, now)
  for (let step = 1; step <= stepsMax; step++) {
    const next = firstOf(after)
    if (next === null || new Date(next) > at) break
    const then = step === stepsMax ? at : new Date(next)
    const since = new Map(after.map((verdict) => [keyOfVerdict(verdict), verdict.violatedSince]))
    after = evaluate(heard, rules, then, (key) => since.get(key) ?? null)
    noteTurned(after, then)
  }
  return { before, after, turns: before.flatMap((verdict) => turnOf(verdict, after, turned)) }
}

function turnOf(before: Verdict, verdicts: readonly Verdict[], turned: ReadonlyMap<string, string>): readonly Turn[] {
  const at = turned.get(keyOfVerdict(before))
  if (at === undefined) return []
  const after = verdicts.find((verdict) => keyOfVerdict(verdict) === keyOfVerdict(before))
  return after === undefined || after.outcome === before.outcome ? [] : [{ before, after, at }]
}

/** The earliest instant at which one of them is no longer sure. */
function firstOf(verdicts: readonly Verdict[]): string | null {
  let first: string | null = null
  for (const { holdsUntil } of verdicts)
    if (holdsUntil !== null && (first === null || holdsUntil < first)) first = holdsUntil
  return first
}
