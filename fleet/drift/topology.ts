import type { Member } from '../cluster.ts'
import { type DeclaredPool, isAutoscaled } from '../composition/declared-pool.ts'
import { type KindKey, kindKeyOf, type ObjectRef, objectIdOf } from '../reference.ts'
import type { Topology } from '../rollout.ts'
import { aboutOf, called, type Notes, note, noteGap } from './notes.ts'
import type { Scene } from './scene.ts'

type WorkerSet = NonNullable<Topology['workers']>[number]

/** How the sets of workers that a topology names are kept. */
const kept = {
  machineDeployment: {
    key: 'cluster.x-k8s.io/MachineDeployment',
    kind: 'MachineDeployment',
    list: 'machineDeployments',
  },
  machinePool: { key: 'cluster.x-k8s.io/MachinePool', kind: 'MachinePool', list: 'machinePools' },
} as const satisfies Readonly<Record<WorkerSet['kind'], { key: KindKey; kind: string; list: string }>>

/** How a cluster stands to its ClusterClass and its own topology (domain.md 4.3). A full comparison of specs is nobody's to make. */
export function noteTopologies(notes: Notes, scene: Scene): void {
  const { cluster } = scene.family
  if (cluster?.facts.refs?.class) {
    noteRebase(notes, scene, cluster, cluster.facts.refs.class)
    noteWorkerSets(notes, scene, cluster)
  }
  notePoolReplicas(notes, scene)
}

/** Objects that were cloned from a template that the class no longer names. */
function noteRebase(notes: Notes, { family, pools, surroundings }: Scene, cluster: Member, ref: ObjectRef): void {
  const named = surroundings.around.get(objectIdOf(cluster.source, ref))
  const templates = named?.facts.topology?.templates
  if (!named || !templates) {
    if (named || surroundings.readingOf(cluster.source, kindKeyOf(ref)) !== 'unreadable') return
    noteGap(notes, 'rebasePending', { why: 'it cannot be read', of: called(ref), source: cluster.source })
    return
  }
  const namedBy = Map.groupBy(templates, ({ kind, group }) => `${kind}.${group}`)
  const clones = [family.infrastructure, family.controlPlane, ...pools.flatMap((one) => [one.worker, ...one.behind])]
  for (const clone of new Set(clones)) {
    const { clonedFrom, owned } = clone?.facts.topology ?? {}
    // Of a kind of template that the class does not name at all, nothing can be said.
    const templatesOfKind = clonedFrom && namedBy.get(clonedFrom.groupKind)
    if (!clone || !clonedFrom || !templatesOfKind || owned === false) continue
    notes.looked.add('rebasePending')
    if (templatesOfKind.some(({ name }) => name === clonedFrom.name)) continue
    const names = templatesOfKind.map(({ name }) => name).join(', ')
    const message = `${called(clone.ref)} was cloned from ${clonedFrom.name}, and ${called(ref)} names ${names}.`
    const field = 'metadata.annotations[cluster.x-k8s.io/cloned-from-name]'
    note(
      notes,
      { code: 'rebasePending', about: aboutOf(clone), message, likely: true },
      { by: named, field: 'spec', value: names },
      { by: clone, field, value: clonedFrom.name },
    )
  }
}

/** Sets of workers that the topology names, against those that are there (join: their names in the topology). */
function noteWorkerSets(notes: Notes, { pools, surroundings }: Scene, cluster: Member): void {
  const present = new Map<string, DeclaredPool>()
  for (const one of pools) {
    const { owned, workerName } = one.worker.facts.topology ?? {}
    if (workerName !== undefined) present.set(`${one.worker.ref.kind}/${workerName}`, one)
    if (owned === undefined) continue
    notes.looked.add('unmanagedWorker')
    if (owned) continue
    const message = `${called(one.worker.ref)} is not of the topology of ${called(cluster.ref)}.`
    const told = { code: 'unmanagedWorker', about: aboutOf(one.worker), message } as const
    const field = 'metadata.labels[topology.cluster.x-k8s.io/owned]'
    note(notes, told, { by: one.worker, field, value: '' }, { by: one.worker, field, value: null })
  }
  for (const set of cluster.facts.topology?.workers ?? []) {
    const found = present.get(`${kept[set.kind].kind}/${set.name}`)
    if (found) noteSetReplicas(notes, cluster, set, found)
    // One that does not say which of them it is may be any of them.
    else if (!pools.some((one) => isNameless(one, set)))
      noteMissing(notes, cluster, set, surroundings.readingOf(cluster.source, kept[set.kind].key))
  }
}

const isNameless = ({ worker: { ref, facts } }: DeclaredPool, set: WorkerSet): boolean =>
  ref.kind === kept[set.kind].kind && facts.topology?.owned !== false && facts.topology?.workerName === undefined

const pathOf = (set: WorkerSet): string => `spec.topology.workers.${kept[set.kind].list}[${set.name}]`

function noteMissing(notes: Notes, cluster: Member, set: WorkerSet, reading: string): void {
  const { kind } = kept[set.kind]
  if (reading !== 'read') {
    if (reading === 'unreadable')
      noteGap(notes, 'missingWorker', { why: 'this kind cannot be read', of: kind, source: cluster.source })
    return
  }
  const message = `The topology of ${called(cluster.ref)} names the workers ${set.name}, and no ${kind} is there for them.`
  const field = pathOf(set)
  const told = { code: 'missingWorker', about: aboutOf(cluster), message } as const
  note(notes, told, { by: cluster, field, value: set.name }, { by: cluster, field, value: null })
}

function noteSetReplicas(notes: Notes, cluster: Member, set: WorkerSet, found: DeclaredPool): void {
  notes.looked.add('missingWorker')
  const asked = found.worker.facts.replicas?.desired
  if (set.replicas === undefined || asked === undefined || isAutoscaled(found)) return
  notes.looked.add('replicasDrift')
  if (set.replicas === asked) return
  const message = `${called(found.worker.ref)} asks for ${asked} replicas, and the topology for ${set.replicas}.`
  const told = { code: 'replicasDrift', about: aboutOf(found.worker), message } as const
  const expected = { by: cluster, field: `${pathOf(set)}.replicas`, value: String(set.replicas) }
  note(notes, told, expected, { by: found.worker, field: 'spec.replicas', value: String(asked) })
}

/**
 * What a MachinePool, or a kind of workers that the operator declared, asks for against what it counts. What Azure counts is in
 * `infrastructure.ts`. A MachineDeployment's machines are Cluster API's own, whose health says whether they are there.
 */
function notePoolReplicas(notes: Notes, { pools, listings }: Scene): void {
  for (const one of pools) {
    const { ref, facts } = one.worker
    const { desired, current } = facts.replicas ?? {}
    const kind = kindKeyOf(ref)
    if (kind === kept.machineDeployment.key || desired === undefined || current === undefined) continue
    if (isAutoscaled(one) || listings.arm.get(one.key)?.pool.autoscaled === true) continue
    notes.looked.add('replicasDrift')
    if (desired === current) continue
    const message = `${called(ref)} asks for ${desired} replicas, and has ${current}.`
    const told = { code: 'replicasDrift', about: aboutOf(one.worker), message } as const
    // Where an operator's kind keeps them, its declaration says.
    const [asks, has] =
      kind === kept.machinePool.key ? ['spec.replicas', 'status.replicas'] : ['replicas.desired', 'replicas.current']
    const expected = { by: one.worker, field: asks, value: String(desired) }
    note(notes, told, expected, { by: one.worker, field: has, value: String(current) })
  }
}
