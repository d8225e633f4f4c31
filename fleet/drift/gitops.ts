import type { Member } from '../cluster.ts'
import type { Applier } from '../composition/chain.ts'
import type { Surroundings } from '../composition/surroundings.ts'
import { type KindKey, kindKeyOf } from '../reference.ts'
import { circlesOf } from './circle.ts'
import type { DriftCode } from './code.ts'
import { aboutOf, called, type Notes, note, noteGap, noteOwn, noteUnlooked } from './notes.ts'
import { compareRevisions } from './revision.ts'
import { isLeaving } from './scene.ts'

/** What each kind of reconciler shows by itself (domain.md 4.1); others show that they failed, and that they are suspended. */
const shownBy: ReadonlyMap<KindKey, readonly DriftCode[]> = new Map([
  ['kustomize.toolkit.fluxcd.io/Kustomization', ['applyFailed', 'suspended', 'blocked']],
  ['helm.toolkit.fluxcd.io/HelmRelease', ['applyFailed', 'suspended', 'blocked', 'helmDrift', 'helmRolledBack']],
  ['infra.contrib.fluxcd.io/Terraform', ['applyFailed', 'suspended', 'blocked', 'tofuDrift']],
  ['argoproj.io/Application', ['applyFailed', 'suspended', 'outOfSync', 'syncUnknown']],
])
const others: readonly DriftCode[] = ['applyFailed', 'suspended']
const shownBySources: readonly DriftCode[] = ['sourceFailing', 'suspended']

/**
 * Drift of what is applied from Git (domain.md 4.1): what objects of GitOps tools show by themselves, and how they stand to what they
 * apply from.
 * @param members all objects of GitOps tools of the subject.
 * @param appliers those of them that apply something.
 */
export function noteGitOps(
  notes: Notes,
  members: readonly Member[],
  appliers: readonly Applier[],
  surroundings: Surroundings,
): void {
  const isBlocked = members.some(({ facts }) => facts.drift?.some(({ code }) => code === 'blocked'))
  const circles = isBlocked ? circlesOf(members) : undefined
  for (const member of members) noteOwnOf(notes, member, circles?.get(member.id))
  for (const applier of appliers) {
    noteBehind(notes, applier, surroundings)
    for (const link of applier.chain) noteLink(notes, link)
  }
}

function noteOwnOf(notes: Notes, member: Member, circle: string | undefined): void {
  const { drift = [], unlooked = [], gitops } = member.facts
  for (const own of drift) {
    const inCircle = own.code === 'blocked' && circle !== undefined
    noteOwn(notes, member, inCircle ? { ...own, message: `the dependencies go in a circle: ${circle}` } : own)
  }
  noteUnlooked(notes, member)
  if (!gitops) return
  if (gitops.suspended) noteSuspended(notes, member)
  const shown = gitops.role === 'source' ? shownBySources : (shownBy.get(kindKeyOf(member.ref)) ?? others)
  const unknown = new Set(unlooked.flatMap(({ code }) => (code === 'syncUnknown' ? [code, 'outOfSync'] : [code])))
  for (const code of shown) if (!unknown.has(code)) notes.looked.add(code)
  const { desired, applied } = member.facts.revision ?? {}
  // Its declaration says where it is told what to run: it needs no source to be compared with.
  if (gitops.tool === 'declared' && compareRevisions(desired, applied) !== 'unknown') notes.looked.add('behindSource')
}

/** A kind that says why it is suspended has said so already. */
function noteSuspended(notes: Notes, member: Member): void {
  if (member.facts.drift?.some(({ code }) => code === 'suspended')) return
  const field = member.facts.pause?.field ?? 'spec.suspend'
  noteOwn(notes, member, { code: 'suspended', field, expected: null, actual: null })
}

/** An object of the chain, wherever it lives: what is wrong with it is wrong with all that apply from it. */
function noteLink(notes: Notes, link: Member): void {
  notes.looked.add('sourceFailing')
  if (isLeaving(link)) return
  for (const own of link.facts.drift ?? [])
    if (own.code === 'sourceFailing' || own.code === 'suspended') noteOwn(notes, link, own)
  if (link.facts.gitops?.suspended) noteSuspended(notes, link)
}

const minute = 60_000
/** Where a reconciler does not say how often it looks: as often as Flux's own examples do. */
const intervalDefaultMs = 10 * minute
/** A rollout that a reconciler waits for takes longer than its interval. */
const workMs = 15 * minute

/** Two intervals, or a fresh push would be drift; longer while the reconciler is at work on it. */
function graceOf({ gitops, member }: Applier): number {
  const isAtWork = gitops.ready === 'Unknown' || member.health.state === 'Progressing'
  return Math.max(2 * (gitops.intervalMs || intervalDefaultMs), isAtWork ? workMs : 0)
}

/** Its source offers another revision than was applied; one that is being deleted offers nothing any more. */
function noteBehind(notes: Notes, applier: Applier, { readingOf }: Surroundings): void {
  const { member, offer, missing } = applier
  const of = called(member.ref)
  if (missing !== null && !isLeaving(member) && readingOf(member.source, kindKeyOf(missing)) === 'unreadable') {
    const unread = { why: `its ${called(missing)} cannot be read`, of, source: member.source }
    noteGap(notes, 'behindSource', unread)
    noteGap(notes, 'sourceFailing', unread)
  }
  const offered = offer?.facts.revision?.applied
  const applied = member.facts.revision?.applied
  const sameness = compareRevisions(offered, applied)
  if (sameness !== 'unknown') notes.looked.add('behindSource')
  if (sameness !== 'different' || !offer || offered === undefined || applied === undefined || isLeaving(offer)) return
  const since = offer.facts.gitops?.revisionAt
  note(
    notes,
    {
      code: 'behindSource',
      about: aboutOf(member),
      message: `${of} applied ${applied}, and ${called(offer.ref)} offers ${offered}.`,
      ...(since === undefined ? undefined : { since }),
      graceMs: graceOf(applier),
    },
    { by: offer, field: 'status.artifact.revision', value: offered },
    { by: member, field: appliedField(member, offer), value: applied },
  )
}

/** A release tells a chart's version; of an artifact's revision it keeps more than that, in several fields. */
function appliedField({ ref }: Member, offer: Member): string {
  if (ref.kind !== 'HelmRelease') return 'status.lastAppliedRevision'
  return offer.ref.kind === 'OCIRepository' ? 'revision' : 'status.history[0].chartVersion'
}

/**
 * Of a kind of reconciler that could not be read, and of which none is known, nobody can say that there is none to drift.
 * @param source where reconcilers of the subject live.
 */
export function noteUnread(
  notes: Notes,
  source: string,
  members: readonly Member[],
  { readingOf }: Surroundings,
): void {
  for (const [kind, codes] of shownBy) {
    if (readingOf(source, kind) !== 'unreadable' || members.some(({ ref }) => kindKeyOf(ref) === kind)) continue
    const unread = { why: 'this kind cannot be read', of: kind.slice(kind.indexOf('/') + 1), source }
    for (const code of codes) noteGap(notes, code, unread)
  }
}
