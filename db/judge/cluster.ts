import { evaluate } from '../../fleet/policy/evaluate.ts'
import type { Cause } from '../../fleet/policy/policy.ts'
import { type RulesInForce, supportOfSubject } from '../../fleet/policy/rules-in-force.ts'
import type { Subject } from '../../fleet/policy/subject.ts'
import type { Support } from '../../fleet/support/calendar.ts'
import type { assessment } from '../verdict-tables.ts'
import type { Digests } from './digest.ts'
import { changeOf, endOf, type FindingRow, findingRow, newsOf, sameFinding } from './transition.ts'
import type { AssessmentRow, Judged } from './write.ts'

export type StoredAssessment = typeof assessment.$inferSelect

/** A cluster that somebody asked to judge again. */
export interface Due {
  readonly before: StoredAssessment
  /** Null: it is gone. */
  readonly subject: Subject | null
  readonly findings: readonly FindingRow[]
}

/** What one round of `judge` works by. */
export interface Round {
  readonly rules: RulesInForce
  readonly digestsOf: (subject: Subject) => Digests
  readonly now: Date
}

/** Judges one cluster and adds what differs from the stored to `judged`. A verdict that did not change writes nothing. */
export function judgeCluster({ before, subject, findings }: Due, round: Round, judged: Judged): void {
  const { assessments, dropped } = judged
  if (subject?.source !== before.sourceId) dropped.assessments.push(before)
  if (subject === null) {
    for (const finding of findings) end(finding, 'cluster', round.now, judged)
    return
  }
  const { rules, now } = round
  const digests = round.digestsOf(subject)
  const news = newsOf(before, digests)
  const look = { news, waivers: rules.waivers, now }
  const stored = new Map(findings.map((finding) => [keyOf(finding.policy, finding.rule), finding]))
  const violatedSince = (policy: string, rule: string) =>
    stored.get(keyOf(policy, rule))?.violatedSince?.toISOString() ?? null
  const support = supportOfSubject(subject, rules, now)
  const holds = [support.holdsUntil]
  for (const verdict of evaluate(subject, rules, now, violatedSince)) {
    const key = keyOf(verdict.policy, verdict.rule)
    const known = stored.get(key) ?? null
    stored.delete(key)
    holds.push(verdict.holdsUntil)
    const row = findingRow(subject, verdict, known, look)
    if (known && known.sourceId !== row.sourceId) dropped.findings.push(known)
    if (known && sameFinding(row, known)) continue
    judged.findings.push(row)
    const change = changeOf(row, known, now)
    if (change) judged.changes.push(change)
  }
  // What is left belongs to a policy, a rule or a selection that no longer is.
  for (const finding of stored.values()) end(finding, news.facts ? 'cluster' : 'policy', now, judged)
  assessments.push(assessmentRow(subject, support, earliestOf(holds), digests, now))
}

function end(finding: FindingRow, cause: Cause, now: Date, { dropped, changes }: Judged): void {
  dropped.findings.push(finding)
  changes.push(endOf(finding, cause, now))
}

const keyOf = (policy: string, rule: string): string => `${policy}\0${rule}`

function assessmentRow(
  { clusterId, source }: Subject,
  support: Support,
  dueAt: Date | null,
  digests: Digests,
  now: Date,
): AssessmentRow {
  const { holdsUntil: _, phaseBy: _phaseBy, standardBy: _standardBy, ...stored } = support
  const { source: calendarSource, asOf: calendarAsOf, upgradeTargets, ...told } = stored
  return {
    clusterId,
    sourceId: source,
    dueAt,
    ...digests,
    ...told,
    calendarSource,
    calendarAsOf,
    upgradeTargets: [...upgradeTargets],
    judgedAt: now,
  }
}

function earliestOf(instants: readonly (string | null)[]): Date | null {
  const times = instants.flatMap((instant) => (instant === null ? [] : [Date.parse(instant)]))
  return times.length === 0 ? null : new Date(Math.min(...times))
}
