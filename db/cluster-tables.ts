import { sql } from 'drizzle-orm'
import { boolean, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { RootCause } from '../fleet/cluster.ts'
import type { Health, State } from '../fleet/health.ts'
import { healthColumns, instant, labels, replicaColumns, versionColumns } from './columns.ts'
import { createdKeyOf, severityKeyOf, versionKeyOf } from './order.ts'

// What `settle` composes from what is observed (db/tables.ts); the same rules for keys hold.

/** What a person means by a cluster, composed by `settle` from the objects that belong to it. */
export const cluster = pgTable(
  'cluster',
  {
    id: uuid('id').notNull(),
    sourceId: text('source_id').notNull(),
    namespace: text('namespace').notNull(),
    name: text('name').notNull(),
    /** The Cluster object; null while only its parts are seen. */
    objectId: uuid('object_id'),
    labels: labels('labels'),
    environment: text('environment'),
    owner: text('owner'),
    ring: text('ring'),
    contact: text('contact'),
    provider: text('provider'),
    flavour: text('flavour'),
    region: text('region'),
    armId: text('arm_id'),
    phase: text('phase'),
    topologyClass: text('topology_class'),
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
    index('cluster_by_holds_until').on(t.holdsUntil).where(sql`holds_until is not null and gone_at is null`),
  ],
)

/** Which cluster a claim of identity means: `capi:<source>/<namespace>/<name>`, `arm:<id in lower case>`. Small: a Citus reference table. */
export const binding = pgTable(
  'binding',
  {
    claim: text('claim').primaryKey(),
    clusterId: uuid('cluster_id').notNull(),
    sourceId: text('source_id').notNull(),
    /** The object that makes the claim. */
    evidence: jsonb('evidence').$type<{ readonly objectId: string | null }>().notNull(),
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
