import { sql } from 'drizzle-orm'
import { bigint, boolean, index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { DriftCode } from '../fleet/drift/code.ts'
import type { Difference, Gap } from '../fleet/drift/difference.ts'
import type { GitopsTool, Pause } from '../fleet/gitops.ts'
import type { KindKey } from '../fleet/reference.ts'
import { instant } from './columns.ts'
import { lagKeyOf } from './order.ts'

// What `settle` makes of what reconciles, and of what differs; the same rules for keys hold as in db/tables.ts.

/** How a cluster, or a management cluster itself, differs from what was declared of it: facts, which rules turn into findings. */
export const drift = pgTable(
  'drift',
  {
    /** A cluster's id, or `sourceSubjectId` of a management cluster. */
    subjectId: uuid('subject_id').notNull(),
    sourceId: text('source_id').notNull(),
    scope: text('scope').$type<'cluster' | 'source'>().notNull(),
    differences: jsonb('differences').$type<readonly Difference[]>().notNull().default([]),
    gaps: jsonb('gaps').$type<readonly Gap[]>().notNull().default([]),
    looked: text('looked').array().$type<DriftCode[]>().notNull().default([]),
    /** When the clock alone changes it. Null: never. */
    holdsUntil: instant('holds_until'),
    composedAt: instant('composed_at').notNull(),
    /** Over what is above: equal digests mean nothing to write. */
    digest: uuid('digest').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.subjectId, t.sourceId] }),
    index('drift_by_holds_until').on(t.holdsUntil).where(sql`holds_until is not null`),
  ],
)

/**
 * Clusters that objects of a source belong to, and that no Cluster object stands for: it is gone or was never there, or merely some
 * reconciler speaks of it. What becomes of those objects is the management cluster's own drift.
 */
export const stray = pgTable(
  'stray',
  {
    sourceId: text('source_id').notNull(),
    clusterId: uuid('cluster_id').notNull(),
  },
  (t) => [primaryKey({ columns: [t.clusterId, t.sourceId] }), index('stray_by_source').on(t.sourceId)],
)

/** Objects that apply something from Git, with what they apply from and the cluster they act on. One row per living reconciler. */
export const gitops = pgTable(
  'gitops',
  {
    /** The object's. */
    id: uuid('id').notNull(),
    sourceId: text('source_id').notNull(),
    /** Null: it acts on the management cluster itself, or on nothing we know. */
    clusterId: uuid('cluster_id'),
    kind: text('kind').$type<KindKey>().notNull(),
    namespace: text('namespace').notNull(),
    name: text('name').notNull(),
    tool: text('tool').$type<GitopsTool>().notNull(),
    app: text('app').notNull(),
    ready: text('ready').$type<'True' | 'False' | 'Unknown'>(),
    reason: text('reason'),
    message: text('message'),
    suspended: boolean('suspended').notNull(),
    pause: jsonb('pause').$type<Pause>(),
    expectedRevision: text('expected_revision'),
    expectedAt: instant('expected_at'),
    attemptedRevision: text('attempted_revision'),
    appliedRevision: text('applied_revision'),
    appliedAt: instant('applied_at'),
    behind: boolean('behind'),
    /** When its source first offered something else than it has applied: a later push does not make it less behind. */
    behindSince: instant('behind_since'),
    intervalMs: bigint('interval_ms', { mode: 'number' }),
    repository: text('repository'),
    path: text('path'),
    chart: text('chart'),
    version: text('version'),
    appliesFromId: uuid('applies_from_id'),
    composedAt: instant('composed_at').notNull(),
    /** Over all of it: equal digests mean nothing to write. */
    digest: uuid('digest').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.id, t.sourceId] }),
    index('gitops_by_name').on(t.name, t.id),
    index('gitops_by_cluster').on(t.clusterId).where(sql`cluster_id is not null`),
    index('gitops_by_lag').on(sql.raw(lagKeyOf('')), t.id),
    index('gitops_by_applies_from').on(t.appliesFromId).where(sql`applies_from_id is not null`),
    index('gitops_of_source').on(t.sourceId).where(sql`cluster_id is null`),
    index('gitops_by_app').on(t.app),
  ],
)

/** What operators say of destinations that no API resolves: which cluster they are. Small: a Citus reference table. */
export const destination = pgTable(
  'destination',
  {
    /** `Facts.actsAt`, as `name:prod-weu-1`. */
    actsAt: text('acts_at').notNull(),
    /** '': whatever source says so. */
    sourceId: text('source_id').notNull().default(''),
    /** The claim of the cluster it is (db/claim.ts). */
    claim: text('claim').notNull(),
  },
  (t) => [primaryKey({ columns: [t.actsAt, t.sourceId] })],
)
