import type { Member } from '../cluster.ts'
import type { SourceMembers } from '../compose-source.ts'
import type { Applier } from '../composition/chain.ts'
import type { Surroundings } from '../composition/surroundings.ts'
import type { GitOps } from '../gitops.ts'
import { clusterKind, type KindKey, kindKeyOf } from '../reference.ts'
import type { DriftCode } from './code.ts'
import type { Drift } from './difference.ts'
import { noteGitOps, noteUnread } from './gitops.ts'
import { aboutOf, called, driftOf, type Notes, newNotes, note, noteGap, unreadOf } from './notes.ts'
import { isLeaving, leavingAmong } from './scene.ts'

/**
 * How a management cluster differs from what was declared of it: what is applied to itself, and what is left of clusters that are gone,
 * or means clusters that nobody knows (domain.md 4.1, 4.5).
 * @param gitops objects of GitOps tools that act on no known cluster but this one.
 * @param appliers those of them that apply something.
 */
export function driftOfSource(
  members: SourceMembers,
  gitops: readonly Member[],
  appliers: readonly Applier[],
  surroundings: Surroundings,
): Drift {
  const notes = newNotes()
  noteGitOps(notes, gitops, appliers, surroundings)
  noteUnread(notes, members.source, gitops, surroundings)
  noteStrangers(notes, members.source, appliers, surroundings)
  noteOrphans(notes, members, surroundings)
  noteVanished(notes, members, surroundings)
  return driftOf(notes, leavingAmong(gitops))
}

/** For how long a Cluster object that vanished is drift, in ms; then it is history. */
export const vanishedMs = 24 * 3_600_000

const machineKind: KindKey = 'cluster.x-k8s.io/Machine'
const remedy = '`destinations:` in the fleet file can say which it is'

const strangers: Readonly<Record<GitOps['tool'], DriftCode>> = {
  flux: 'externalReconciler',
  tofu: 'externalReconciler',
  caaph: 'externalReconciler',
  declared: 'externalReconciler',
  argocd: 'argoClusterUnmatched',
}

const applying: readonly (readonly [KindKey, DriftCode])[] = [
  ['kustomize.toolkit.fluxcd.io/Kustomization', 'externalReconciler'],
  ['helm.toolkit.fluxcd.io/HelmRelease', 'externalReconciler'],
  ['argoproj.io/Application', 'argoClusterUnmatched'],
]

/** Reconcilers that act on a cluster which is not known. */
function noteStrangers(notes: Notes, source: string, appliers: readonly Applier[], surroundings: Surroundings): void {
  const { readingOf } = surroundings
  for (const [kind, code] of applying) if (readingOf(source, kind) === 'read') notes.looked.add(code)
  for (const { member, gitops } of appliers) {
    if (isLeaving(member)) continue
    const { actsAt, actsOn } = member.facts
    const code = strangers[gitops.tool]
    const unread = unreadFor(member, source, surroundings)
    if (unread !== null) {
      noteGap(notes, code, { why: unread, of: called(member.ref), source })
      continue
    }
    const place = actsOn
      ? `Cluster ${actsOn.namespace}/${actsOn.name}`
      : actsAt && `${placed[actsAt.by]} ${actsAt.value}`
    if (place === undefined) continue
    const field = actsAt?.by === 'server' || actsAt?.by === 'name' ? 'spec.destination' : 'spec.kubeConfig'
    const message = `${called(member.ref)} acts on ${place}, which is no known cluster; ${remedy}.`
    const told = { code, about: aboutOf(member), message } as const
    note(notes, told, { by: member, field, value: null }, { by: member, field, value: place })
  }
}

/**
 * Why nobody can say that a reconciler's cluster is none of the known ones; null: somebody can. A destination may mean a cluster of
 * another place, where there are none to be read here: a server by a public address may be a cluster of any source.
 */
function unreadFor(
  { facts }: Member,
  source: string,
  { readingOf, declarersUnread, isPublic }: Surroundings,
): string | null {
  const { actsAt, actsOn } = facts
  const reading = readingOf(source, clusterKind)
  if (actsOn) return reading === 'read' ? null : unreadHere
  if (actsAt && reading === 'unreadable') return unreadHere
  const isAnywhere = actsAt?.by === 'server' && isPublic(actsAt.value)
  return isAnywhere && declarersUnread.length > 0 ? unreadOf(declarersUnread) : null
}

const unreadHere = 'Clusters cannot be read here'

const placed = { server: 'the server', name: 'the cluster', secret: 'Secret', configMap: 'ConfigMap' } as const

/** Objects that belong to a Cluster which is not there; unless they are going, as it did. */
function noteOrphans(notes: Notes, { source, orphans }: SourceMembers, { readingOf, kinds }: Surroundings): void {
  const reading = readingOf(source, clusterKind)
  if (reading === 'read') {
    notes.looked.add('orphanInfra')
    if (readingOf(source, machineKind) === 'read') notes.looked.add('orphanMachine')
  }
  for (const member of orphans) {
    if (kinds(kindKeyOf(member.ref)).part === 'gitops' || isLeaving(member)) continue
    const code = kindKeyOf(member.ref) === machineKind ? 'orphanMachine' : 'orphanInfra'
    const of = called(member.ref)
    if (reading === 'unreadable') noteGap(notes, code, { why: unreadHere, of, source })
    if (reading !== 'read') continue
    const cluster = member.owner ? `Cluster ${member.owner.namespace}/${member.owner.name}` : 'a Cluster'
    const told = { code, about: aboutOf(member), message: `${of} is of ${cluster}, which is not there.` } as const
    const field = ownerFieldOf(member)
    note(notes, told, { by: member, field, value: member.owner?.name ?? null }, { by: member, field, value: null })
  }
}

const clusterLabel = 'cluster.x-k8s.io/cluster-name'
/** Cluster API's own kinds that must name their cluster. */
const naming: ReadonlySet<string> = new Set([
  ...['Machine', 'MachineSet', 'MachineDeployment', 'MachinePool', 'MachineHealthCheck'],
])

/** The field by which an object names its Cluster; `cluster` where its facts do not tell which that is. */
function ownerFieldOf({ ref, labels, owner }: Member): string {
  if (ref.group === 'cluster.x-k8s.io' && naming.has(ref.kind)) return 'spec.clusterName'
  const isLabelled = owner != null && labels[clusterLabel] === owner.name
  return isLabelled ? `metadata.labels[${clusterLabel}]` : 'cluster'
}

function noteVanished(notes: Notes, { source, vanished }: SourceMembers, { readingOf }: Surroundings): void {
  if (readingOf(source, clusterKind) === 'read') notes.looked.add('goneSinceLastPoll')
  for (const { member, goneAt } of vanished) {
    const message = `${called(member.ref)} vanished, and was not seen being deleted.`
    const until = new Date(Date.parse(goneAt) + vanishedMs).toISOString()
    const told = { code: 'goneSinceLastPoll', about: aboutOf(member), message, since: goneAt, until } as const
    const field = 'metadata.name'
    note(notes, told, { by: member, field, value: member.ref.name }, { by: member, field, value: null })
  }
}
