import type { GitOpsObject as GitOpsView } from '../db/read/gitops-noun.ts'
import type { GitopsTool as Tool } from '../fleet/gitops.ts'
import { builder } from './builder.ts'
import { Cluster } from './cluster-ref.ts'
import { Condition, ConditionStatus } from './condition.ts'
import { Drift } from './drift.ts'
import { enumOf } from './enums.ts'
import { Freshness } from './freshness.ts'
import { Health } from './health.ts'
import { Pause } from './pause.ts'
import { Resource } from './resource.ts'
import { Source } from './source.ts'

export const GitOpsTool = enumOf<Tool>('GitOpsTool', 'What applies from Git.', {
  flux: 'Flux: Kustomization, HelmRelease, ResourceSet, …',
  argocd: 'Argo CD: Application.',
  tofu: 'The tofu controller: Terraform.',
  caaph: 'Cluster API’s add-on provider for Helm: HelmReleaseProxy.',
  declared: 'A kind that the fleet file declares (`kinds:`, part `gitops`).',
})

export const GitOpsObject = builder.objectRef<GitOpsView>('GitOpsObject')
GitOpsObject.implement({
  description: 'An object that applies something from Git, with what it applies from and the cluster it acts on.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'What `node` finds it by.' }),
    tool: t.expose('tool', { type: GitOpsTool, description: 'The tool that it belongs to.' }),
    kind: t.exposeString('kind', { description: 'Its kind: `Kustomization`, `HelmRelease`, `Application`, …' }),
    namespace: t.exposeString('namespace', { description: 'Its namespace.' }),
    name: t.exposeString('name', { description: 'Its name.' }),
    app: t.exposeString('app', {
      description:
        'What it applies, called the same on every cluster: the label of the conventions, the chart, else its name without the cluster’s.',
    }),
    source: t.expose('source', { type: Source, description: 'Who told of it.' }),
    cluster: t.expose('cluster', {
      type: Cluster,
      nullable: true,
      description: 'The cluster it acts on; null: the management cluster itself, or none that is known.',
    }),
    resource: t.expose('resource', { type: Resource, description: 'The object itself.' }),
    ready: t.expose('ready', {
      type: ConditionStatus,
      nullable: true,
      description: 'Whether its last reconcile did what it should; null: it does not say.',
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'The machine’s word for why.' }),
    message: t.exposeString('message', { nullable: true, description: 'What it says of that, for people.' }),
    suspended: t.exposeBoolean('suspended', {
      description: 'Whether it does nothing by itself: it is switched off, or Argo CD only syncs when told to.',
    }),
    pause: t.expose('pause', {
      type: Pause,
      nullable: true,
      description:
        'By what it is switched off, since when and by whom; null when nothing says so, as for an Application that was never told to sync by itself.',
    }),
    expectedRevision: t.exposeString('expectedRevision', {
      nullable: true,
      description: 'What its source offers, or what it is told to run; null when not known.',
    }),
    expectedAt: t.expose('expectedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when its source offers that.',
    }),
    attemptedRevision: t.exposeString('attemptedRevision', { nullable: true, description: 'What was tried last.' }),
    appliedRevision: t.exposeString('appliedRevision', { nullable: true, description: 'What is applied.' }),
    appliedAt: t.expose('appliedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When that was applied, where it says.',
    }),
    behind: t.exposeBoolean('behind', {
      nullable: true,
      description:
        'Whether it has applied something else than its source offers; of Argo CD, whether it says so itself (OutOfSync), which the same revision may be. Null when not known.',
    }),
    lagSeconds: t.exposeInt('lagSeconds', {
      nullable: true,
      description:
        'Seconds since its source first offered something else than it has applied, however often since; 0 when it is not behind. Null when not known.',
    }),
    interval: t.exposeInt('interval', { nullable: true, description: 'Seconds between two of its looks.' }),
    repository: t.exposeString('repository', { nullable: true, description: 'Host and path of the repository.' }),
    path: t.exposeString('path', { nullable: true, description: 'The folder of the repository that it applies.' }),
    chart: t.exposeString('chart', { nullable: true, description: 'The Helm chart that it installs.' }),
    version: t.exposeString('version', {
      nullable: true,
      description: 'The version of the chart or app, where it has one.',
    }),
    appliesFrom: t.expose('appliesFrom', {
      type: Resource,
      nullable: true,
      description: 'The object it applies from: a GitRepository, HelmChart, …; null where it is not seen.',
    }),
    health: t.expose('health', { type: Health, description: 'How it is.' }),
    freshness: t.expose('freshness', { type: Freshness, description: 'How old this is.' }),
    conditions: t.expose('conditions', {
      type: [Condition],
      description: 'Its conditions, in its own order.',
      complexity: { field: 1, multiplier: 8 },
    }),
    drift: t.expose('drift', {
      type: [Drift],
      description: 'What of it differs, the worst first.',
      complexity: { field: 2, multiplier: 2 },
    }),
  }),
})

builder.objectFields(Cluster, (t) => ({
  gitopsObjects: t.expose('gitopsObjects', {
    type: [GitOpsObject],
    description: 'What acts on it from Git, by name, at most 100; `gitops` pages through all.',
    complexity: { field: 2, multiplier: 8 },
  }),
}))
