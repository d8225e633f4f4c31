import type { Revision } from '../../fleet/observation.ts'
import { armClusterKind, clusterKind } from '../../fleet/reference.ts'
import { conditionsOf } from './condition.ts'
import {
  asksFreshness,
  inputsShape,
  inputsStale,
  joinFreshness,
  joinInputs,
  judgedClusters,
  judgedPools,
  judgedShape,
  keptHealthOf,
} from './freshness.ts'
import { labelsOf } from './label.ts'
import type { Cluster, EvidenceView, Finding, NodePool, ParentRef, Resource, Waiver } from './noun.ts'
import { countsShape } from './replicas.ts'
import { livingOf } from './scope.ts'
import { as, clock, manyOf, objectOf, oneOf, type Selection, type Shape } from './shape.ts'
import { sourceOf } from './source-shape.ts'
import { joinAssessment, supportOf, upgradeTargetsOf } from './support.ts'
import { versionShape } from './version.ts'
import { disagreementsOf, managementSource, missingTagsOf, orphanOf, ownershipSourceOf } from './witness.ts'

// The nouns and how they hang together: clusters have pools, objects and findings, which have their cluster. Aliases are fixed (`c`,
// `p`, `o`, `v` for what is found, `u` for waivers);
// a nested row of the same noun shadows the outer one, and speaks only of the noun it hangs on.

/** Kinds that clusters, and their pools, are made of first of all: over `reading r`. */
export const clusterKinds = `r.kind in ('${clusterKind}', '${armClusterKind}')`
export const nodePoolKinds = `r.kind in ('${clusterKind}', '${armClusterKind}', 'cluster.x-k8s.io/MachineDeployment', 'cluster.x-k8s.io/MachinePool')`
/** GitOps health of a cluster `c`, at the reader's clock. */
export const gitopsOf = `(${keptHealthOf('c', 'c.gitops')})`

export const clusterShape: Shape<keyof Cluster> = {
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
  findings: (below) => findingsOf('c.id', below),
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
  nodePools: (below) => nodePoolsOf('c.id', below),
  objects: (below) => resourcesOf('c.id', below),
}

const bindingShape = {
  kind: as(`split_part(b.claim, ':', 1)`),
  ref: as(`substr(b.claim, strpos(b.claim, ':') + 1)`),
}
const bindingsOf = (below: Selection) =>
  manyOf(bindingShape, below, `from binding b where b.cluster_id = c.id order by b.claim`)

/** Clusters `c`, `f` where they are judged, and `a` where what the rules say of them as a whole is asked. */
export const fromClusters = (judged: boolean, assessed = false): string =>
  `${judged ? judgedClusters : 'cluster c'} ${assessed ? joinAssessment : ''}`

/** The cluster a row belongs to. `id` is the SQL of its id. */
const clusterOf = (id: string, below: Selection): string =>
  oneOf(clusterShape, below, `from ${fromClusters(asksFreshness(below))} where c.id = ${id}`)

/** Whole days since a pool's image was released, by the reader's clock. */
export const imageAgeOf = `((${clock} at time zone 'UTC')::date - p.image_released_at)`

export const nodePoolShape: Shape<keyof NodePool> = {
  ...judgedShape('p'),
  id: as(`'NodePool:' || p.id`),
  name: as('p.name'),
  kind: as('p.kind'),
  mode: as('p.mode'),
  kubernetes: (below) => objectOf(versionShape('p'), below),
  nodeImage: as('p.node_image'),
  imageReleasedAt: as('p.image_released_at'),
  imageAgeDays: as(imageAgeOf),
  os: as('p.os'),
  skewMinors: as('p.skew_minors'),
  vmSize: as('p.vm_size'),
  autoscaled: as('p.autoscaled'),
  replicas: (below) => objectOf(countsShape('p', 'replicas'), below),
  firstSeenAt: as('p.first_seen_at'),
  lastTransitionAt: as('p.state_since'),
  cluster: (below) => clusterOf('p.cluster_id', below),
}

/** Node pools `p`, and `f` where they are judged. */
export const fromNodePools = (judged: boolean): string => (judged ? judgedPools : `node_pool p`)

/** The pools of one cluster. `cluster` is the SQL of its id. */
const nodePoolsOf = (cluster: string, below: Selection): string =>
  manyOf(
    nodePoolShape,
    below,
    `from ${fromNodePools(asksFreshness(below))} where p.cluster_id = ${cluster} and ${livingOf('p')} order by p.name, p.id`,
  )

export const groupOf = (row: string): string => `split_part(${row}.kind, '/', 1)`
export const kindOf = (row: string): string => `split_part(${row}.kind, '/', 2)`

const parentShape: Shape<keyof ParentRef> = {
  id: as(`'Resource:' || a.id`),
  kind: as(kindOf('a')),
  namespace: as('a.namespace'),
  name: as('a.name'),
}

export const resourceShape: Shape<keyof Resource> = {
  ...judgedShape('o'),
  id: as(`'Resource:' || o.id`),
  group: as(groupOf('o')),
  kind: as(kindOf('o')),
  apiVersion: as('o.api_version'),
  namespace: as('o.namespace'),
  name: as('o.name'),
  source: (below) => sourceOf('o.source_id', below),
  cluster: (below) => clusterOf('o.cluster_id', below),
  parent: (below) => oneOf(parentShape, below, `from object a where a.id = o.parent_id`),
  labels: as(labelsOf('o')),
  generation: as('o.generation'),
  observedGeneration: as('o.observed_generation'),
  conditions: (below) => conditionsOf('o.id', below),
  kubernetes: (below) => objectOf(versionShape('o'), below),
  replicas: (below) => objectOf(countsShape('o', 'replicas'), below),
  revision: (below) => objectOf(revisionShape, below),
  phase: as(`o.facts ->> 'phase'`),
  region: as(`o.facts ->> 'region'`),
  armId: as(`o.facts ->> 'armId'`),
  providerId: as(`o.facts ->> 'providerId'`),
  createdAt: as('o.created_at'),
  deletingSince: as('o.deleting_since'),
  changedAt: as('o.changed_at'),
  lastTransitionAt: as('o.state_since'),
}

const revisionShape: Shape<keyof Revision> = {
  desired: as('o.revision_desired'),
  attempted: as('o.revision_attempted'),
  applied: as('o.revision_applied'),
}

/** Objects `o`, and `f` where they are judged. */
export const fromResources = (judged: boolean): string => (judged ? `object o ${joinFreshness}` : `object o`)

/** A cluster may have thousands of machines: nested, only so many; `resources(filter: {cluster: …})` pages through all. */
const objectsShown = 100

/** The objects of one cluster, by kind and name, the first `objectsShown`. */
const resourcesOf = (cluster: string, below: Selection): string =>
  manyOf(
    resourceShape,
    below,
    `from ${fromResources(asksFreshness(below))} where o.cluster_id = ${cluster} and ${livingOf('o')}
      order by o.kind, o.name, o.id limit ${objectsShown}`,
  )

/** Findings `v` with their clusters `c`, and `g`; `f`, `a` of the clusters where a filter speaks of them. */
export const fromFindings = (told: boolean, { judged = false, assessed = false } = {}): string =>
  `${fromClusters(judged, assessed)} join finding v on v.cluster_id = c.id and v.source_id = c.source_id ${told ? joinInputs : ''}`

/** Whether the fields of a finding speak of `g`, so that it must be joined. */
export const asksInputs = ({ stale, freshness }: Selection): boolean => Boolean(stale ?? freshness)

// Without a day of its own, evidence is as old as the last reading of who gives it.
const evidenceShape: Shape<keyof EvidenceView> = {
  field: as(`e.said ->> 'field'`),
  expected: as(`e.said ->> 'expected'`),
  actual: as(`e.said ->> 'actual'`),
  source: as(`e.said ->> 'from'`),
  asOf: as(`e.said ->> 'asOf'`),
  observedAt:
    as(`case when e.said ->> 'asOf' is null then (select greatest(r.caught_up_at, r.verified_at) from reading r
    where r.source_id = case when e.said ->> 'from' = c.arm_source_id then c.arm_source_id else c.source_id end
      and r.kind = case when e.said ->> 'from' = c.arm_source_id then '${armClusterKind}' else c.kind end) end`),
}

export const findingShape: Shape<keyof Finding> = {
  id: as(`'Finding:' || v.id`),
  policy: (below) => objectOf({ name: as('v.policy'), version: as('v.policy_version') }, below),
  rule: as('v.rule'),
  type: as('v.type'),
  severity: as('v.severity'),
  outcome: as('v.outcome'),
  message: as('v.message'),
  evidence: (below) =>
    manyOf(
      evidenceShape,
      below,
      'from jsonb_array_elements(v.evidence) with ordinality e(said, place) order by e.place',
    ),
  since: as('v.since'),
  cause: as('v.cause'),
  violatedSince: as('v.violated_since'),
  graceUntil: as('v.grace_until'),
  waiver: (below) => oneOf(waiverShape, below, 'from waiver u where u.id = v.waiver_id'),
  holdsUntil: as('v.holds_until'),
  stale: as(inputsStale),
  freshness: (below) => objectOf(inputsShape, below),
  cluster: (below) => clusterOf('v.cluster_id', below),
  judgedAt: as('v.judged_at'),
}

/** The findings of one cluster, by policy and rule. */
const findingsOf = (cluster: string, below: Selection): string =>
  manyOf(
    findingShape,
    below,
    `from (select ${cluster} as id) mine cross join ${fromFindings(asksInputs(below))} where c.id = mine.id
      order by v.policy, v.rule limit ${findingsShown}`,
  )

/** Nested, only so many; `findings` pages through all. */
const findingsShown = 100

/** Whether a waiver `u` excuses, by the reader's clock. */
export const isActive = `(u.revoked_at is null and u.expires_at > ${clock})`

export const waiverShape: Shape<keyof Waiver> = {
  id: as(`'Waiver:' || u.id`),
  policy: as('u.policy'),
  rule: as('u.rule'),
  selector: as('u.selector'),
  owner: as('u.owner'),
  reason: as('u.reason'),
  approvedBy: as('u.approved_by'),
  createdAt: as('u.created_at'),
  expiresAt: as('u.expires_at'),
  revokedAt: as('u.revoked_at'),
  revokedBy: as('u.revoked_by'),
  origin: as('u.origin'),
  active: as(isActive),
  findings: (below) =>
    manyOf(
      findingShape,
      below,
      `from ${fromFindings(asksInputs(below))} where v.waiver_id = u.id and ${livingOf('c')}
        order by v.since, v.id limit ${findingsShown}`,
    ),
}
