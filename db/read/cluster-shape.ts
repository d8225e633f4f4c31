import { conditionsOf } from './condition.ts'
import { judgedShape, keptHealthOf } from './freshness.ts'
import { labelsOf } from './label.ts'
import type { Cluster } from './noun.ts'
import { countsShape } from './replicas.ts'
import { rolloutsOf } from './rollout.ts'
import { livingOf } from './scope.ts'
import { as, manyOf, objectOf, type Selection, type Shape } from './shape.ts'
import { sourceOf } from './source-shape.ts'
import { supportOf, upgradeTargetsOf } from './support.ts'
import { isDrift } from './verdict-shape.ts'
import { versionShape } from './version.ts'
import { disagreementsOf, managementSource, missingTagsOf, orphanOf, ownershipSourceOf } from './witness.ts'

/** GitOps health of a cluster `c`, at the reader's clock. */
export const gitopsOf = `(${keptHealthOf('c', 'c.gitops')})`

const bindingShape = {
  kind: as(`split_part(b.claim, ':', 1)`),
  ref: as(`substr(b.claim, strpos(b.claim, ':') + 1)`),
}
const bindingsOf = (below: Selection) =>
  manyOf(bindingShape, below, `from binding b where b.cluster_id = c.id order by b.claim`)

const driftCount = `(select count(*)::int from finding v
  where v.cluster_id = c.id and v.source_id = c.source_id and ${isDrift} and ${livingOf('c')})`

/** Whether something of a cluster `c` differs and nothing excuses it; null where nobody can tell. */
export const isDrifted = `(select case when bool_or(v.outcome = 'Fail') then true
    when count(*) > 0 and not bool_or(v.outcome = 'Unknown') then false end
  from finding v where v.cluster_id = c.id and v.source_id = c.source_id and v.code is not null)`

/** What leads from a cluster to another noun. */
type Edge = 'findings' | 'drift' | 'nodePools' | 'objects' | 'gitopsObjects' | 'remediations'

/** A cluster `c` by itself; its edges are in db/read/graph.ts. */
export const clusterFields: Shape<Exclude<keyof Cluster, Edge>> = {
  ...judgedShape('c'),
  id: as(`'Cluster:' || c.id`),
  namespace: as('c.namespace'),
  name: as('c.name'),
  environment: as('c.environment'),
  region: as('c.region'),
  country: as('c.country'),
  geographies: as('to_json(c.geographies)'),
  provider: as('c.provider'),
  flavour: as('c.flavour'),
  ring: as('c.ring'),
  owner: (below) => {
    const owner = objectOf({ team: as('c.owner'), contact: as('c.contact') }, below)
    return `case when c.owner is null and c.contact is null then null else ${owner} end`
  },
  ownershipSource: as(ownershipSourceOf),
  source: (below) => sourceOf('c.source_id', below),
  labels: as(labelsOf('c')),
  bindings: (below) => bindingsOf(below),
  witnesses: as('to_json(c.witnesses)'),
  disagreements: (below) => disagreementsOf(below),
  orphan: (below) => orphanOf(below),
  managementCluster: (below) => sourceOf(managementSource, below),
  missingTags: as(missingTagsOf),
  armId: as('c.arm_id'),
  resourceUid: as('c.resource_uid'),
  nodeResourceGroup: as('c.node_resource_group'),
  supportPlan: as('c.support_plan'),
  tier: as('c.tier'),
  powerState: as('c.power_state'),
  autoUpgradeChannel: as('c.upgrade_channel'),
  nodeOsUpgradeChannel: as('c.node_os_upgrade_channel'),
  support: (below) => supportOf(below),
  upgradeTargets: () => upgradeTargetsOf(),
  skewMinors: as('c.skew_minors'),
  driftCount: as(driftCount),
  managedBy: as('c.managed_by'),
  rollouts: (below) => rolloutsOf(below),
  rolloutStartedAt: as('c.rollout_started_at'),
  topology: as('c.topology'),
  endpoint: as('c.endpoint'),
  lifecycle: as('c.phase'),
  topologyClass: as('c.topology_class'),
  createdAt: as('c.created_at'),
  firstSeenAt: as('c.first_seen_at'),
  lastTransitionAt: as('c.state_since'),
  kubernetes: (below) => objectOf(versionShape('c'), below),
  controlPlane: (below) => objectOf(countsShape('c', 'control_plane'), below),
  workers: (below) => objectOf(countsShape('c', 'workers'), below),
  gitops: as(gitopsOf),
  rootCause: as('c.root_cause'),
  conditions: (below) => conditionsOf('c.object_id', below),
}
