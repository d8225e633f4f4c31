import type { Member } from '../cluster.ts'
import type { Applier } from '../composition/chain.ts'
import type { Facts } from '../observation.ts'
import { clusterKind, kindKeyOf } from '../reference.ts'
import { driftCodes } from './code.ts'
import type { Drift, OwnDifference } from './difference.ts'
import { noteExistence } from './existence.ts'
import { noteGitOps, noteUnread } from './gitops.ts'
import { isFrozen, noteInfrastructure } from './infrastructure.ts'
import { noteMachines, type Outdated } from './machines.ts'
import { called, driftOf, type Notes, newNotes, noteGap, noteOwn, noteUnlooked } from './notes.ts'
import { notePoolVersions } from './pool-version.ts'
import { isLeaving, leavingAmong, type Scene } from './scene.ts'
import { noteTopologies } from './topology.ts'
import { noteUnreadKinds } from './unread.ts'
import { noteVersions } from './version.ts'

/**
 * How a cluster differs from what was declared of it (domain.md part 4), as facts without a clock: whether a difference is a finding,
 * and from when, policies say. Nothing hangs on what was heard lately.
 * @param gitops objects of GitOps tools that act on it.
 * @param appliers those of them that apply something.
 */
export function driftOfCluster(scene: Scene, gitops: readonly Member[], appliers: readonly Applier[]): Drift {
  const notes = newNotes()
  const { family, surroundings } = scene
  noteGitOps(notes, gitops, appliers, surroundings)
  if (family.cluster) noteUnread(notes, family.cluster.source, gitops, surroundings)
  noteExistence(notes, scene)
  // What a cluster on its way out was declared to be, it is not to be any more.
  const leaves = isLeaving(family.cluster ?? family.arm)
  const leaving = leavingAmong(family.members.filter(({ ref }) => kindKeyOf(ref) !== clusterKind))
  noteOwnOfMembers(notes, scene, leaves)
  if (leaves) return driftOf(notes, leaving)
  noteVersions(notes, scene)
  notePoolVersions(notes, scene)
  noteTopologies(notes, scene)
  noteInfrastructure(notes, scene)
  noteUnreadKinds(notes, scene)
  return driftOf(notes, leaving)
}

/** What members show by themselves, but for objects of GitOps tools. */
function noteOwnOfMembers(notes: Notes, scene: Scene, leaves: boolean): void {
  const { family } = scene
  const frozen = isFrozen(scene)
  const outdated: Outdated[] = []
  for (const member of family.members) {
    const part = family.partOf(member)
    if (part === 'gitops') continue
    if (!leaves) noteLooked(notes, member, part === 'machine')
    noteUnlooked(notes, member)
    if (isLeaving(member)) continue
    for (const own of member.facts.drift ?? []) {
      if (isMeant(own, { leaves, frozen })) continue
      if (part === 'machine' && own.code === 'machineNotUpToDate') outdated.push({ machine: member, own })
      else noteOwn(notes, member, own)
    }
  }
  noteMachines(notes, family, outdated)
}

/** Codes that an object of its kind would show by itself. */
function noteLooked(notes: Notes, member: Member, isMachine: boolean): void {
  const { ref, facts } = member
  if (isMachine) notes.looked.add('machineNotUpToDate').add('orphanMachine')
  else if (facts.versions) noteMixture(notes, member, facts.versions)
  if (facts.refs?.class && kindKeyOf(ref) === clusterKind) notes.looked.add('topologyFailed')
  if (ref.group.endsWith('.azure.com')) notes.looked.add('missingInAzure')
}

/** Several versions in one set are a rollout, or a difference, by what is reported of its rollouts; else nobody can tell. */
function noteMixture(notes: Notes, { ref, source, facts }: Member, versions: NonNullable<Facts['versions']>): void {
  const isMixed = new Set(versions.map(({ version }) => version.replace(/^v/, ''))).size > 1
  if (!isMixed || facts.rollout || facts.drift?.some(({ code }) => code === 'mixedVersions'))
    notes.looked.add('mixedVersions')
  else noteGap(notes, 'mixedVersions', { why: 'whether it rolls out is not reported', of: called(ref), source })
}

function isMeant({ code }: OwnDifference, { leaves, frozen }: { leaves: boolean; frozen: boolean }): boolean {
  const { dimension } = driftCodes[code]
  if (dimension === 'infrastructure') return leaves || frozen
  return leaves && (dimension === 'version' || dimension === 'topology')
}
