import { compareVersions, minorOf, minorRank, parseVersion, type Version } from '../version.ts'
import type { Calendar, RegionMinor, RegionVersions, SupportSubject, Teller } from './calendar.ts'
import { dayOf } from './day.ts'
import { calendarNameOf } from './provider.ts'
import { regionKey } from './resolve.ts'

/** How long a region's list is trusted: rollouts and removals take days, and it is read several times a day. */
export const regionTrustedMs = 86_400_000

/** A region's list, looked through once for the thousands of clusters that ask it. */
export interface RegionList {
  /** In lower case. */
  readonly region: string
  readonly readAt: Date | null
  /** The rank of the newest community minor: the N of AKS' rules. Null when there is none. */
  readonly newest: number | null
  /** By `1.33`. */
  readonly minors: ReadonlyMap<string, RegionMinor>
}

const lists = new WeakMap<RegionVersions, RegionList>()

/** What is known of the cluster's region; only AKS has such lists. Null: no source reads that region. */
export function regionOf(subject: SupportSubject, calendar: Calendar): RegionList | null {
  if (subject.region === null || calendarNameOf(subject.provider) !== 'aks') return null
  const region = calendar.regions.get(regionKey(subject.region))
  if (!region) return null
  const list = lists.get(region) ?? listOf(region)
  lists.set(region, list)
  return list
}

function listOf({ region, readAt, minors }: RegionVersions): RegionList {
  const ranks = minors
    .filter(isCommunity)
    .flatMap(({ minor }) => parseVersion(minor) ?? [])
    .map(minorRank)
  return {
    region: regionKey(region),
    readAt,
    newest: ranks.length === 0 ? null : Math.max(...ranks),
    minors: new Map(minors.map((minor) => [minor.minor, minor])),
  }
}

/** Listed under `KubernetesOfficial`, and no preview: a minor listed for long-term support only is not the community's (azure.md 4.2). */
function isCommunity({ isPreview, supportPlans }: RegionMinor): boolean {
  return !isPreview && supportPlans.includes('KubernetesOfficial')
}

/** A minor that its region lists without long-term support: there is none, whatever a calendar says. */
export function isStandardOnly({ supportPlans }: RegionMinor): boolean {
  return supportPlans.includes('KubernetesOfficial') && !supportPlans.includes('AKSLongTermSupport')
}

/** A region's list as the one who says something. */
export function listTeller({ region, readAt }: RegionList): Teller {
  return { source: `listKubernetesVersions of ${region}`, asOf: readAt === null ? null : dayOf(readAt) }
}

/** Whether, and why not, a region's list can be believed at that instant. */
export function regionTrouble({ readAt }: RegionList, at: Date): 'RegionUnread' | 'RegionStale' | null {
  if (readAt === null) return 'RegionUnread'
  return at.getTime() - readAt.getTime() >= regionTrustedMs ? 'RegionStale' : null
}

/** The newest patch of a minor; null when none is listed. */
export function latestPatchOf({ patches }: RegionMinor): string | null {
  return readVersions(patches.map(({ version }) => version)).at(-1)?.raw ?? null
}

/** How many newer patches of its minor there are. Null when that is not known: no patch is named, or none is listed. */
export function patchesBehind(version: Version | null, minor: RegionMinor | null): number | null {
  if (version === null || version.patch === null || minor === null || minor.minor !== minorOf(version)) return null
  const patches = readVersions(minor.patches.map((patch) => patch.version))
  return patches.length === 0 ? null : patches.filter((patch) => compareVersions(patch, version) > 0).length
}

/** A patch as its minor's list has it. */
export function listedPatch({ patch }: Version, minor: RegionMinor): RegionMinor['patches'][number] | undefined {
  return minor.patches.find(({ version }) => parseVersion(version)?.patch === patch)
}

/** Where a cluster on that patch can go, old to new, without previews. Empty when the region does not say. */
export function upgradesFrom(version: Version, minor: RegionMinor, list: RegionList): readonly string[] {
  return readVersions(listedPatch(version, minor)?.upgrades ?? [])
    .filter((target) => list.minors.get(minorOf(target))?.isPreview !== true)
    .map(({ raw }) => raw)
}

/** Old to new, by number (1.33.9 before 1.33.10); what cannot be read is left out. */
const readVersions = (list: readonly string[]): readonly Version[] =>
  list.flatMap((raw) => parseVersion(raw) ?? []).sort(compareVersions)
