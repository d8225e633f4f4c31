import { type GitOpsFilter as Filter, type GitOpsOrder, readGitops } from '../db/read/gitops.ts'
import type { GitopsTool as Tool } from '../fleet/gitops.ts'
import type { ConditionStatus as Status } from '../fleet/observation.ts'
import { builder } from './builder.ts'
import { ClusterFilter } from './cluster-filter.ts'
import { ConditionStatus } from './condition.ts'
import { connectionOf, orderOf, pageCost } from './connection.ts'
import { DateTimeFilter, enumFilterOf, IdFilter, IntFilter, logicDoc, StringFilter } from './filters.ts'
import { FreshnessStateFilter } from './freshness.ts'
import { GitOpsObject, GitOpsTool } from './gitops.ts'
import { HealthStateFilter } from './health.ts'
import { selectionOf } from './selection.ts'

const GitOpsFilter = builder.inputRef<Filter>('GitOpsFilter')
GitOpsFilter.implement({
  description: 'Which GitOps objects. All fields must hold.',
  fields: (t) => ({
    and: t.field({ type: [GitOpsFilter], description: logicDoc.and }),
    or: t.field({ type: [GitOpsFilter], description: logicDoc.or }),
    not: t.field({ type: GitOpsFilter, description: logicDoc.not }),
    tool: t.field({ type: enumFilterOf<Tool>('GitOpsToolFilter', GitOpsTool), description: 'The tool it belongs to.' }),
    kind: t.field({ type: StringFilter, description: 'Its kind: `Kustomization`.' }),
    namespace: t.field({ type: StringFilter, description: 'Its namespace.' }),
    name: t.field({ type: StringFilter, description: 'Its name.' }),
    app: t.field({ type: StringFilter, description: 'What it applies, called the same on every cluster.' }),
    ready: t.field({
      type: enumFilterOf<Status>('ConditionStatusFilter', ConditionStatus),
      description: 'Whether its last reconcile did what it should. What does not say meets none.',
    }),
    reason: t.field({ type: StringFilter, description: 'Why it is ready or not.' }),
    suspended: t.boolean({ description: 'Whether it is switched off.' }),
    behind: t.boolean({
      description: 'Whether it has applied something else than its source offers. What nobody can tell is neither.',
    }),
    lagSeconds: t.field({
      type: IntFilter,
      description: 'Seconds since its source first offered something else than it has applied.',
    }),
    expectedRevision: t.field({ type: StringFilter, description: 'What its source offers.' }),
    appliedRevision: t.field({ type: StringFilter, description: 'What is applied.' }),
    appliedAt: t.field({ type: DateTimeFilter, description: 'When that was applied.' }),
    repository: t.field({ type: StringFilter, description: 'Host and path of the repository.' }),
    chart: t.field({ type: StringFilter, description: 'The Helm chart that it installs.' }),
    version: t.field({ type: StringFilter, description: 'The version of the chart or app, letter by letter.' }),
    cluster: t.field({
      type: ClusterFilter,
      description: 'The cluster it acts on; `{}` for any, without what acts on a management cluster itself.',
    }),
    source: t.field({ type: IdFilter, description: 'Who told of it. At the top level it narrows `coverage` too.' }),
    health: t.field({ type: HealthStateFilter, description: 'How it is.' }),
    freshness: t.field({ type: FreshnessStateFilter, description: 'How old what is known of it is.' }),
  }),
})

const GitOpsConnection = connectionOf(GitOpsObject, 'GitOps objects')
const Order = orderOf<GitOpsOrder>('GitOps', {
  name: 'By name.',
  lag: 'By how long they are behind, the longest first; then those that are not, or of which nobody can tell.',
})

builder.queryField('gitops', (t) =>
  t.field({
    type: GitOpsConnection,
    nullable: true,
    description:
      'Objects that apply something from Git: of Flux, Argo CD, the tofu controller, Cluster API’s Helm add-on, and kinds that the fleet file declares so.',
    complexity: pageCost,
    args: {
      ...t.arg.connectionArgs(),
      filter: t.arg({ type: GitOpsFilter, description: 'Which ones; all when nothing is said.' }),
      orderBy: t.arg({ type: Order, description: 'By name when nothing is said.' }),
    },
    resolve: (_root, { filter, orderBy, ...page }, { db, viewer, now }, info) =>
      readGitops(db, viewer, { filter, orderBy, page, now, selection: selectionOf(info) }),
  }),
)
