import type { Revision } from '../../fleet/observation.ts'
import { armClusterKind, clusterKind } from '../../fleet/reference.ts'
import { findingKeyOf } from '../order.ts'
import { clusterFields } from './cluster-shape.ts'
import { conditionsOf } from './condition.ts'
import { asksFreshness, joinFreshness, joinInputs, judgedClusters, judgedPools, judgedShape } from './freshness.ts'
import type { GitOpsObject } from './gitops-noun.ts'
import { gitopsFields } from './gitops-shape.ts'
import { labelsOf } from './label.ts'
import type { Cluster, NodePool, ParentRef, Resource } from './noun.ts'
import { affectedCount, fromAffected, pauseOf } from './paused.ts'
import { remediationsOf } from './remediation.ts'
import { countsShape } from './replicas.ts'
import { livingOf } from './scope.ts'
import { as, clock, manyOf, objectOf, oneOf, type Selection, type Shape } from './shape.ts'
import { sourceOf } from './source-shape.ts'
import { joinAssessment } from './support.ts'
import type { Drift, Finding, Waiver } from './verdict-noun.ts'
import { asksInputs, isDrift, verdictFields } from './verdict-shape.ts'
import { versionShape } from './version.ts'

// The nouns and how they hang together: clusters have pools, objects, findings and what reconciles them, which have their cluster.
// Aliases are fixed (`c`, `p`, `o`, `v` for what is found, `u` for waivers, `y` for GitOps objects);
// a nested row of the same noun shadows the outer one, and speaks only of the noun it hangs on.

/** Kinds that clusters, and their pools, are made of first of all: over `reading r`. */
export const clusterKinds = `r.kind in ('${clusterKind}', '${armClusterKind}')`
export const nodePoolKinds = `r.kind in ('${clusterKind}', '${armClusterKind}', 'cluster.x-k8s.io/MachineDeployment', 'cluster.x-k8s.io/MachinePool')`
export const clusterShape: Shape<keyof Cluster> = {
  ...clusterFields,
  findings: (below) => findingsOf('c.id', below),
  drift: (below) => driftOf('v.cluster_id = mine.id', 'c.id', below),
  nodePools: (below) => nodePoolsOf('c.id', below),
  objects: (below) => resourcesOf('c.id', below),
  gitopsObjects: (below) => gitopsObjectsOf('c.id', below),
  remediations: (below) => remediationsOf(below, poolNamed),
}

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

/** The pool of a cluster `c` that comes from the worker object of this name. */
const poolNamed = (name: string, below: Selection): string =>
  oneOf(
    nodePoolShape,
    below,
    `from (select c.id, ${name} as name) mine cross join ${fromNodePools(asksFreshness(below))}
      join object k on k.id = p.id where p.cluster_id = mine.id and k.name = mine.name and ${livingOf('p')} limit 1`,
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
  pause: (below) => pauseOf(below),
  affected: as(affectedCount),
  affectedObjects: (below) =>
    manyOf(
      resourceShape,
      below,
      `${fromAffected(fromResources(asksFreshness(below)))} and ${livingOf('o')} order by o.kind, o.name, o.id limit ${objectsShown}`,
    ),
  phase: as(`o.facts ->> 'phase'`),
  region: as(`o.facts ->> 'region'`),
  armId: as(`o.facts ->> 'armId'`),
  providerId: as(`o.facts ->> 'providerId'`),
  createdAt: as('o.created_at'),
  deletingSince: as('o.deleting_since'),
  changedAt: as('o.changed_at'),
  lastTransitionAt: as('o.state_since'),
}

const revisionShape: Shape<Exclude<keyof Revision, 'offered'>> = {
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

export const findingShape: Shape<keyof Finding> = {
  ...verdictFields,
  id: as(`'Finding:' || v.id`),
  waiver: (below) => waiverOf(below),
  cluster: (below) => clusterOf('v.cluster_id', below),
}

const waiverOf = (below: Selection): string => oneOf(waiverShape, below, 'from waiver u where u.id = v.waiver_id')

/** The same of findings `v` of management clusters too, which have no `c`. */
export const fromDrift = (told: boolean, { judged = false, assessed = false } = {}): string =>
  `finding v left join ${fromClusters(judged, assessed)} on c.id = v.cluster_id and c.source_id = v.source_id ${told ? joinInputs : ''}`

/** Drift that is there to be told: of clusters that are there, and of sources that are still in the fleet file. */
export const isLivingDrift = `(${isDrift} and (v.scope = 'source' or c.id is not null and c.gone_at is null)
  and v.source_id not in (select id from source where removed_at is not null))`

export const driftShape: Shape<keyof Drift> = {
  ...verdictFields,
  id: as(`'Drift:' || v.id`),
  waiver: (below) => waiverOf(below),
  cluster: (below) => clusterOf('v.cluster_id', below),
  source: (below) => sourceOf('v.source_id', below),
  confidence: as(`case when v.likely then 'LIKELY' else 'CERTAIN' end`),
}

/** The drift that `which` picks of what hangs on `mine.id`, the worst first. `id` is the SQL of that. */
const driftOf = (which: string, id: string, below: Selection): string =>
  manyOf(
    driftShape,
    below,
    `from (select ${id} as id) mine cross join ${fromDrift(asksInputs(below))} where ${which} and ${isLivingDrift}
      order by ${findingKeyOf('v')}, v.id limit ${findingsShown}`,
  )

/** GitOps objects `y` with their own objects `o`, and \`f\` where these are judged. */
export const fromGitops = (judged: boolean): string =>
  `gitops y join object o on o.id = y.id and o.source_id = y.source_id ${judged ? joinFreshness : ''}`

export const gitopsShape: Shape<keyof GitOpsObject> = {
  ...gitopsFields,
  cluster: (below) => clusterOf('y.cluster_id', below),
  resource: (below) => resourceOf('y.id', below),
  appliesFrom: (below) => resourceOf('y.applies_from_id', below),
  drift: (below) => driftOf('v.about_id = mine.id', 'y.id', below),
}

const resourceOf = (id: string, below: Selection): string =>
  oneOf(resourceShape, below, `from ${fromResources(asksFreshness(below))} where o.id = ${id}`)

/** What acts on one cluster from Git, by name, the first `objectsShown`. */
const gitopsObjectsOf = (cluster: string, below: Selection): string =>
  manyOf(
    gitopsShape,
    below,
    `from ${fromGitops(asksFreshness(below))} where y.cluster_id = ${cluster} and ${livingOf('o')}
      order by y.name, y.id limit ${objectsShown}`,
  )

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
