import { type Remediations as RemediationView, remediationsWithin } from '../db/read/remediation.ts'
import type { Rollout as RolloutView } from '../db/read/rollout.ts'
import type { ClusterManager as ManagerView, ClusterTopology as TopologyView } from '../fleet/cluster.ts'
import { builder } from './builder.ts'
import { Cluster } from './cluster-ref.ts'
import { NodePool } from './node-pool.ts'

// Who changes a cluster, and what is changing in it.

const ClusterManager = builder.objectRef<ManagerView>('ClusterManager').implement({
  description: 'What applied a Cluster object from Git.',
  fields: (t) => ({
    tool: t.exposeString('tool', { description: '`flux`, `argocd`, … or `topology`.' }),
    kind: t.exposeString('kind', { nullable: true, description: 'Its kind, where the Cluster tells.' }),
    namespace: t.exposeString('namespace', { nullable: true, description: 'Its namespace, where the Cluster tells.' }),
    name: t.exposeString('name', { nullable: true, description: 'Its name.' }),
    revision: t.exposeString('revision', {
      nullable: true,
      description: 'What it applied last; null where it is not seen.',
    }),
  }),
})

const Rollout = builder.objectRef<RolloutView>('Rollout').implement({
  description: 'A change of version or machines that is under way.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'What `node` finds the object that rolls out by.' }),
    kind: t.exposeString('kind', { description: 'The kind of the object that rolls out.' }),
    name: t.exposeString('name', { description: 'The name of the object that rolls out.' }),
    from: t.exposeString('from', {
      nullable: true,
      description: 'The version it comes from; null where no version changes, or it is not known.',
    }),
    to: t.exposeString('to', { nullable: true, description: 'The version it goes to.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it began; null where the object does not date it.',
    }),
    upToDate: t.exposeInt('upToDate', { nullable: true, description: 'Replicas made from the present template.' }),
    desired: t.exposeInt('desired', { nullable: true, description: 'Replicas asked for.' }),
    blockedBy: t.exposeString('blockedBy', { nullable: true, description: 'What holds it up, where it says.' }),
  }),
})

const ClusterTopology = builder.objectRef<TopologyView>('ClusterTopology').implement({
  description: 'How a cluster stands to its ClusterClass.',
  fields: (t) => ({
    class: t.exposeString('class', { description: 'The class, by name.' }),
    classNamespace: t.exposeString('classNamespace', { description: 'The class’s namespace.' }),
    classVersion: t.exposeString('classVersion', {
      nullable: true,
      description: 'The class’s generation, which is the closest thing it has to a version; null where it is not seen.',
    }),
    rebaseNeeded: t.exposeBoolean('rebaseNeeded', {
      nullable: true,
      description:
        'Whether something of the cluster was cloned from a template that the class no longer names; null: cannot be told.',
    }),
    variablesDiffCount: t.exposeInt('variablesDiffCount', {
      nullable: true,
      description: 'Variables to which the cluster gives another value than the class’s default.',
    }),
  }),
})

const Remediation = builder.objectRef<RemediationView>('Remediation').implement({
  description: 'Machines that were replaced because they were ill.',
  fields: (t) => ({
    scope: t.exposeString('scope', {
      description: 'The node pool’s worker object by name, `control plane`, or a machine that stands alone.',
    }),
    nodePool: t.expose('nodePool', { type: NodePool, nullable: true, description: 'The node pool, where it is one.' }),
    count: t.exposeInt('count', { description: 'How often, within the hours asked.' }),
    lastAt: t.expose('lastAt', { type: 'DateTime', description: 'When last.' }),
    reason: t.exposeString('reason', { description: 'Why last.' }),
  }),
})

builder.objectFields(Cluster, (t) => ({
  endpoint: t.exposeString('endpoint', { nullable: true, description: '`host:port` of its API server.' }),
  managedBy: t.expose('managedBy', {
    type: ClusterManager,
    nullable: true,
    description: 'What applied its Cluster object from Git; null: nothing says so.',
  }),
  rollouts: t.expose('rollouts', {
    type: [Rollout],
    description: 'Its rollouts under way, the oldest first.',
    complexity: { field: 1, multiplier: 2 },
  }),
  rolloutStartedAt: t.expose('rolloutStartedAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When the oldest of its rollouts began; our first sight where nothing dates it. Null: there are none.',
  }),
  topology: t.expose('topology', {
    type: ClusterTopology,
    nullable: true,
    description: 'How it stands to its ClusterClass; null: it has none.',
  }),
  remediations: t.field({
    type: [Remediation],
    description: 'Its machines that were replaced because they were ill, by node pool, the most often first.',
    complexity: { field: 2, multiplier: 2 },
    args: {
      within: t.arg({ type: 'Hours', description: 'Within how many hours until now; 24 when nothing is said.' }),
    },
    resolve: ({ remediations }, { within }, { now }) => remediationsWithin(remediations, within, now),
  }),
}))
