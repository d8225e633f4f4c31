import { hash } from 'node:crypto'
import { getTableColumns } from 'drizzle-orm'
import { driftCodes } from '../../fleet/drift/code.ts'
import type { Cause, Evidence, Verdict } from '../../fleet/policy/policy.ts'
import type { RulesInForce } from '../../fleet/policy/rules-in-force.ts'
import type { Subject } from '../../fleet/policy/subject.ts'
import { keyOfVerdict } from '../../fleet/policy/verdict-key.ts'
import { uuidOf } from '../../fleet/reference.ts'
import type { ChangeRow } from '../ingest/change.ts'
import { type assessment, finding } from '../verdict-tables.ts'
import type { Digests } from './digest.ts'

export type FindingRow = typeof finding.$inferSelect

/** What else is another than when a cluster was judged last. */
export interface News {
  readonly first: boolean
  readonly facts: boolean
  /** The policies in force for it, or what the calendar says of it. */
  readonly rules: boolean
}

export function newsOf(before: typeof assessment.$inferSelect, digests: Digests): News {
  return {
    first: before.judgedAt === null,
    facts: before.factsDigest !== digests.factsDigest,
    rules: before.rulesDigest !== digests.rulesDigest,
  }
}

/** What a finding is looked at with. */
export interface Look {
  readonly news: News
  /** Those that ended lately among them. */
  readonly waivers: RulesInForce['waivers']
  readonly now: Date
}

/** A finding as its verdict makes it; its `since` and `cause` stay with its outcome. What the clock ends is looked at on time (`onTime`). */
export function findingRow(
  { clusterId, source, scope }: Pick<Subject, 'clusterId' | 'source' | 'scope'>,
  verdict: Verdict,
  before: FindingRow | null,
  look: Look,
): FindingRow {
  const { news, now } = look
  const { policy, policyVersion, rule, type, severity, outcome, message, evidence, waiverId, drift } = verdict
  const about = drift?.about ?? null
  const stays = before !== null && before.outcome === outcome
  return {
    // What moved to another home along with its cluster is another object there, and so another finding.
    id: before !== null && before.aboutId === (about?.id ?? null) ? before.id : findingIdOf(clusterId, verdict),
    sourceId: source,
    clusterId,
    policy,
    policyVersion,
    rule,
    type,
    severity,
    outcome,
    message,
    evidence,
    since: stays ? before.since : (expiredAt(before, look) ?? now),
    cause: stays ? before.cause : causeOf(verdict, before, news, now),
    violatedSince: instantOf(verdict.violatedSince),
    graceUntil: instantOf(verdict.graceUntil),
    waiverId,
    scope,
    code: drift?.code ?? null,
    dimension: drift === null ? null : driftCodes[drift.code].dimension,
    aboutId: about?.id ?? null,
    about: about?.ref ?? null,
    field: drift?.field ?? null,
    expected: drift?.expected ?? null,
    actual: drift?.actual ?? null,
    likely: drift?.likely ?? false,
    suppressedBy: drift?.suppressedBy ?? null,
    holdsUntil: instantOf(verdict.holdsUntil),
    judgedAt: now,
  }
}

/** When the waiver that excused what was stored ran out, whatever else is new. Null where there was none, or somebody ended it. */
function expiredAt(before: FindingRow | null, { waivers, now }: Look): Date | null {
  const ended = before?.holdsUntil ?? null
  if (before?.waiverId == null || ended === null || ended > now) return null
  const known = waivers.find(({ waiver }) => waiver.id === before.waiverId && waiver.revokedAt === null)
  const expiresAt = known?.waiver.expiresAt
  // What the waiver excused held until its answer ended: an earlier expiry was written into it afterwards.
  return expiresAt && expiresAt >= ended && expiresAt <= now ? expiresAt : null
}

/**
 * Why an outcome is new. What several things may have brought about is put down to the first of them, in this order. That is: the clock
 * alone did what is put down to it, for nobody knows what it would have done to facts and rules that are no more.
 */
function causeOf(verdict: Verdict, before: FindingRow | null, news: News, now: Date): Cause {
  if (before === null) return news.first || news.facts ? 'cluster' : 'policy'
  if (before.waiverId !== null || verdict.waiverId !== null) return 'waiver'
  if (news.facts) return 'cluster'
  if (news.rules) return 'policy'
  // No clock was to end it, but whoever was to tell whether it had ended.
  if (isHeld(before)) return 'cluster'
  // No digest moves when a region is read again that nobody could read.
  return before.holdsUntil !== null && before.holdsUntil <= now ? 'clock' : 'policy'
}

/** Tolerated past its grace, or to be, because somebody whom it rests on is not heard. */
const isHeld = ({ graceUntil, holdsUntil }: FindingRow): boolean =>
  graceUntil !== null && (holdsUntil === null || holdsUntil > graceUntil)

/** An object is what its id says. */
const notCompared: readonly string[] = ['judgedAt', 'evidence', 'about'] satisfies readonly (keyof FindingRow)[]
const compared = Object.keys(getTableColumns(finding)).filter((key) => !notCompared.includes(key))

/** Whether there is nothing to write: all is as it was but the time of the look. */
export function sameFinding(a: FindingRow, b: FindingRow): boolean {
  // The keys are the table's own.
  return compared.every((key) => sameCell(a[key as keyof FindingRow], b[key as keyof FindingRow])) && sameEvidence(a, b)
}

const sameCell = (a: unknown, b: unknown): boolean =>
  a === b || (a instanceof Date && b instanceof Date && a.getTime() === b.getTime())

/** PostgreSQL gives the keys of JSON back in an order of its own. */
function sameEvidence({ evidence: all }: FindingRow, { evidence: others }: FindingRow): boolean {
  return (
    all.length === others.length &&
    all.every((one, n) => {
      const other = others[n]
      return other !== undefined && evidenceKeys.every((key) => one[key] === other[key])
    })
  )
}

const evidenceKeys = ['field', 'expected', 'actual', 'from', 'asOf'] as const satisfies readonly (keyof Evidence)[]

/** The history of a finding that a reader would notice: null when neither outcome nor severity moved. */
export function changeOf(row: FindingRow, before: FindingRow | null, now: Date): ChangeRow | null {
  if (before && before.outcome === row.outcome && before.severity === row.severity) return null
  return { ...eventOf(row, now), what: before ? 'changed' : 'appeared', facts: factsOf(before, row) }
}

/** The end of a finding: its rule no longer applies, or its cluster is gone. */
export function endOf(before: FindingRow, cause: Cause, now: Date): ChangeRow {
  return { ...eventOf(before, now), what: 'gone', facts: { ...factsOf(before, null), cause: [before.cause, cause] } }
}

function eventOf({ id, sourceId, clusterId }: FindingRow, now: Date) {
  return { sourceId, subject: 'finding', subjectId: id, clusterId, observedAt: now, receivedAt: now } as const
}

/** Always all of them, so that the newest change before an instant says how a finding stood then. */
const reported = ['outcome', 'severity', 'cause', 'policy', 'rule'] as const satisfies readonly (keyof FindingRow)[]
/** Of drift, what the finding is about as well: in time nobody can look it up any more. */
const reportedOfDrift = [
  ...reported,
  'code',
  'aboutId',
  'about',
  'field',
] as const satisfies readonly (keyof FindingRow)[]

function factsOf(before: FindingRow | null, after: FindingRow | null): Record<string, readonly [unknown, unknown]> {
  const isDrift = (before ?? after)?.code != null
  const fields = isDrift ? reportedOfDrift : reported
  return Object.fromEntries(fields.map((field) => [field, [before?.[field] ?? null, after?.[field] ?? null]]))
}

/** One finding for one verdict on a cluster, whatever source holds it. */
const findingIdOf = (clusterId: string, verdict: Verdict): string =>
  uuidOf(hash('sha256', `finding\0${clusterId}\0${keyOfVerdict(verdict)}`, 'hex'))

const instantOf = (text: string | null): Date | null => (text === null ? null : new Date(text))
