import type { ClusterFilter as Filter, TopologyFilter as Topology } from '../db/read/cluster.ts'
import { builder } from './builder.ts'
import {
  DateFilter,
  DateTimeFilter,
  IdFilter,
  IntFilter,
  ListFilter,
  logicDoc,
  StringFilter,
  VersionFilter,
} from './filters.ts'
import { FreshnessStateFilter } from './freshness.ts'
import { HealthStateFilter } from './health.ts'
import { SupportPhaseFilter } from './support.ts'
import { OrphanDirectionFilter } from './witness.ts'

const TopologyFilter = builder.inputRef<Topology>('TopologyFilter').implement({
  description: 'How clusters stand to their ClusterClass. All fields must hold.',
  fields: (t) => ({
    class: t.field({ type: StringFilter, description: 'The class, by name.' }),
    rebaseNeeded: t.boolean({
      description: 'Whether something was cloned from a template that the class no longer names.',
    }),
    variablesDiffCount: t.field({ type: IntFilter, description: 'Variables that differ from the class’s default.' }),
  }),
})

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
    country: t.field({ type: StringFilter, description: 'The country of its region, ISO 3166-1 alpha-2.' }),
    geography: t.field({ type: ListFilter, description: 'What the country belongs to: `{eq: "EU"}`.' }),
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
    supportPlan: t.field({ type: StringFilter, description: 'The plan it is bought with, as its provider writes it.' }),
    supportPhase: t.field({
      type: SupportPhaseFilter,
      description: 'How its version stands to its provider’s promises.',
    }),
    supportEndsAt: t.field({ type: DateFilter, description: 'The last supported day under the plan in force.' }),
    supportDaysLeft: t.field({
      type: IntFilter,
      description: 'Days until the last supported day: `{gte: 0, lt: 61}` for those that leave support within 60 days.',
    }),
    ltsOnly: t.boolean({ description: 'Whether only long-term support covers its version, in force or not.' }),
    inSupport: t.boolean({
      description: 'Whether anybody supports its version. What nobody can tell is neither true nor false.',
    }),
    skewMinors: t.field({ type: IntFilter, description: 'Minors that its oldest node pool is behind.' }),
    tier: t.field({ type: StringFilter, description: 'Its pricing tier.' }),
    autoUpgradeChannel: t.field({ type: StringFilter, description: 'How Azure upgrades it by itself.' }),
    witness: t.field({ type: ListFilter, description: 'Who testifies to it: `capi`, `arm`.' }),
    disagrees: t.boolean({ description: 'Whether its witnesses differ on any field.' }),
    orphan: t.field({ type: OrphanDirectionFilter, description: 'How it stands alone.' }),
    missingTags: t.boolean({ description: 'Whether it lacks a label or tag that a policy demands.' }),
    health: t.field({ type: HealthStateFilter, description: 'How it is.' }),
    gitopsHealth: t.field({ type: HealthStateFilter, description: 'How the GitOps reconcilers that act on it are.' }),
    freshness: t.field({ type: FreshnessStateFilter, description: 'How old what is known of it is.' }),
    drifted: t.boolean({
      description:
        'Whether something differs from what was declared of it, beyond what is tolerated or excused. What nobody can tell is neither true nor false.',
    }),
    rolloutStartedAt: t.field({ type: DateTimeFilter, description: 'When the oldest of its rollouts began.' }),
    topology: t.field({
      type: TopologyFilter,
      description: 'How it stands to its ClusterClass; `{}` for any that has one.',
    }),
    remediations24h: t.field({
      type: IntFilter,
      description:
        'How often machines of one pool, or of its control plane, were replaced within 24 hours: the most of them.',
    }),
    createdAt: t.field({ type: DateTimeFilter, description: 'When its Cluster object was created.' }),
    lastTransitionAt: t.field({ type: DateTimeFilter, description: 'When Rollcall saw its health change last.' }),
    labels: t.string({ description: logicDoc.labels }),
  }),
})
