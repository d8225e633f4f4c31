import type { Member } from '../cluster.ts'
import { isCluster } from '../composition/claimant.ts'
import { managerOf } from '../composition/manager.ts'
import { kindKeyOf, shortNameOf } from '../reference.ts'
import { aboutOf, called, type Notes, note, noteGap, unreadOf } from './notes.ts'
import { isLeaving, type Scene } from './scene.ts'

/** Whether a cluster is declared, once, and is there (domain.md 4.1 `unmanagedByGit`, 4.5). */
export function noteExistence(notes: Notes, scene: Scene): void {
  const { cluster } = scene.family
  noteUndeclared(notes, scene)
  if (!cluster) return
  // A cluster on its way out is gone in Azure before its Cluster object is.
  if (!isLeaving(cluster)) noteMissing(notes, scene, cluster)
  noteRivals(notes, scene.claimants, cluster)
  noteUnmanaged(notes, scene, cluster)
}

/** What is being made may be declared where it is read later; what is being deleted need not be declared. */
const isPassing: ReadonlySet<unknown> = new Set(['Creating', 'Deleting'])

/**
 * Azure has it and nobody declares it; a management cluster of the fleet is declared by the fleet file. Not known while somebody who
 * may declare it cannot be read.
 */
function noteUndeclared(notes: Notes, { family, surroundings }: Scene): void {
  const { arm, members } = family
  const { managementCluster, declaredUntil, declarersUnread, kinds } = surroundings
  if (!arm || managementCluster !== null) return
  const declarers = members.filter((member) => kindKeyOf(member.ref) !== kindKeyOf(arm.ref))
  if (isCluster(declarers, kinds)) {
    notes.looked.add('aksUnmanaged')
    return
  }
  if (isPassing.has(arm.facts.more?.provisioningState)) return
  if (declarersUnread.length > 0) {
    noteGap(notes, 'aksUnmanaged', { why: unreadOf(declarersUnread), of: called(arm.ref), source: arm.source })
    return
  }
  const until = declaredUntil === null ? '' : `; its Cluster object went away at ${declaredUntil}`
  note(
    notes,
    {
      code: 'aksUnmanaged',
      about: aboutOf(arm),
      message: `Azure has the cluster ${shortNameOf(arm.ref)}, which nobody declares${until}.`,
      ...(declaredUntil === null ? undefined : { since: declaredUntil }),
    },
    { by: arm, field: 'armId', value: null },
    { by: arm, field: 'armId', value: arm.facts.armId ?? arm.ref.name },
  )
}

function noteMissing(notes: Notes, { family, surroundings }: Scene, cluster: Member): void {
  const { missing } = surroundings
  if (family.arm) notes.looked.add('aksMissing')
  if (family.arm || missing === null) return
  const teller = [family.managed, family.controlPlane].find((member) => member?.facts.armId !== undefined)
  const value = teller?.facts.armId ?? null
  const field = 'armId'
  notes.differences.push({
    code: 'aksMissing',
    about: aboutOf(cluster),
    field,
    expected: value,
    actual: null,
    since: missing.since,
    message: `${called(cluster.ref)} is declared, and Azure does not have ${value ?? 'it'}.`,
    evidence: [
      { field, expected: null, actual: value, from: (teller ?? cluster).source, asOf: null },
      { field, expected: value, actual: null, from: missing.source, asOf: null },
    ],
  })
}

/** Several Cluster objects that mean one cluster: a move that left its original behind, or a copied manifest. */
function noteRivals(notes: Notes, claimants: readonly Member[], cluster: Member): void {
  notes.looked.add('duplicateManaged')
  if (claimants.length < 2) return
  const names = claimants.map(({ source, ref }) => `${source}/${ref.namespace}/${ref.name}`)
  notes.differences.push({
    code: 'duplicateManaged',
    about: aboutOf(cluster),
    field: 'managementCluster',
    expected: names[0] ?? null,
    actual: names.join(', '),
    message: `${claimants.length} Cluster objects claim this cluster: ${names.join(', ')}.`,
    evidence: claimants.map(({ source }, n) => ({
      field: 'managementCluster',
      expected: null,
      actual: names[n] ?? null,
      from: source,
      asOf: null,
    })),
  })
}

function noteUnmanaged(notes: Notes, { surroundings }: Scene, cluster: Member): void {
  notes.looked.add('unmanagedByGit')
  if (managerOf(cluster, surroundings) !== null) return
  const hint = cluster.facts.managedBy
  const field = 'metadata.labels'
  if (hint && surroundings.readingOf(cluster.source, 'argoproj.io/Application') === 'unreadable') {
    const why = `whether there is an Application ${hint.name} cannot be read`
    noteGap(notes, 'unmanagedByGit', { why, of: called(cluster.ref), source: cluster.source })
    return
  }
  const message = `Nothing says that ${called(cluster.ref)} comes from Git.`
  // A label that Helm writes too, and no Application of its name.
  const told = {
    code: 'unmanagedByGit',
    about: aboutOf(cluster),
    message,
    ...(hint ? { likely: true as const } : undefined),
  } as const
  note(notes, told, { by: cluster, field, value: null }, { by: cluster, field, value: hint?.name ?? null })
}
