import { type ClusterKey, type ClusterOrder, readCluster, readClusters } from '../db/read/cluster.ts'
import { refuseNul } from '../db/read/filter.ts'
import { bareIdOf } from '../db/read/id.ts'
import { FleetError } from '../fleet/error.ts'
import { builder } from './builder.ts'
import { ClusterFilter } from './cluster-filter.ts'
import { Cluster } from './cluster-ref.ts'
import { connectionOf, orderOf, pageCost, withGoneDoc } from './connection.ts'
import { selectionOf } from './selection.ts'

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
