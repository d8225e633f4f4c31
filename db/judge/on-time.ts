import { evaluate } from '../../fleet/policy/evaluate.ts'
import type { RulesInForce } from '../../fleet/policy/rules-in-force.ts'
import type { Subject } from '../../fleet/policy/subject.ts'
import { keyOfVerdict } from '../../fleet/policy/verdict-key.ts'
import { type FindingRow, findingRow, type Look } from './transition.ts'

/** Findings of one cluster, by the keys of their verdicts. */
export type Findings = ReadonlyMap<string, FindingRow>

/** Instants between two looks at a cluster: years do not bring as many (`foresee` takes no more either). */
const turnsMax = 200

/**
 * Stored findings as they stand at `now` where only the clock moved since: each is judged at every instant until which it held, so that
 * nothing said of it tells when somebody came to look. Not for a cluster of which facts or rules are others: what these said then, nobody
 * knows any more.
 */
export function onTime(stored: Findings, subject: Subject, rules: RulesInForce, look: Look): Findings {
  let findings = stored
  for (let turn = 0; turn < turnsMax; turn++) {
    const at = firstEnd(findings)
    if (at === null || at > look.now) return findings
    findings = turned(findings, subject, rules, { ...look, now: at })
  }
  return findings
}

/** Only what had come to its end: all else may have news of which no digest tells, and waits for the look. */
function turned(findings: Findings, subject: Subject, rules: RulesInForce, look: Look): Findings {
  const isOver = ({ holdsUntil }: FindingRow) => holdsUntil !== null && holdsUntil <= look.now
  const next = new Map([...findings].filter(([, finding]) => !isOver(finding)))
  for (const verdict of evaluate(subject, rules, look.now, memoryOf(findings))) {
    const key = keyOfVerdict(verdict)
    const known = findings.get(key)
    if (known && isOver(known)) next.set(key, findingRow(subject, verdict, known, look))
  }
  return next
}

/** Since when each of them is violated. */
export const memoryOf =
  (findings: Findings) =>
  (key: string): string | null =>
    findings.get(key)?.violatedSince?.toISOString() ?? null

function firstEnd(findings: Findings): Date | null {
  let first: Date | null = null
  for (const { holdsUntil } of findings.values())
    if (holdsUntil !== null && (first === null || holdsUntil < first)) first = holdsUntil
  return first
}
