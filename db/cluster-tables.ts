import { sql } from 'drizzle-orm'
import { boolean, date, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { ClusterManager, ClusterRollout, ClusterTopology, Disagreement, RootCause } from '../fleet/cluster.ts'
import type { Health, State } from '../fleet/health.ts'
import type { Component } from '../fleet/policy/subject.ts'
import type { KindKey } from '../fleet/reference.ts'
import { healthColumns, instant, labels, replicaColumns, versionColumns } from './columns.ts'
import { createdKeyOf, severityKeyOf, versionKeyOf } from './order.ts'

// What `settle` composes from what is observed (db/tables.ts); the same rules for keys hold.

/** What a person means by a cluster, composed by `settle` from the objects that belong to it. */
export const cluster = pgTable(
  'cluster',
  {
    id: uuid('id').notNull(),
    /** Its home: the source that holds it, and whose rounds of `settle` alone write this row. */
    sourceId: text('source_id').notNull(),
    /** Of the object it is composed around: a Cluster, or a managed cluster that only Azure knows. */
    kind: text('kind').$type<KindKey>().notNull().default('cluster.x-k8s.io/Cluster'),
    namespace: text('namespace').notNull(),
    name: text('name').notNull(),
    /** That object; null while only its parts are seen. */
    objectId: uuid('object_id'),
    labels: labels('labels'),
    environment: text('environment'),
    owner: text('owner'),
    ring: text('ring'),
    contact: text('contact'),
    provider: text('provider'),
    flavour: text('flavour'),
    region: text('region'),
    /** ISO 3166-1 alpha-2, and what the country belongs to: `EU`, `Europe` … (fleet/geography/geography.ts). */
    country: text('country'),
    geographies: text('geographies').array().notNull().default([]),
    armId: text('arm_id'),
    /** The source that reads it in Azure; null when none does. */
    armSourceId: text('arm_source_id'),
    /** Azure's name for this incarnation: a cluster made anew under the same id is another one. */
    resourceUid: text('resource_uid'),
    nodeResourceGroup: text('node_resource_group'),
    createdBy: text('created_by'),
    supportPlan: text('support_plan'),
    tier: text('tier'),
    powerState: text('power_state'),
    upgradeChannel: text('upgrade_channel'),
    nodeOsUpgradeChannel: text('node_os_upgrade_channel'),
    components: jsonb('components').$type<readonly Component[]>().notNull().default([]),
    /** When the last Cluster object of one that Azure alone knows now went away; null: there was none, or there is one. */
    declaredUntil: instant('declared_until'),
    /** Who testifies, by kind of claim: `capi`, `arm`. */
    witnesses: text('witnesses').array().notNull().default([]),
    disagreements: jsonb('disagreements').$type<readonly Disagreement[]>().notNull().default([]),
    /** Minors that the oldest node pool is behind the control plane; below 0: ahead. Null: not known. */
    skewMinors: integer('skew_minors'),
    phase: text('phase'),
    topologyClass: text('topology_class'),
    topology: jsonb('topology').$type<ClusterTopology>(),
    /** `host:port` of its API server, in lower case. */
    endpoint: text('endpoint'),
    managedBy: jsonb('managed_by').$type<ClusterManager>(),
    rollouts: jsonb('rollouts').$type<readonly ClusterRollout[]>().notNull().default([]),
    /** Of the oldest of them; our first sight where the objects do not date it. */
    rolloutStartedAt: instant('rollout_started_at'),
    createdAt: instant('created_at'),
    ...versionColumns,
    controlPlaneDesired: integer('control_plane_desired'),
    controlPlaneCurrent: integer('control_plane_current'),
    controlPlaneReady: integer('control_plane_ready'),
    controlPlaneAvailable: integer('control_plane_available'),
    controlPlaneUpToDate: integer('control_plane_up_to_date'),
    workersDesired: integer('workers_desired'),
    workersCurrent: integer('workers_current'),
    workersReady: integer('workers_ready'),
    workersAvailable: integer('workers_available'),
    workersUpToDate: integer('workers_up_to_date'),
    ...healthColumns,
    gitopsState: text('gitops_state').$type<State>(),
    gitops: jsonb('gitops').$type<Health>(),
    rootCause: jsonb('root_cause').$type<RootCause>(),
    /** Of the object it is composed around, and of Azure's: as in `object`. */
    lastReadAt: instant('last_read_at'),
    armLastReadAt: instant('arm_last_read_at'),
    /** Azure's node pools that could not be read; null where Azure does not testify. */
    unreadPools: integer('unread_pools'),
    firstSeenAt: instant('first_seen_at').notNull(),
    composedAt: instant('composed_at').notNull(),
    goneAt: instant('gone_at'),
    /** Over all composed facts, pools included: equal digests mean nothing to write. */
    digest: uuid('digest').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.id, t.sourceId] }),
    index('cluster_by_name').on(t.name, t.id),
    index('cluster_by_created').on(sql.raw(createdKeyOf('')), t.id),
    index('cluster_by_severity').on(sql.raw(severityKeyOf('')), t.id),
    index('cluster_by_state_since').on(t.stateSince, t.id),
    index('cluster_by_version').on(sql.raw(versionKeyOf('')), t.id),
    index('cluster_by_manager').on(t.sourceId, sql`(managed_by ->> 'name')`).where(sql`managed_by is not null`),
    index('cluster_by_endpoint').on(t.endpoint).where(sql`endpoint is not null`),
    index('cluster_by_holds_until').on(t.holdsUntil).where(sql`holds_until is not null and gone_at is null`),
  ],
)

/**
 * Which cluster a claim of identity means: `capi:<source>/<namespace>/<name>`, `arm:<id in lower case>`, and `id:<uuid>` for the id
 * of a cluster that turned out to be another. Small: a Citus reference table.
 */
export const binding = pgTable(
  'binding',
  {
    claim: text('claim').primaryKey(),
    clusterId: uuid('cluster_id').notNull(),
    sourceId: text('source_id').notNull(),
    /** The object that makes the claim, and the incarnation it spoke of. */
    evidence: jsonb('evidence').$type<{ readonly objectId: string | null; readonly resourceUid?: string }>().notNull(),
    boundAt: instant('bound_at').notNull(),
  },
  (t) => [index('binding_by_cluster').on(t.clusterId)],
)

/** Nodes of one configuration: composed with their cluster, gone with their worker object. */
export const nodePool = pgTable(
  'node_pool',
  {
    id: uuid('id').notNull(),
    sourceId: text('source_id').notNull(),
    clusterId: uuid('cluster_id').notNull(),
    name: text('name').notNull(),
    kind: text('kind').notNull(),
    mode: text('mode'),
    ...versionColumns,
    nodeImage: text('node_image'),
    /** What the node image's name says of it (fleet/support/node-image.ts). */
    imageReleasedAt: date('image_released_at', { mode: 'string' }),
    os: text('os').$type<'linux' | 'windows'>(),
    skewMinors: integer('skew_minors'),
    vmSize: text('vm_size'),
    autoscaled: boolean('autoscaled').notNull(),
    ...replicaColumns,
    ...healthColumns,
    firstSeenAt: instant('first_seen_at').notNull(),
    composedAt: instant('composed_at').notNull(),
    goneAt: instant('gone_at'),
  },
  (t) => [
    primaryKey({ columns: [t.id, t.sourceId] }),
    index('node_pool_by_cluster').on(t.clusterId, t.name, t.id),
    index('node_pool_by_name').on(t.name, t.id),
  ],
)
