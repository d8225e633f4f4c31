import { sql } from 'drizzle-orm'
import { boolean, date, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { Dimension, DriftCode } from '../fleet/drift/code.ts'
import type { Cause, Evidence, Outcome, Policy, RuleType, Severity, Waiver } from '../fleet/policy/policy.ts'
import type { ObjectRef } from '../fleet/reference.ts'
import type {
  CalendarName,
  CalendarOrigin,
  RegionVersions,
  SupportPhase,
  SupportPlan,
} from '../fleet/support/calendar.ts'
import { instant } from './columns.ts'
import { findingKeyOf } from './order.ts'

// What the rules make of composed clusters (db/cluster-tables.ts), and what they judge by; the same rules for keys hold.

/** A day as `YYYY-MM-DD`. */
const day = (name: string) => date(name, { mode: 'string' })

/** What the rules say of a cluster as a whole, and when they must be asked again. One row per living cluster. */
export const assessment = pgTable(
  'assessment',
  {
    clusterId: uuid('cluster_id').notNull(),
    sourceId: text('source_id').notNull(),
    /** When the clock, or whoever changed facts, policies, calendar or waivers, asks for another look. Null: never by itself. */
    dueAt: instant('due_at'),
    /** Of the facts, and of the rules that judged them, at the last look: they tell why an answer changed. */
    factsDigest: uuid('facts_digest'),
    rulesDigest: uuid('rules_digest'),
    calendar: text('calendar').$type<CalendarName>(),
    minor: text('minor'),
    plan: text('plan').$type<SupportPlan>(),
    phase: text('phase').$type<SupportPhase>().notNull().default('Unknown'),
    reason: text('reason').notNull().default('NotJudged'),
    message: text('message').notNull().default(''),
    endsAt: day('ends_at'),
    standardEnd: day('standard_end'),
    extendedEnd: day('extended_end'),
    ltsOnly: boolean('lts_only').notNull().default(false),
    calendarSource: text('calendar_source'),
    calendarAsOf: day('calendar_as_of'),
    latestPatch: text('latest_patch'),
    upgradeTargets: text('upgrade_targets').array().notNull().default([]),
    judgedAt: instant('judged_at'),
  },
  (t) => [
    primaryKey({ columns: [t.clusterId, t.sourceId] }),
    index('assessment_by_due').on(t.dueAt).where(sql`due_at is not null`),
  ],
)

const listed = sql`code is not null and (outcome <> 'Pass' or violated_since is not null)`

/** One rule of one policy over one cluster; of drift, one for each difference. The id is derived from these. */
export const finding = pgTable(
  'finding',
  {
    id: uuid('id').notNull(),
    sourceId: text('source_id').notNull(),
    /** Of a management cluster itself: `sourceSubjectId`, which is no cluster's. */
    clusterId: uuid('cluster_id').notNull(),
    scope: text('scope').$type<'cluster' | 'source'>().notNull().default('cluster'),
    policy: text('policy').notNull(),
    policyVersion: text('policy_version').notNull(),
    rule: text('rule').notNull(),
    type: text('type').$type<RuleType>().notNull(),
    severity: text('severity').$type<Severity>().notNull(),
    outcome: text('outcome').$type<Outcome>().notNull(),
    message: text('message').notNull(),
    evidence: jsonb('evidence').$type<readonly Evidence[]>().notNull().default([]),
    /** When the outcome became what it is, and why. */
    since: instant('since').notNull(),
    cause: text('cause').$type<Cause>().notNull(),
    violatedSince: instant('violated_since'),
    graceUntil: instant('grace_until'),
    waiverId: uuid('waiver_id'),
    /** Of rules over drift; null for all others. */
    code: text('code').$type<DriftCode>(),
    dimension: text('dimension').$type<Dimension>(),
    /** What differs: the object, and which of its fields. Null: the cluster as a whole, or nothing differs. */
    aboutId: uuid('about_id'),
    about: jsonb('about').$type<ObjectRef>(),
    field: text('field'),
    expected: text('expected'),
    actual: text('actual'),
    likely: boolean('likely').notNull().default(false),
    suppressedBy: text('suppressed_by'),
    holdsUntil: instant('holds_until'),
    judgedAt: instant('judged_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.id, t.sourceId] }),
    index('finding_by_cluster').on(t.clusterId, t.policy, t.rule),
    index('finding_by_since').on(t.since, t.id),
    index('finding_by_severity').on(sql.raw(findingKeyOf('')), t.id),
    index('finding_by_policy').on(t.policy, t.rule, t.outcome),
    // What `drift` lists: clean findings of its rules are many times more.
    index('drift_by_code').on(t.code, t.since, t.id).where(listed),
    index('drift_by_since').on(t.since, t.id).where(listed),
    index('finding_by_about').on(t.aboutId).where(sql`about_id is not null`),
    index('finding_by_waiver').on(t.waiverId).where(sql`waiver_id is not null`),
  ],
)

/** The policies in force: stored, so that every instance judges by the same. Small: a Citus reference table. */
export const policy = pgTable('policy', {
  name: text('name').primaryKey(),
  position: integer('position').notNull(),
  version: text('version').notNull(),
  document: jsonb('document').$type<Policy>().notNull(),
  registeredAt: instant('registered_at').notNull(),
  removedAt: instant('removed_at'),
})

/** Who is excused from what. Never deleted: a revoked one says so. Small: a Citus reference table. */
export const waiver = pgTable('waiver', {
  id: uuid('id').primaryKey(),
  policy: text('policy'),
  rule: text('rule'),
  selector: jsonb('selector').$type<Waiver['selector']>().notNull(),
  owner: text('owner').notNull(),
  reason: text('reason').notNull(),
  approvedBy: text('approved_by'),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
  revokedAt: instant('revoked_at'),
  revokedBy: text('revoked_by'),
  origin: text('origin').$type<Waiver['origin']>().notNull(),
})

/** Promises of support, with who says so (fleet/support/calendar.ts). Small: a Citus reference table. */
export const supportCalendar = pgTable(
  'support_calendar',
  {
    calendar: text('calendar').$type<CalendarName>().notNull(),
    minor: text('minor').notNull(),
    plan: text('plan').$type<SupportPlan>().notNull(),
    origin: text('origin').$type<CalendarOrigin>().notNull(),
    /** '': everywhere. */
    region: text('region').notNull().default(''),
    availableAt: day('available_at'),
    endsAt: day('ends_at'),
    source: text('source').notNull(),
    asOf: day('as_of').notNull(),
  },
  (t) => [primaryKey({ columns: [t.calendar, t.minor, t.plan, t.origin, t.region] })],
)

/** What Azure offers in a region, as one subscription sees it. */
export const regionVersions = pgTable(
  'region_versions',
  {
    sourceId: text('source_id').notNull(),
    /** In lower case. */
    region: text('region').notNull(),
    minors: jsonb('minors').$type<RegionVersions['minors']>().notNull().default([]),
    readAt: instant('read_at'),
    attemptAt: instant('attempt_at').notNull(),
    troubleMessage: text('trouble_message'),
  },
  (t) => [primaryKey({ columns: [t.sourceId, t.region] })],
)

/** A managed cluster that somebody declares and Azure, asked for it by id, does not have. */
export const absence = pgTable(
  'absence',
  {
    sourceId: text('source_id').notNull(),
    /** In lower case. */
    armId: text('arm_id').notNull(),
    firstConfirmedAt: instant('first_confirmed_at').notNull(),
    lastConfirmedAt: instant('last_confirmed_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.sourceId, t.armId] }), index('absence_by_arm_id').on(t.armId)],
)
