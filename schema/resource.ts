import type { ParentRef as ParentView, Resource as ResourceView } from '../db/read/noun.ts'
import { type ResourceFilter as Filter, type ResourceOrder, readResources } from '../db/read/object.ts'
import type { Revision as RevisionView } from '../fleet/observation.ts'
import { builder } from './builder.ts'
import { Cluster } from './cluster-ref.ts'
import { Condition } from './condition.ts'
import { connectionOf, orderOf, pageCost, withGoneDoc } from './connection.ts'
import { KubernetesVersion, Label, ReplicaCounts } from './facts.ts'
import { DateTimeFilter, IdFilter, logicDoc, StringFilter, VersionFilter } from './filters.ts'
import { Freshness, FreshnessStateFilter } from './freshness.ts'
import { Health, HealthStateFilter } from './health.ts'
import { Pause } from './pause.ts'
import { selectionOf } from './selection.ts'
import { Source } from './source.ts'

const Parent = builder.objectRef<ParentView>('Parent').implement({
  description: 'The object that owns another.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'What `node` finds it by.' }),
    kind: t.exposeString('kind', { description: 'Its kind.' }),
    namespace: t.exposeString('namespace', { description: 'Its namespace; empty when it has none.' }),
    name: t.exposeString('name', { description: 'Its name.' }),
  }),
})

const Revision = builder.objectRef<RevisionView>('Revision').implement({
  description: 'GitOps revisions, as Flux or Argo CD write them.',
  fields: (t) => ({
    desired: t.exposeString('desired', { nullable: true, description: 'What should be applied.' }),
    attempted: t.exposeString('attempted', { nullable: true, description: 'What was tried last.' }),
    applied: t.exposeString('applied', { nullable: true, description: 'What is applied.' }),
  }),
})

export const Resource = builder.objectRef<ResourceView>('Resource')
Resource.implement({
  description: 'One observed object: what Rollcall keeps of it. Raw objects and Secrets are never kept.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'What `node` finds it by.' }),
    group: t.exposeString('group', { description: 'Its API group; empty for the core group.' }),
    kind: t.exposeString('kind', { description: 'Its kind.' }),
    apiVersion: t.exposeString('apiVersion', { description: 'The API version it was read in.' }),
    namespace: t.exposeString('namespace', { description: 'Its namespace; empty when it has none.' }),
    name: t.exposeString('name', { description: 'Its name.' }),
    source: t.expose('source', { type: Source, description: 'Who told of it.' }),
    cluster: t.expose('cluster', { type: Cluster, nullable: true, description: 'The workload cluster it belongs to.' }),
    parent: t.expose('parent', {
      type: Parent,
      nullable: true,
      description: 'The object that owns it, where that one was seen.',
    }),
    labels: t.expose('labels', {
      type: [Label],
      description: 'Its labels, by key.',
      complexity: { field: 1, multiplier: 5 },
    }),
    generation: t.exposeInt('generation', { nullable: true, description: 'The version of its spec.' }),
    observedGeneration: t.exposeInt('observedGeneration', {
      nullable: true,
      description: 'The last one its controller acted on.',
    }),
    health: t.expose('health', { type: Health, description: 'How it is.' }),
    freshness: t.expose('freshness', { type: Freshness, description: 'How old this is.' }),
    conditions: t.expose('conditions', {
      type: [Condition],
      description: 'Its conditions, in its own order.',
      complexity: { field: 1, multiplier: 8 },
    }),
    kubernetes: t.expose('kubernetes', {
      type: KubernetesVersion,
      description: 'The Kubernetes version it speaks of.',
    }),
    replicas: t.expose('replicas', { type: ReplicaCounts, description: 'Its replica counters.' }),
    revision: t.expose('revision', { type: Revision, description: 'Its GitOps revisions.' }),
    pause: t.expose('pause', {
      type: Pause,
      nullable: true,
      description: 'By what it is paused or suspended, since when and by whom; null when it is not, by its own word.',
    }),
    affected: t.exposeInt('affected', {
      nullable: true,
      description: 'How many objects are left alone while it is paused or suspended; null when it is not.',
    }),
    affectedObjects: t.expose('affectedObjects', {
      type: [Resource],
      description:
        'What is left alone meanwhile, at most 100: of a Cluster all its objects but GitOps tools’, of another what it controls, of a reconciler the clusters it applies and acts on, of what is applied from the reconcilers.',
      complexity: { field: 5, multiplier: 10 },
    }),
    phase: t.exposeString('phase', { nullable: true, description: 'Its phase, as written.' }),
    region: t.exposeString('region', { nullable: true, description: 'Its region, as its provider names it.' }),
    armId: t.exposeString('armId', { nullable: true, description: 'Its id in Azure.' }),
    providerId: t.exposeString('providerId', { nullable: true, description: 'Its id at its provider.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', nullable: true, description: 'When it was created.' }),
    deletingSince: t.expose('deletingSince', {
      type: 'DateTime',
      nullable: true,
      description: 'When its deletion was asked for.',
    }),
    changedAt: t.expose('changedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The newest instant it speaks of itself.',
    }),
    lastTransitionAt: t.expose('lastTransitionAt', {
      type: 'DateTime',
      description: 'When Rollcall saw its health change last.',
    }),
  }),
})

const ResourceConnection = connectionOf(Resource, 'objects')

const ResourceFilter = builder.inputRef<Filter>('ResourceFilter')
ResourceFilter.implement({
  description: 'Which objects. All fields must hold.',
  fields: (t) => ({
    and: t.field({ type: [ResourceFilter], description: logicDoc.and }),
    or: t.field({ type: [ResourceFilter], description: logicDoc.or }),
    not: t.field({ type: ResourceFilter, description: logicDoc.not }),
    source: t.field({ type: IdFilter, description: 'Who told of it.' }),
    cluster: t.field({ type: IdFilter, description: 'The workload cluster it belongs to.' }),
    group: t.field({ type: StringFilter, description: 'Its API group.' }),
    kind: t.field({
      type: StringFilter,
      description: 'Its kind: `Machine`, or quicker with its group: `cluster.x-k8s.io/Machine`.',
    }),
    namespace: t.field({ type: StringFilter, description: 'Its namespace.' }),
    name: t.field({ type: StringFilter, description: 'Its name.' }),
    version: t.field({ type: VersionFilter, description: 'The Kubernetes version it speaks of.' }),
    health: t.field({ type: HealthStateFilter, description: 'How it is.' }),
    freshness: t.field({ type: FreshnessStateFilter, description: 'How old what is known of it is.' }),
    pausedSince: t.field({
      type: DateTimeFilter,
      description: 'Since when it is paused or suspended, by its own word; `isNull: true` for what is not.',
    }),
    createdAt: t.field({ type: DateTimeFilter, description: 'When it was created.' }),
    changedAt: t.field({ type: DateTimeFilter, description: 'The newest instant it speaks of itself.' }),
    lastTransitionAt: t.field({ type: DateTimeFilter, description: 'When Rollcall saw its health change last.' }),
    labels: t.string({ description: logicDoc.labels }),
  }),
})

const Order = orderOf<ResourceOrder>('Resource', { name: 'By name.' })

builder.queryField('resources', (t) =>
  t.field({
    type: ResourceConnection,
    nullable: true,
    description: 'Observed objects of every kind.',
    complexity: pageCost,
    args: {
      ...t.arg.connectionArgs(),
      filter: t.arg({ type: ResourceFilter, description: 'Which ones; all when nothing is said.' }),
      orderBy: t.arg({ type: Order, description: 'By name when nothing is said.' }),
      withGone: t.arg.boolean({ description: withGoneDoc }),
    },
    resolve: (_root, { filter, orderBy, withGone, ...page }, { db, viewer, now }, info) =>
      readResources(db, viewer, { filter, orderBy, withGone, page, now, selection: selectionOf(info) }),
  }),
)
