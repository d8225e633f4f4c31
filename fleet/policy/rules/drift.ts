import type { Difference, Gap } from '../../drift/difference.ts'
import { armClusterKind, clusterKind, type KindKey, kindKeyOf, objectIdOf } from '../../reference.ts'
import { compileIgnore } from '../ignore.ts'
import type { DriftVerdict } from '../policy.ts'
import type { RuleOf, Ruling, Rulings } from '../ruling.ts'
import type { Subject } from '../subject.ts'

/**
 * One code of drift: a violation for every difference, an unknown where nobody can tell, and all is well where somebody looked and
 * found neither. What nobody looks at where the subject is, the rule says nothing of: silence is not cleanliness.
 */
export function drift(rule: RuleOf<'drift'>): Rulings {
  const { code } = rule
  const ignores = rule.ignore.map((ignore) => ({ id: ignore.id, ignores: compileIgnore(ignore) }))
  const clean = [wholeOf(rule, 'ok', { message: `looked at, and no ${code} was found`, evidence: [] })]
  return (subject, { now }) => {
    const { differences, gaps, looked } = subject.drift
    const rulings = distinct(differences.filter((each) => each.code === code)).map((difference) => {
      const suppressedBy = ignores.find((each) => each.ignores(subject, difference))?.id ?? null
      return rulingOn(rule, subject, difference, suppressedBy, now)
    })
    const gap = gaps.find((each) => each.code === code)
    if (gap) return [...rulings, wholeOf(rule, 'unknown', gap)]
    return rulings.length === 0 && looked.includes(code) ? clean : rulings
  }
}

/** The first of each object and field: a second one would be the same finding. */
function distinct(differences: readonly Difference[]): readonly Difference[] {
  if (differences.length < 2) return differences
  const first = new Map<string, Difference>()
  for (const each of differences) {
    const key = `${each.about?.id}\0${each.field}`
    if (!first.has(key)) first.set(key, each)
  }
  return [...first.values()]
}

function rulingOn(
  rule: RuleOf<'drift'>,
  subject: Subject,
  difference: Difference,
  suppressedBy: string | null,
  now: Date,
): Ruling {
  const { code, about, field, expected, actual, likely = false, message, evidence } = difference
  return {
    state: 'violated',
    message,
    evidence,
    sinceMs: beginningOf(difference),
    holdsUntilMs: endOf(difference, now),
    drift: {
      said: { code, about, field, expected, actual, likely, suppressedBy },
      severity: (rule.ownSeverity ? difference.severity : null) ?? rule.severity,
      graceMs: Math.max(rule.graceMs, difference.graceMs ?? 0),
      silentSinceMs: silentSince(subject, difference),
    },
  }
}

/** When the facts say that it began. Nothing that Rollcall reads is older than the clocks of Unix: such an instant is a zero that somebody wrote out. */
function beginningOf({ since }: Difference): number | null {
  const ms = since === undefined ? Number.NaN : Date.parse(since)
  return ms > 0 ? ms : null
}

/** When time alone ends it. Once that has passed, what is said of it waits for nothing but the facts to follow. */
function endOf({ until }: Difference, now: Date): number {
  const ms = until === undefined ? Number.NaN : Date.parse(until)
  return ms > now.getTime() ? ms : Number.POSITIVE_INFINITY
}

/** Since when somebody who would say that it ended is not heard, in ms; Infinity: all are. */
function silentSince(subject: Subject, difference: Difference): number {
  let first = Number.POSITIVE_INFINITY
  for (const { source, kind, since } of subject.silent) {
    const isInput = difference.evidence.some(
      ({ from }) => from === source && kind === kindOf(source, subject, difference),
    )
    if (isInput) first = Math.min(first, Date.parse(since))
  }
  return first
}

/** The kind that a source is asked for of a difference: the object's own where it holds the object, else its clusters. */
function kindOf(source: string, subject: Subject, { about }: Difference): KindKey {
  if (about !== null && about.id === objectIdOf(source, about.ref)) return kindKeyOf(about.ref)
  return source === subject.azure ? armClusterKind : clusterKind
}

/** Of the code as a whole, not of one difference. */
function wholeOf(
  rule: RuleOf<'drift'>,
  state: 'ok' | 'unknown',
  { message, evidence }: Pick<Gap, 'message' | 'evidence'>,
): Ruling {
  const { code, severity, graceMs } = rule
  const said: DriftVerdict = {
    ...{ code, about: null, field: null, expected: null, actual: null },
    ...{ likely: false, suppressedBy: null },
  }
  return {
    state,
    message,
    evidence,
    sinceMs: null,
    holdsUntilMs: Number.POSITIVE_INFINITY,
    drift: { said, severity, graceMs, silentSinceMs: Number.POSITIVE_INFINITY },
  }
}
