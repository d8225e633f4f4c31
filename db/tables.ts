import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { Reading as Extent } from '../fleet/composition/surroundings.ts'
import type { TroubleCode } from '../fleet/delivery.ts'
import type { Reading } from '../fleet/health.ts'
import type { ConditionStatus, Facts, Rejection } from '../fleet/observation.ts'
import { clusterKind, type KindKey } from '../fleet/reference.ts'
import type { SourceDeclaration } from '../fleet/source.ts'
import { healthColumns, instant, labels, replicaColumns, versionColumns } from './columns.ts'

// What is observed; what is composed from it is in db/cluster-tables.ts.
// Every key carries `source_id`, so that the tables can be distributed by it (design.md part 3, Citus). The id comes first in the
// object keys, because it is derived from the source anyway and `node(id)` then needs no second index.
// No foreign keys: what an object belongs to may arrive after it, and every check would be paid per row written.

/** What Rollcall reads: a management cluster or an Azure subscription. Kept when it leaves the fleet file (`removedAt`). */
export const source = pgTable(
  'source',
  {
    id: text('id').primaryKey(),
    type: text('type').$type<SourceDeclaration['type']>().notNull(),
    /** The source that reads this one along with itself, or found it; null: the fleet file names it. */
    parentId: text('parent_id'),
    /** False: it is read by its parent's polls. */
    polled: boolean('polled').notNull().default(true),
    /** Where Azure knows it: a subscription, or the managed cluster behind a management cluster. */
    armId: text('arm_id'),
    region: text('region'),
    labels: labels('labels'),
    everyMs: integer('every_ms').notNull(),
    staleAfterMs: bigint('stale_after_ms', { mode: 'number' }).notNull(),
    /** UID of the server's `kube-system` namespace: what the source is pinned to. */
    serverUid: text('server_uid'),
    serverVersion: text('server_version'),
    /** When the server last said what it serves (`reading` says what); null: it must be asked anew. */
    discoveredAt: instant('discovered_at'),
    discoveryEtag: text('discovery_etag'),
    /** What it was asked for: another release may look for other kinds, or prefer other versions. */
    discoveryAsked: text('discovery_asked'),
    /** By which kinds, conventions and rules its clusters were last composed (db/basis.ts); null: by an earlier release's. */
    composedBy: text('composed_by'),
    registeredAt: instant('registered_at').notNull(),
    removedAt: instant('removed_at'),
    lastAttemptAt: instant('last_attempt_at'),
    lastSuccessAt: instant('last_success_at'),
    troubleCode: text('trouble_code').$type<TroubleCode>(),
    troubleMessage: text('trouble_message'),
    troubleAt: instant('trouble_at'),
    consecutiveFailures: integer('consecutive_failures').notNull().default(0),
    dueAt: instant('due_at').notNull(),
    /** Back-off, Retry-After or an open circuit: not before this instant, whatever `dueAt` says. */
    notBefore: instant('not_before'),
    enqueuedAt: instant('enqueued_at'),
    leaseHolder: text('lease_holder'),
    leaseUntil: instant('lease_until'),
  },
  (t) => [
    // Two sources must not read one server: every object of it would be counted twice.
    uniqueIndex('source_server_uid').on(t.serverUid).where(sql`removed_at is null`),
  ],
)

/** How far one kind of one source has been read, and what stood in the way. */
export const reading = pgTable(
  'reading',
  {
    sourceId: text('source_id').notNull(),
    kind: text('kind').$type<KindKey>().notNull(),
    version: text('version'),
    /** Other served versions that would do where a conversion webhook fails. */
    otherVersions: text('other_versions').array().notNull().default(sql`'{}'`),
    plural: text('plural'),
    namespaced: boolean('namespaced'),
    cursor: text('cursor'),
    caughtUpAt: instant('caught_up_at'),
    /** The instant the last complete LIST speaks of; what is older than this is late. */
    verifiedAt: instant('verified_at'),
    lastAttemptAt: instant('last_attempt_at'),
    lastSuccessAt: instant('last_success_at'),
    troubleCode: text('trouble_code').$type<TroubleCode>(),
    troubleMessage: text('trouble_message'),
    troubleAt: instant('trouble_at'),
    /** What could not be read, `rejectedShown` of them; `rejectedCount` counts all. */
    rejected: jsonb('rejected').$type<readonly Rejection[]>().notNull().default([]),
    rejectedCount: integer('rejected_count').notNull().default(0),
    // The open run: a LIST that a later invocation takes up.
    runId: text('run_id'),
    runStartedAt: instant('run_started_at'),
    runToken: text('run_token'),
    runLimit: integer('run_limit'),
    /** Pages committed so far, from 0. */
    runPage: integer('run_page'),
    /** False once a page held something that does not even say who it is: its absence cannot be told. */
    runProves: boolean('run_proves'),
    /** What `settle` last told the clusters about this kind: silent for longer than the source's limit. */
    stale: boolean('stale').notNull().default(false),
    /** Of the prints of all living objects, for senders to compare; null: something changed since it was made. */
    printDigest: text('print_digest'),
    /** What `settle` last told them of how far the kind can be read at all, or of Cluster objects that they no longer can; null: not installed. */
    told: text('told').$type<Extent | 'troubled'>(),
    /** Kinds that objects of this one have relied on (`object.relies_on`); only ever added to. */
    reliesOn: text('relies_on').array().$type<KindKey[]>().notNull().default([]),
    /** Of the Cluster kind: when `settle` first made clusters of all that it says. Until then they are not reported. */
    composedAt: instant('composed_at'),
  },
  (t) => [primaryKey({ columns: [t.sourceId, t.kind] })],
)

/** Which objects an open LIST has named: one row per page. Emptied by the END. */
export const sighting = pgTable(
  'sighting',
  {
    sourceId: text('source_id').notNull(),
    kind: text('kind').$type<KindKey>().notNull(),
    runId: text('run_id').notNull(),
    page: integer('page').notNull(),
    ids: uuid('ids').array().notNull(),
  },
  (t) => [primaryKey({ columns: [t.sourceId, t.kind, t.runId, t.page] })],
)

/** One row per observed object. */
export const object = pgTable(
  'object',
  {
    sourceId: text('source_id').notNull(),
    id: uuid('id').notNull(),
    kind: text('kind').$type<KindKey>().notNull(),
    namespace: text('namespace').notNull(),
    name: text('name').notNull(),
    apiVersion: text('api_version').notNull(),
    uid: text('uid'),
    generation: bigint('generation', { mode: 'number' }),
    observedGeneration: bigint('observed_generation', { mode: 'number' }),
    labels: labels('labels'),
    /** The Cluster API cluster it belongs to, its own word or its ancestor's. */
    ownerNamespace: text('owner_namespace'),
    ownerName: text('owner_name'),
    /** False: the owner, if any, is the ancestor's, and follows it. */
    ownerNamed: boolean('owner_named').notNull(),
    parentId: uuid('parent_id'),
    clusterId: uuid('cluster_id'),
    ...healthColumns,
    /** The clock-free reading, kept only where the clock or relatives can change the answer. */
    reading: jsonb('reading').$type<Reading>(),
    generationSeenAt: instant('generation_seen_at').notNull(),
    shortSince: instant('short_since'),
    ...versionColumns,
    ...replicaColumns,
    revisionDesired: text('revision_desired'),
    revisionAttempted: text('revision_attempted'),
    revisionApplied: text('revision_applied'),
    /** When the applied revision became what it is: by the object's word, else our first sight. */
    revisionSince: instant('revision_since'),
    /** Since when it is paused or suspended by its own word; our first sight where it does not tell. Null: it is not. */
    pausedSince: instant('paused_since'),
    /** `Facts.actsAt`, as `server:10.0.0.4:6443`: which cluster that is, `settle` finds out (db/settle/destination.ts). */
    actsAt: text('acts_at'),
    /** Objects of the same source whose change may make this one drift; first what it applies from. */
    reliesOn: uuid('relies_on').array(),
    /** What has no column of its own: `Facts` without versions, replicas and revision. */
    facts: jsonb('facts').$type<Facts>().notNull().default({}),
    createdAt: instant('created_at'),
    deletingSince: instant('deleting_since'),
    changedAt: instant('changed_at'),
    /** When the source's answer behind the present content was true. */
    observedAt: instant('observed_at').notNull(),
    receivedAt: instant('received_at').notNull(),
    /** When it was last read, where newer readings of its kind could not read it; null: with the last reading of its kind. */
    lastReadAt: instant('last_read_at'),
    goneAt: instant('gone_at'),
    digest: uuid('digest').notNull(),
    /** Which wire object the present content was read from (fleet/imprint.ts); null when it must be read again. */
    imprint: uuid('imprint'),
    /** The same for a sender and the store alike (fleet/push/print.ts): what they compare. Of what was never pushed it may be old. */
    print: uuid('print'),
  },
  (t) => [
    primaryKey({ columns: [t.id, t.sourceId] }),
    // A kind of a source: tombstones at the END of a LIST, kinds that turn stale. Few distinct keys, so that it costs next to nothing.
    index('object_by_kind').on(t.sourceId, t.kind),
    // The order of `resources`.
    index('object_by_name').on(t.name, t.id),
    index('object_by_cluster').on(t.clusterId).where(sql`cluster_id is not null`),
    // Children that follow their parent's owner; most objects name their cluster themselves and cost nothing here.
    index('object_by_parent').on(t.parentId).where(sql`parent_id is not null and not owner_named`),
    // Every delivery of changed objects asks it for hundreds of ids at once: a list of pending entries would be read through each time.
    index('object_by_relied').using('gin', t.reliesOn).with({ fastupdate: false }).where(sql`relies_on is not null`),
    index('object_by_acts_at').on(t.sourceId, t.actsAt).where(sql`acts_at is not null`),
    // What belongs to no cluster, and Cluster objects that are gone: what `settle` makes of a management cluster itself.
    index('object_unclaimed').on(t.sourceId).where(sql`cluster_id is null and gone_at is null`),
    index('object_gone_cluster')
      .on(t.sourceId, t.goneAt)
      .where(sql.raw(`kind = '${clusterKind}' and gone_at is not null`)),
    index('object_remediated').on(t.clusterId).where(sql`facts ? 'remediation'`),
    index('object_by_paused').on(t.pausedSince, t.id).where(sql`paused_since is not null and gone_at is null`),
    index('object_unread').on(t.sourceId, t.kind).where(sql`last_read_at is not null`),
    index('object_by_holds_until').on(t.holdsUntil).where(sql`holds_until is not null and gone_at is null`),
  ],
)

/** Kubernetes conditions. The key has `legacy`, because v1beta1 and v1beta2 sets of one object share type names (domain.md 3.1). */
export const condition = pgTable(
  'condition',
  {
    sourceId: text('source_id').notNull(),
    objectId: uuid('object_id').notNull(),
    type: text('type').notNull(),
    legacy: boolean('legacy').notNull(),
    status: text('status').$type<ConditionStatus>().notNull(),
    reason: text('reason'),
    message: text('message'),
    severity: text('severity'),
    observedGeneration: bigint('observed_generation', { mode: 'number' }),
    lastTransitionAt: instant('last_transition_at'),
    /** Its place in the object's own order. */
    position: smallint('position').notNull(),
  },
  (t) => [primaryKey({ columns: [t.objectId, t.type, t.legacy, t.sourceId] })],
)

/**
 * Clusters whose members changed since they were composed. Marks are only added and taken, never updated:
 * a mark of a transaction still open can then neither be waited for nor be lost.
 */
export const unsettled = pgTable(
  'unsettled',
  {
    mark: bigint('mark', { mode: 'number' }).generatedAlwaysAsIdentity(),
    sourceId: text('source_id').notNull(),
    clusterId: uuid('cluster_id').notNull(),
    ownerNamespace: text('owner_namespace').notNull(),
    ownerName: text('owner_name').notNull(),
  },
  (t) => [primaryKey({ columns: [t.sourceId, t.mark] })],
)

/** History: every change of a reportable fact, written in the transaction that changed it. Never updated. */
export const change = pgTable(
  'change',
  {
    cursor: bigint('cursor', { mode: 'number' }).generatedAlwaysAsIdentity(),
    sourceId: text('source_id').notNull(),
    subject: text('subject').$type<'object' | 'cluster' | 'finding'>().notNull(),
    subjectId: uuid('subject_id').notNull(),
    clusterId: uuid('cluster_id'),
    what: text('what').$type<'appeared' | 'changed' | 'gone' | 'returned'>().notNull(),
    /** Field → [from, to]; of what appeared or returned only `to`. */
    facts: jsonb('facts').$type<Readonly<Record<string, readonly [from: unknown, to: unknown]>>>().notNull(),
    observedAt: instant('observed_at').notNull(),
    receivedAt: instant('received_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.cursor, t.sourceId] }),
    // What was so at an instant (`compliance(asOf:)`); the much larger rest of the history does not pay for it.
    index('change_of_finding').on(t.subjectId, t.receivedAt).where(sql`subject = 'finding'`),
  ],
)
