import {
  type ClusterKey,
  type ClusterOrder,
  type ClusterFilter as Filter,
  readCluster,
  readClusters,
} from '../db/read/cluster.ts'
import { refuseNul } from '../db/read/filter.ts'
import { bareIdOf } from '../db/read/id.ts'
import { FleetError } from '../fleet/error.ts'
import { builder } from './builder.ts'
import { Cluster } from './cluster-ref.ts'
import { connectionOf, orderOf, pageCost, withGoneDoc } from './connection.ts'
import { DateTimeFilter, IdFilter, logicDoc, StringFilter, VersionFilter } from './filters.ts'
import { FreshnessStateFilter } from './freshness.ts'
import { HealthStateFilter } from './health.ts'
import { selectionOf } from './selection.ts'

export const ClusterFilter = builder.inputRef<Filter>('ClusterFilter')
ClusterFilter.implement({
  description: 'Which clusters. All fields must hold. Lists and aggregates share it.',
  fields: (t) => ({
    and: t.field({ type: [ClusterFilter], description: logicDoc.and }),
    or: t.field({ type: [ClusterFilter], description: logicDoc.or }),
    not: t.field({ type: ClusterFilter, description: logicDoc.not }),
    id: t.field({ type: IdFilter, description: 'Its id.' }),
    namespace: t.field({ type: StringFilter, description: 'The namespace of its Cluster object.' }),
    name: t.field({ type: StringFilter, description: 'Its name.' }),
    environment: t.field({ type: StringFilter, description: 'What it is for.' }),
    region: t.field({ type: StringFilter, description: 'Where it runs.' }),
    provider: t.field({ type: StringFilter, description: 'Who runs its control plane.' }),
    flavour: t.field({ type: StringFilter, description: 'How it is made.' }),
    ring: t.field({ type: StringFilter, description: 'Its place in the rollout order.' }),
    owner: t.field({ type: StringFilter, description: 'The team that answers for it; `isNull: true` for nobody.' }),
    source: t.field({ type: IdFilter, description: 'Who told of it. At the top level it narrows `coverage` too.' }),
    lifecycle: t.field({ type: StringFilter, description: 'Its phase.' }),
    version: t.field({
      type: VersionFilter,
      description: 'The version of its control plane: observed, else declared.',
    }),
    health: t.field({ type: HealthStateFilter, description: 'How it is.' }),
    gitopsHealth: t.field({ type: HealthStateFilter, description: 'How the GitOps reconcilers that act on it are.' }),
    freshness: t.field({ type: FreshnessStateFilter, description: 'How old what is known of it is.' }),
    createdAt: t.field({ type: DateTimeFilter, description: 'When its Cluster object was created.' }),
    lastTransitionAt: t.field({ type: DateTimeFilter, description: 'When Rollcall saw its health change last.' }),
    labels: t.string({ description: logicDoc.labels }),
  }),
})

const Order = orderOf<ClusterOrder>('Cluster', {
  name: 'By name.',
  createdAt: 'By creation; unknown first.',
  lastTransition: 'By the last change of health.',
  version: 'By version, by number; unknown first.',
  health: 'By the state last known, the worst first; while a list is walked, staleness does not reorder it.',
})

const ClusterConnection = connectionOf(Cluster, 'clusters')

builder.queryFields((t) => ({
  clusters: t.field({
    type: ClusterConnection,
    nullable: true,
    description: 'Workload clusters of all management clusters.',
    complexity: pageCost,
    args: {
      ...t.arg.connectionArgs(),
      filter: t.arg({ type: ClusterFilter, description: 'Which ones; all when nothing is said.' }),
      orderBy: t.arg({ type: Order, description: 'By name when nothing is said.' }),
      withGone: t.arg.boolean({ description: withGoneDoc }),
    },
    resolve: (_root, { filter, orderBy, withGone, ...page }, { db, viewer, now }, info) =>
      readClusters(db, viewer, { filter, orderBy, withGone, page, now, selection: selectionOf(info) }),
  }),
  cluster: t.field({
    type: Cluster,
    nullable: true,
    description: 'One cluster, by `id`, or by `managementCluster`, `namespace` and `name`. Null when there is none.',
    args: {
      id: t.arg.id({ description: 'Its id.' }),
      managementCluster: t.arg.string({ description: 'The source that holds it.' }),
      namespace: t.arg.string({ description: 'The namespace of its Cluster object.' }),
      name: t.arg.string({ description: 'Its name.' }),
    },
    resolve: (_root, args, { db, viewer, now }, info) => readCluster(db, viewer, keyOf(args), now, selectionOf(info)),
  }),
}))

interface KeyArgs {
  readonly id?: string | number | null | undefined
  readonly managementCluster?: string | null | undefined
  readonly namespace?: string | null | undefined
  readonly name?: string | null | undefined
}

function keyOf({ id, managementCluster, namespace, name }: KeyArgs): ClusterKey {
  for (const [argument, given] of Object.entries({ managementCluster, namespace, name })) refuseNul(argument, given)
  const named = [managementCluster, namespace, name]
  if (id != null && named.every((one) => one == null)) return { id: String(id) }
  if (id == null && managementCluster != null && namespace != null && name != null) {
    return { source: bareIdOf('Source')(managementCluster), namespace, name }
  }
  throw new FleetError('invalid', 'Name a cluster by "id", or by "managementCluster", "namespace" and "name" together.')
}
