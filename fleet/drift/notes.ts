import type { Member } from '../cluster.ts'
import type { Evidence } from '../policy/policy.ts'
import { type ObjectRef, shortNameOf } from '../reference.ts'
import { type DriftCode, driftCodeNames, driftCodes } from './code.ts'
import { type About, type Difference, type Drift, evidenceMax, type Gap, type OwnDifference } from './difference.ts'
import { isLeaving } from './scene.ts'

/** What is found of one cluster, or of one management cluster, while its dimensions are gone through one by one. */
export interface Notes {
  readonly differences: Difference[]
  /** What is not looked at, by code: one gap is made of all of a code. */
  readonly gaps: Map<DriftCode, Unlooked[]>
  readonly looked: Set<DriftCode>
}

/** Why a code says nothing of something. */
interface Unlooked {
  /** One clause. */
  readonly why: string
  /** The object that nobody looks at, or the kind that could not be read. */
  readonly of: string
  readonly source: string
}

export const newNotes = (): Notes => ({ differences: [], gaps: new Map(), looked: new Set() })

export const aboutOf = ({ id, ref }: Member): About => ({ id, ref })

/** `Kustomization apps/podinfo`; of an ARM id only its last part. */
export function called(ref: ObjectRef): string {
  const name = shortNameOf(ref)
  return ref.namespace === '' ? `${ref.kind} ${name}` : `${ref.kind} ${ref.namespace}/${name}`
}

/** A value and who says it: its source, and the field in that object's words. */
export interface Saying {
  readonly by: Pick<Member, 'source'>
  readonly field: string
  readonly value: string | null
}

/** Who says what was expected, and who says what is: one piece of evidence where both are the same object's word. */
function evidenceOf(expected: Saying, actual: Saying): readonly Evidence[] {
  const said = { actual: actual.value, field: actual.field, from: actual.by.source, asOf: null }
  if (expected.by.source === actual.by.source && expected.field === actual.field)
    return [{ ...said, expected: expected.value }]
  return [
    { field: expected.field, expected: expected.value, actual: null, from: expected.by.source, asOf: null },
    { ...said, expected: null },
  ]
}

type Told = Omit<Difference, 'expected' | 'actual' | 'field' | 'evidence'>

/** A difference between two sayings; its field is the one that says what is. */
export function note(notes: Notes, told: Told, expected: Saying, actual: Saying): void {
  notes.differences.push({
    ...told,
    field: actual.field,
    expected: expected.value,
    actual: actual.value,
    evidence: evidenceOf(expected, actual),
  })
}

/** Of an object's own words, so many are shown. */
const ownWordsMax = 300

/** A difference that an object shows by itself. */
export function noteOwn(notes: Notes, member: Member, own: OwnDifference): void {
  const { message, ...difference } = own
  const { field, expected, actual } = own
  notes.differences.push({
    ...difference,
    about: aboutOf(member),
    message: `${called(member.ref)}: ${message === undefined ? driftCodes[own.code].meaning : wordsOf(message)}`,
    evidence: [{ field, expected, actual, from: member.source, asOf: null }],
  })
}

function wordsOf(message: string): string {
  const words = message.replaceAll(/\s+/g, ' ').trim()
  return words.length > ownWordsMax ? `${words.slice(0, ownWordsMax - 1).toWellFormed()}…` : words
}

/** Why nobody can say that no management cluster has a Cluster object: the first of those that cannot be read. */
export function unreadOf([first, ...others]: readonly string[]): string {
  const more = others.length === 0 ? '' : `, and ${others.length} more`
  return `the Clusters of ${first}${more} cannot be read`
}

/** What an object does not look at; where it shows a difference all the same, somebody looked. One that is being deleted need not. */
export function noteUnlooked(notes: Notes, member: Member): void {
  if (isLeaving(member)) return
  const { ref, source, facts } = member
  for (const { code, why } of facts.unlooked ?? [])
    if (!facts.drift?.some((own) => own.code === code)) noteGap(notes, code, { why, of: called(ref), source })
}

export function noteGap(notes: Notes, code: DriftCode, unlooked: Unlooked): void {
  const of = notes.gaps.get(code)
  if (of) of.push(unlooked)
  else notes.gaps.set(code, [unlooked])
}

/**
 * All that was noted, in the order of code, object and field; of several that say the same of one field, the first.
 * @param leaving ids of objects that are being deleted: what they were declared to be, they are not to be any more.
 */
export function driftOf(notes: Notes, leaving: ReadonlySet<string>): Drift {
  const { looked } = notes
  for (const { code } of notes.differences) looked.add(code)
  const differences =
    leaving.size === 0 ? notes.differences : notes.differences.filter(({ about }) => !about || !leaving.has(about.id))
  return {
    differences: differences.length === 0 ? [] : inOrder(differences),
    gaps: notes.gaps.size === 0 ? [] : [...notes.gaps].map(gapOf).sort((a, b) => ranks[a.code] - ranks[b.code]),
    looked: driftCodeNames.filter((code) => looked.has(code)),
  }
}

// The table pairs every code with its place, which fromEntries does not say.
const ranks = Object.fromEntries(driftCodeNames.map((code, rank) => [code, rank])) as Readonly<
  Record<DriftCode, number>
>

function inOrder(differences: readonly Difference[]): readonly Difference[] {
  const found = new Map<string, Difference>()
  for (const difference of differences) {
    const key = keyOf(difference)
    if (!found.has(key)) found.set(key, capped(difference))
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, difference]) => difference)
}

function keyOf({ code, about, field }: Difference): string {
  const rank = String(ranks[code]).padStart(3, '0')
  const { group = '', kind = '', namespace = '', name = '' } = about?.ref ?? {}
  return `${rank}\0${kind}\0${namespace}\0${name}\0${group}\0${about?.id ?? ''}\0${field}`
}

const capped = (difference: Difference): Difference =>
  difference.evidence.length <= evidenceMax
    ? difference
    : { ...difference, evidence: difference.evidence.slice(0, evidenceMax) }

/** One sentence over all that is not looked at, by the reason that most share. */
function gapOf([code, unlooked]: readonly [DriftCode, readonly Unlooked[]]): Gap {
  const sorted = unlooked.toSorted((a, b) => (a.of < b.of ? -1 : a.of > b.of ? 1 : 0))
  const [first] = sorted
  const others = sorted.length - 1
  const more = others === 0 ? '' : `, and so of ${others} more`
  return {
    code,
    message: `Not looked at: ${first?.of}: ${first?.why}${more}.`,
    evidence: sorted
      .slice(0, evidenceMax)
      .map(({ of, why, source }) => ({ field: of, expected: null, actual: why, from: source, asOf: null })),
  }
}
