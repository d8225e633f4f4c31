import type { Revision } from '../../fleet/observation.ts'
import { clusterKind } from '../../fleet/reference.ts'
import { conditionsOf } from './condition.ts'
import { asksFreshness, joinFreshness, judgedClusters, judgedShape, keptHealthOf } from './freshness.ts'
import { labelsOf } from './label.ts'
import type { Cluster, NodePool, ParentRef, Resource } from './noun.ts'
import { countsShape } from './replicas.ts'
import { livingOf } from './scope.ts'
import { as, manyOf, objectOf, oneOf, type Selection, type Shape } from './shape.ts'
import { sourceOf } from './source-shape.ts'
import { versionShape } from './version.ts'

// The nouns and how they hang together: clusters have pools and objects, which have their cluster. Aliases are fixed (`c`, `p`, `o`);
// a nested row of the same noun shadows the outer one, and speaks only of the noun it hangs on.

/** Kinds that clusters, and their pools, are made of first of all: over `reading r`. */
export const clusterKinds = `r.kind = '${clusterKind}'`
export const nodePoolKinds = `r.kind in ('${clusterKind}', 'cluster.x-k8s.io/MachineDeployment', 'cluster.x-k8s.io/MachinePool')`
/** GitOps health of a cluster `c`, at the reader's clock. */
export const gitopsOf = `(${keptHealthOf('c', 'c.gitops')})`

export const clusterShape: Shape<keyof Cluster> = {
  ...judgedShape('c'),
  id: as(`'Cluster:' || c.id`),
  namespace: as('c.namespace'),
  name: as('c.name'),
  environment: as('c.environment'),
  region: as('c.region'),
  provider: as('c.provider'),
  flavour: as('c.flavour'),
  ring: as('c.ring'),
  owner: (below) => {
    const owner = objectOf({ team: as('c.owner'), contact: as('c.contact') }, below)
    return `case when c.owner is null and c.contact is null then null else ${owner} end`
  },
  source: (below) => sourceOf('c.source_id', below),
  labels: as(labelsOf('c')),
  bindings: (below) => bindingsOf(below),
  armId: as('c.arm_id'),
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

/** Clusters `c`, and `f` where they are judged. */
export const fromClusters = (judged: boolean): string => (judged ? judgedClusters : `cluster c`)

/** The cluster a row belongs to. `id` is the SQL of its id. */
const clusterOf = (id: string, below: Selection): string =>
  oneOf(clusterShape, below, `from ${fromClusters(asksFreshness(below))} where c.id = ${id}`)

export const nodePoolShape: Shape<keyof NodePool> = {
  ...judgedShape('p'),
  id: as(`'NodePool:' || p.id`),
  name: as('p.name'),
  kind: as('p.kind'),
  mode: as('p.mode'),
  kubernetes: (below) => objectOf(versionShape('p'), below),
  nodeImage: as('p.node_image'),
  vmSize: as('p.vm_size'),
  autoscaled: as('p.autoscaled'),
  replicas: (below) => objectOf(countsShape('p', 'replicas'), below),
  firstSeenAt: as('p.first_seen_at'),
  lastTransitionAt: as('p.state_since'),
  cluster: (below) => clusterOf('p.cluster_id', below),
}

/** Node pools `p`, and `f` where they are judged: a pool has its worker object's id, and is as fresh as that object's kind. */
export const fromNodePools = (judged: boolean): string =>
  judged
    ? `node_pool p left join object w on w.id = p.id and w.source_id = p.source_id ${joinFreshness('p.source_id', 'w.kind')}`
    : `node_pool p`

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
export const fromResources = (judged: boolean): string =>
  judged ? `object o ${joinFreshness('o.source_id', 'o.kind')}` : `object o`

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
