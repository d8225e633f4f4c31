import { versionOfPool } from '../composition/pools.ts'
import { type KindKey, kindKeyOf } from '../reference.ts'
import type { DriftCode } from './code.ts'
import { called, type Notes, noteGap } from './notes.ts'
import type { Scene } from './scene.ts'

const machineKind: KindKey = 'cluster.x-k8s.io/Machine'
const deploymentKind: KindKey = 'cluster.x-k8s.io/MachineDeployment'
const workerKinds: readonly KindKey[] = [deploymentKind, 'cluster.x-k8s.io/MachinePool']

/** Codes of which nobody can tell, because a kind that the cluster is made of could not be read. Goes last: what was looked at is told. */
export function noteUnreadKinds(notes: Notes, scene: Scene): void {
  noteControlPlane(notes, scene)
  noteMachines(notes, scene)
  noteWorkers(notes, scene)
}

/** What the Cluster refers to as its control plane; Azure may tell of its version all the same. */
function noteControlPlane(notes: Notes, { family, pools, surroundings }: Scene): void {
  const { cluster, controlPlane } = family
  const ref = cluster?.facts.refs?.controlPlane
  if (!cluster || !ref || controlPlane || surroundings.readingOf(cluster.source, kindKeyOf(ref)) !== 'unreadable')
    return
  const { looked } = notes
  const codes: DriftCode[] = looked.has('aksVsSpec') ? [] : ['cpBehindSpec', 'cpAheadOfSpec']
  if (cluster.facts.refs?.class && cluster.facts.versionDeclared !== undefined) codes.push('topologyPending')
  if (pools.length > 0 && !looked.has('workersBehindCP')) codes.push('workersBehindCP')
  for (const code of codes) noteGap(notes, code, { why: 'it cannot be read', of: called(ref), source: cluster.source })
}

/** Machines of sets that have some. Before Cluster API 1.14 sets leave it to their machines to tell what they run. */
function noteMachines(notes: Notes, { family, pools, listings, surroundings }: Scene): void {
  for (const one of pools) {
    const { ref, source } = one.worker
    if (kindKeyOf(ref) !== deploymentKind || surroundings.readingOf(source, machineKind) !== 'unreadable') continue
    const unread = { why: 'its Machines cannot be read', of: called(ref), source }
    noteGap(notes, 'machineNotUpToDate', unread)
    noteGap(notes, 'orphanMachine', unread)
    if (versionOfPool(family, one, listings, false) === null) noteGap(notes, 'workersBehindCP', unread)
  }
}

/** Sets of workers, against the topology; that one it names may be missing, `topology.ts` says. */
function noteWorkers(notes: Notes, { family, surroundings }: Scene): void {
  const { cluster } = family
  if (!cluster?.facts.refs?.class) return
  for (const kind of workerKinds) {
    if (surroundings.readingOf(cluster.source, kind) !== 'unreadable') continue
    const of = kind.slice(kind.indexOf('/') + 1)
    for (const code of ['unmanagedWorker', 'replicasDrift'] as const)
      noteGap(notes, code, { why: 'this kind cannot be read', of, source: cluster.source })
  }
}
