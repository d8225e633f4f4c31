import type { Cluster as ClusterView } from '../db/read/noun.ts'
import type { RootCause as Cause } from '../fleet/cluster.ts'
import { shortNameOf } from '../fleet/reference.ts'
import { builder } from './builder.ts'
import { Cluster } from './cluster-ref.ts'
import { Condition } from './condition.ts'
import { KubernetesVersion, Label, ReplicaCounts } from './facts.ts'
import { Freshness } from './freshness.ts'
import { Health, HealthState } from './health.ts'
import { NodePool } from './node-pool.ts'
import { Resource } from './resource.ts'
import { Source } from './source.ts'

const Owner = builder.objectRef<NonNullable<ClusterView['owner']>>('Owner').implement({
  description: 'Who answers for a cluster, by the labels that the fleet file’s conventions name.',
  fields: (t) => ({
    team: t.exposeString('team', { nullable: true, description: 'The team.' }),
    contact: t.exposeString('contact', { nullable: true, description: 'How to reach it.' }),
  }),
})

const Binding = builder.objectRef<ClusterView['bindings'][number]>('Binding').implement({
  description: 'What proves which cluster this is.',
  fields: (t) => ({
    kind: t.exposeString('kind', { description: '`capi`, `arm`, `endpoint`, or `id` for an id that it had before.' }),
    ref: t.exposeString('ref', {
      description: '`source/namespace/name`, an ARM id in lower case, the name of an AKS API server, or the former id.',
    }),
  }),
})

const RootCauseStep = builder.objectRef<Cause['path'][number]>('RootCauseStep').implement({
  description: 'An object on the way to the deepest failing one.',
  fields: (t) => ({
    id: t.id({ description: 'What `node` finds it by.', resolve: ({ id }) => `Resource:${id}` }),
    kind: t.string({ description: 'Its kind.', resolve: ({ ref }) => ref.kind }),
    namespace: t.string({ description: 'Its namespace.', resolve: ({ ref }) => ref.namespace }),
    name: t.string({ description: 'Its name.', resolve: ({ ref }) => shortNameOf(ref) }),
    state: t.expose('state', { type: HealthState, description: 'How it is.' }),
    reason: t.exposeString('reason', { description: 'Why.' }),
  }),
})

const RootCause = builder.objectRef<Cause>('RootCause').implement({
  description: 'Why a cluster is not healthy: the deepest failing object, and the way to it.',
  fields: (t) => ({
    path: t.expose('path', {
      type: [RootCauseStep],
      description: 'The cluster first, the culprit last.',
      complexity: { field: 1, multiplier: 4 },
    }),
    kind: t.string({
      nullable: true,
      description: 'The culprit’s kind.',
      resolve: ({ path }) => path.at(-1)?.ref.kind ?? null,
    }),
    namespace: t.string({
      nullable: true,
      description: 'The culprit’s namespace.',
      resolve: ({ path }) => path.at(-1)?.ref.namespace ?? null,
    }),
    name: t.string({
      nullable: true,
      description: 'The culprit’s name.',
      resolve: ({ path }) => {
        const last = path.at(-1)
        return last ? shortNameOf(last.ref) : null
      },
    }),
    reason: t.string({
      nullable: true,
      description: 'The culprit’s reason.',
      resolve: ({ path }) => path.at(-1)?.reason ?? null,
    }),
    message: t.exposeString('message', { description: 'What it says.' }),
  }),
})

Cluster.implement({
  description: 'What a person means by a cluster, made of all that its witnesses say of it.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'What `node` finds it by. It stays the same for the cluster’s life.' }),
    namespace: t.exposeString('namespace', {
      description: 'The namespace of its Cluster object; of one that only Azure knows, its resource group.',
    }),
    name: t.exposeString('name', { description: 'Its name.' }),
    environment: t.exposeString('environment', {
      nullable: true,
      description: 'What it is for, e.g. `prod`; by the fleet file’s conventions.',
    }),
    region: t.exposeString('region', { nullable: true, description: 'Where it runs, as its provider names it.' }),
    provider: t.exposeString('provider', {
      nullable: true,
      description: 'Who runs its control plane: `aks`, `azure`, `eks`, …',
    }),
    flavour: t.exposeString('flavour', { nullable: true, description: 'How it is made, e.g. `AzureASOManaged`.' }),
    ring: t.exposeString('ring', {
      nullable: true,
      description: 'Its place in the rollout order; by the fleet file’s conventions.',
    }),
    owner: t.expose('owner', {
      type: Owner,
      nullable: true,
      description: 'Who answers for it; null when nobody says.',
    }),
    source: t.expose('source', {
      type: Source,
      description:
        'The source that holds it: its management cluster, or the subscription of one that only Azure knows.',
    }),
    labels: t.expose('labels', {
      type: [Label],
      description: 'Its labels, by key.',
      complexity: { field: 1, multiplier: 5 },
    }),
    bindings: t.expose('bindings', {
      type: [Binding],
      description: 'What proves which cluster this is.',
      complexity: { field: 1, multiplier: 2 },
    }),
    lifecycle: t.exposeString('lifecycle', {
      nullable: true,
      description: 'Its phase: Pending, Provisioning, Provisioned, Deleting, Failed, Unknown.',
    }),
    topologyClass: t.exposeString('topologyClass', {
      nullable: true,
      description: 'The ClusterClass it is made from.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its Cluster object was created.',
    }),
    firstSeenAt: t.expose('firstSeenAt', { type: 'DateTime', description: 'When Rollcall first saw it.' }),
    lastTransitionAt: t.expose('lastTransitionAt', {
      type: 'DateTime',
      description: 'When Rollcall saw its health change last.',
    }),
    kubernetes: t.expose('kubernetes', { type: KubernetesVersion, description: 'The version of its control plane.' }),
    controlPlane: t.expose('controlPlane', { type: ReplicaCounts, description: 'Its control plane’s replicas.' }),
    workers: t.expose('workers', { type: ReplicaCounts, description: 'Its workers, all pools together.' }),
    health: t.expose('health', { type: Health, description: 'How its infrastructure is: the worst of what is fresh.' }),
    gitops: t.expose('gitops', {
      type: Health,
      nullable: true,
      description: 'How the GitOps reconcilers that act on it are; null when there are none.',
    }),
    freshness: t.expose('freshness', { type: Freshness, description: 'How old this is.' }),
    rootCause: t.expose('rootCause', {
      type: RootCause,
      nullable: true,
      description: 'Why it is not healthy; null when it is.',
    }),
    conditions: t.expose('conditions', {
      type: [Condition],
      description: 'The conditions of its Cluster object.',
      complexity: { field: 1, multiplier: 8 },
    }),
    nodePools: t.expose('nodePools', {
      type: [NodePool],
      description: 'Its node pools, by name.',
      complexity: { field: 1, multiplier: 4 },
    }),
    objects: t.expose('objects', {
      type: [Resource],
      description: 'Its objects by kind and name, at most 100; `resources(filter: {cluster: …})` pages through all.',
      complexity: { field: 5, multiplier: 20 },
    }),
  }),
})
