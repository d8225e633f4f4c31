import type { Disagreement, Member } from '../cluster.ts'
import type { Facts } from '../observation.ts'
import { kindKeyOf } from '../reference.ts'
import { compareVersions, parseVersion } from '../version.ts'

/** What one object says of a field; null: that there is none. */
export interface Said {
  readonly by: Member
  readonly value: string | null
}

/** `said` by each witness, Cluster API's first. */
export const disagreement = (field: string, said: readonly Said[]): Disagreement => ({
  field,
  values: said.map(({ by, value }) => ({ source: by.source, objectId: by.id, kind: kindKeyOf(by.ref), value })),
})

/** A field as both sides report it, or nothing. */
export function compared(
  field: string,
  ours: Said | undefined,
  theirs: Said | undefined,
  agree: (ours: string, theirs: string) => boolean,
): readonly Disagreement[] {
  if (!ours || !theirs || ours.value === null || theirs.value === null) return []
  return agree(ours.value, theirs.value) ? [] : [disagreement(field, [ours, theirs])]
}

/** What the first of some objects that reports it says. */
export function said(
  members: readonly (Member | null | undefined)[],
  pick: (facts: Facts) => string | undefined,
): Said | undefined {
  for (const by of members) {
    const value = by ? pick(by.facts) : undefined
    if (by && value !== undefined) return { by, value }
  }
  return undefined
}

export const sameWord = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** Versions without the `v` that Cluster API writes and Azure does not. */
export const declaredVersion = ({ versionDeclared }: Pick<Facts, 'versionDeclared'>) =>
  versionDeclared?.replace(/^v/, '')
export const observedVersion = ({ versionObserved }: Pick<Facts, 'versionObserved'>) =>
  versionObserved?.replace(/^v/, '')

/** Upgrade channels of AKS by which it upgrades Kubernetes itself. */
export const versionChannels: readonly string[] = ['patch', 'stable', 'rapid']

/**
 * Versions compared on the components both give: AKS takes a minor for an alias (domain.md 4.2). Where AKS upgrades by itself, what
 * was asked for stays behind, which is expected (azure.md 3.1).
 */
export function sameDeclared({ facts }: Member): (ours: string, theirs: string) => boolean {
  const upgradesItself = versionChannels.includes(facts.upgradeChannel?.toLowerCase() ?? '')
  return (ours, theirs) => {
    const difference = differenceOf(ours, theirs)
    return difference === 0 || (upgradesItself && difference < 0)
  }
}

export const sameVersion = (ours: string, theirs: string): boolean => differenceOf(ours, theirs) === 0

/** What cannot be read is not said to differ. */
function differenceOf(ours: string, theirs: string): number {
  const a = parseVersion(ours)
  const b = parseVersion(theirs)
  return a && b ? compareVersions(a, b) : 0
}
