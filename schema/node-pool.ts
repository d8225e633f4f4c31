import { type NodePoolFilter as Filter, type NodePoolOrder, readNodePools } from '../db/read/node-pool.ts'
import type { NodePool as NodePoolView } from '../db/read/noun.ts'
import { builder } from './builder.ts'
import { ClusterFilter } from './cluster-filter.ts'
import { Cluster } from './cluster-ref.ts'
import { connectionOf, orderOf, pageCost, withGoneDoc } from './connection.ts'
import { enumOf } from './enums.ts'
import { KubernetesVersion, ReplicaCounts } from './facts.ts'
import { DateFilter, enumFilterOf, IdFilter, IntFilter, logicDoc, StringFilter, VersionFilter } from './filters.ts'
import { Freshness, FreshnessStateFilter } from './freshness.ts'
import { Health, HealthStateFilter } from './health.ts'
import { selectionOf } from './selection.ts'

const OperatingSystem = enumOf<'linux' | 'windows'>('OperatingSystem', 'What nodes run.', {
  linux: 'Linux.',
  windows: 'Windows.',
})

export const NodePool = builder.objectRef<NodePoolView>('NodePool')
NodePool.implement({
  description: 'Nodes of one configuration: a machine deployment or machine pool, with what its provider’s pool adds.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'What `node` finds it by.' }),
    name: t.exposeString('name', { description: 'Its name.' }),
    kind: t.exposeString('kind', { description: 'The kind of the object it comes from, e.g. `MachineDeployment`.' }),
    mode: t.exposeString('mode', {
      nullable: true,
      description: 'System or User, where the provider makes the difference.',
    }),
    kubernetes: t.expose('kubernetes', { type: KubernetesVersion, description: 'The kubelet’s version.' }),
    nodeImage: t.exposeString('nodeImage', { nullable: true, description: 'The image its nodes boot from.' }),
    imageReleasedAt: t.expose('imageReleasedAt', {
      type: 'Date',
      nullable: true,
      description: 'When its node image was released, as its name tells; null when it does not.',
    }),
    imageAgeDays: t.exposeInt('imageAgeDays', {
      nullable: true,
      description: 'Whole days since its node image was released.',
    }),
    os: t.expose('os', {
      type: OperatingSystem,
      nullable: true,
      description: 'What its nodes run, as the image’s name tells.',
    }),
    skewMinors: t.exposeInt('skewMinors', {
      nullable: true,
      description: 'Minors that it is behind its control plane; below 0: ahead. Null when not known.',
    }),
    vmSize: t.exposeString('vmSize', {
      nullable: true,
      description: 'The size of its machines, in the provider’s words.',
    }),
    autoscaled: t.exposeBoolean('autoscaled', { description: 'Whether something else than a person sets its size.' }),
    replicas: t.expose('replicas', { type: ReplicaCounts, description: 'Its nodes, counted.' }),
    health: t.expose('health', { type: Health, description: 'How it is.' }),
    freshness: t.expose('freshness', { type: Freshness, description: 'How old this is.' }),
    firstSeenAt: t.expose('firstSeenAt', { type: 'DateTime', description: 'When Rollcall first saw it.' }),
    lastTransitionAt: t.expose('lastTransitionAt', {
      type: 'DateTime',
      description: 'When Rollcall saw its health change last.',
    }),
    cluster: t.expose('cluster', { type: Cluster, description: 'The cluster it belongs to.' }),
  }),
})

const NodePoolConnection = connectionOf(NodePool, 'node pools')

const NodePoolFilter = builder.inputRef<Filter>('NodePoolFilter')
NodePoolFilter.implement({
  description: 'Which node pools. All fields must hold.',
  fields: (t) => ({
    and: t.field({ type: [NodePoolFilter], description: logicDoc.and }),
    or: t.field({ type: [NodePoolFilter], description: logicDoc.or }),
    not: t.field({ type: NodePoolFilter, description: logicDoc.not }),
    cluster: t.field({ type: IdFilter, description: 'The cluster it belongs to, by id.' }),
    inCluster: t.field({ type: ClusterFilter, description: 'The cluster it belongs to, by what that is.' }),
    source: t.field({ type: IdFilter, description: 'Who told of it.' }),
    name: t.field({ type: StringFilter, description: 'Its name.' }),
    kind: t.field({ type: StringFilter, description: 'The kind of the object it comes from.' }),
    mode: t.field({ type: StringFilter, description: 'System or User.' }),
    vmSize: t.field({ type: StringFilter, description: 'The size of its machines.' }),
    nodeImage: t.field({ type: StringFilter, description: 'The image its nodes boot from.' }),
    imageReleasedAt: t.field({ type: DateFilter, description: 'When its node image was released.' }),
    imageAgeDays: t.field({ type: IntFilter, description: 'Whole days since its node image was released.' }),
    os: t.field({
      type: enumFilterOf<'linux' | 'windows'>('OperatingSystemFilter', OperatingSystem),
      description: 'What its nodes run.',
    }),
    skewMinors: t.field({ type: IntFilter, description: 'Minors that it is behind its control plane.' }),
    version: t.field({ type: VersionFilter, description: 'The kubelet’s version.' }),
    unavailable: t.boolean({
      description: 'Whether fewer nodes are available than asked for; ready ones count where availability is not told.',
    }),
    outdated: t.boolean({ description: 'Whether some of its nodes are not made from the present template.' }),
    health: t.field({ type: HealthStateFilter, description: 'How it is.' }),
    freshness: t.field({ type: FreshnessStateFilter, description: 'How old what is known of it is.' }),
  }),
})

const Order = orderOf<NodePoolOrder>('NodePool', { name: 'By name.' })

builder.queryField('nodePools', (t) =>
  t.field({
    type: NodePoolConnection,
    nullable: true,
    description: 'Node pools of all clusters.',
    complexity: pageCost,
    args: {
      ...t.arg.connectionArgs(),
      filter: t.arg({ type: NodePoolFilter, description: 'Which ones; all when nothing is said.' }),
      orderBy: t.arg({ type: Order, description: 'By name when nothing is said.' }),
      withGone: t.arg.boolean({ description: withGoneDoc }),
    },
    resolve: (_root, { filter, orderBy, withGone, ...page }, { db, viewer, now }, info) =>
      readNodePools(db, viewer, { filter, orderBy, withGone, page, now, selection: selectionOf(info) }),
  }),
)
