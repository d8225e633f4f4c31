import type { Disagreement, Member } from '../cluster.ts'
import { versionChannels } from '../composition/comparison.ts'
import type { DeclaredPool } from '../composition/declared-pool.ts'
import type { Family } from '../composition/family.ts'
import type { Listings } from '../composition/listed-pool.ts'
import type { Surroundings } from '../composition/surroundings.ts'

/** A cluster as the dimensions of drift look at it. What was heard lately and what not plays no part. */
export interface Scene {
  readonly family: Family
  /** Cluster objects that claim it, the one that counts first. */
  readonly claimants: readonly Member[]
  readonly pools: readonly DeclaredPool[]
  readonly listings: Listings
  readonly disagreements: readonly Disagreement[]
  readonly surroundings: Surroundings
}

export const isPaused = (member: Member | null | undefined): boolean =>
  member?.facts.pause !== undefined || member?.health.state === 'Suspended'

export const isLeaving = (member: Member | null | undefined): boolean => member?.health.state === 'Deleting'

/** Those of some objects that are being deleted, by id. */
export function leavingAmong(members: readonly Member[]): ReadonlySet<string> {
  return new Set(members.filter(isLeaving).map(({ id }) => id))
}

const releaseChannels: ReadonlySet<string> = new Set(['rapid', 'regular', 'stable', 'extended'])

/**
 * Whether the provider upgrades Kubernetes without being asked: an upgrade channel of AKS other than `node-image` (domain.md 4.2), or
 * a release channel of GKE, which Autopilot is always on.
 */
export function upgradesItself({ arm, managed, controlPlane }: Family): boolean {
  const channels = [arm, managed, controlPlane].flatMap((member) => {
    const { upgradeChannel, declared } = member?.facts ?? {}
    return [upgradeChannel, declared?.upgradeChannel]
  })
  if (channels.some((channel) => channel !== undefined && versionChannels.includes(channel.toLowerCase()))) return true
  const { releaseChannel, autopilot } = controlPlane?.facts.more ?? {}
  return autopilot === true || (typeof releaseChannel === 'string' && releaseChannels.has(releaseChannel.toLowerCase()))
}
