import { evaluate } from '../../fleet/policy/evaluate.ts'
import type { Cause } from '../../fleet/policy/policy.ts'
import { type RulesInForce, supportOfSubject } from '../../fleet/policy/rules-in-force.ts'
import type { Subject } from '../../fleet/policy/subject.ts'
import { keyOfVerdict, verdictKey } from '../../fleet/policy/verdict-key.ts'
import { objectIdOf } from '../../fleet/reference.ts'
import type { Support } from '../../fleet/support/calendar.ts'
import type { assessment } from '../verdict-tables.ts'
import type { Digests } from './digest.ts'
import { type Findings, memoryOf, onTime } from './on-time.ts'
import { changeOf, endOf, type FindingRow, findingRow, newsOf, sameFinding } from './transition.ts'
import type { AssessmentRow, Judged } from './write.ts'

export type StoredAssessment = typeof assessment.$inferSelect

/** A cluster, or a management cluster itself, that somebody asked to judge again. */
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
  const stored = byVerdict(findings, subject)
  const isNew = news.first || news.facts || news.rules
  const current = isNew ? stored : onTime(stored, subject, rules, look)
  const left = new Map(stored)
  const support = supportOfSubject(subject, rules, now)
  const holds = [support.holdsUntil]
  for (const verdict of evaluate(subject, rules, now, memoryOf(current))) {
    const key = keyOfVerdict(verdict)
    const known = stored.get(key) ?? null
    left.delete(key)
    holds.push(verdict.holdsUntil)
    const row = findingRow(subject, verdict, current.get(key) ?? null, look)
    if (known && known.id !== row.id) end(known, 'cluster', now, judged)
    else if (known && known.sourceId !== row.sourceId) dropped.findings.push(known)
    if (known && sameFinding(row, known)) continue
    judged.findings.push(row)
    const change = changeOf(row, known?.id === row.id ? known : null, now)
    if (change) judged.changes.push(change)
  }
  // What is left belongs to a difference, a policy, a rule or a selection that no longer is.
  for (const finding of left.values()) end(finding, news.facts ? 'cluster' : 'policy', now, judged)
  assessments.push(assessmentRow(subject, support, earliestOf(holds), digests, now))
}

function end(finding: FindingRow, cause: Cause, now: Date, { dropped, changes }: Judged): void {
  dropped.findings.push(finding)
  changes.push(endOf(finding, cause, now))
}

/**
 * Findings by the keys of the verdicts that they are the last of. An object of a cluster's home is at another one the same by its
 * name: its violations go on there.
 */
function byVerdict(findings: readonly FindingRow[], { source }: Subject): Findings {
  const keyOf = ({ policy, rule, field }: FindingRow, aboutId: string | null) =>
    verdictKey(policy, rule, aboutId, field)
  const found = new Map(findings.map((finding) => [keyOf(finding, finding.aboutId), finding]))
  for (const finding of findings) {
    const { about, aboutId, sourceId } = finding
    if (about === null || sourceId === source || aboutId !== objectIdOf(sourceId, about)) continue
    const there = keyOf(finding, objectIdOf(source, about))
    if (found.has(there)) continue
    found.delete(keyOf(finding, aboutId))
    found.set(there, finding)
  }
  return found
}

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
