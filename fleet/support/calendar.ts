import type { Version } from '../version.ts'

/** Whose promises apply to a cluster: AKS, EKS and GKE have their own, everybody else follows upstream (azure.md 4.4). */
export const calendars = ['aks', 'eks', 'gke', 'upstream'] as const
export type CalendarName = (typeof calendars)[number]

/** What a minor is supported under: everybody's plan, AKS long-term support, EKS or GKE extended support. */
export const supportPlans = ['standard', 'lts', 'extended'] as const
export type SupportPlan = (typeof supportPlans)[number]

/** Where a date comes from, the most trusted first. */
export const calendarOrigins = ['operator', 'notification', 'observed', 'seed'] as const
export type CalendarOrigin = (typeof calendarOrigins)[number]

/** One promise: until when a minor is supported under a plan. Days are `YYYY-MM-DD`, whole, inclusive, in UTC. */
export interface CalendarEntry {
  readonly calendar: CalendarName
  /** `1.33`. */
  readonly minor: string
  readonly plan: SupportPlan
  /** Null: everywhere. */
  readonly region: string | null
  /** First day; null when no source says. */
  readonly availableAt: string | null
  /** Last supported day; null when no source says, which never means "for ever". */
  readonly endsAt: string | null
  readonly origin: CalendarOrigin
  /** Who says so, for a person to check. */
  readonly source: string
  /** The day the source was last known to say so. */
  readonly asOf: string
}

/** What a region offers now, by `listKubernetesVersions` (azure.md 4.2). */
export interface RegionVersions {
  readonly region: string
  /** When it was last read completely. Null: never. */
  readonly readAt: Date | null
  readonly minors: readonly RegionMinor[]
}

export interface RegionMinor {
  /** `1.33`. */
  readonly minor: string
  readonly isPreview: boolean
  /** As AKS writes them: `KubernetesOfficial`, `AKSLongTermSupport`. */
  readonly supportPlans: readonly string[]
  readonly patches: readonly { readonly version: string; readonly upgrades: readonly string[] }[]
}

/** Everything that decides what is supported. */
export interface Calendar {
  readonly entries: readonly CalendarEntry[]
  /** By region, in lower case. */
  readonly regions: ReadonlyMap<string, RegionVersions>
  /**
   * For a forecast: the instant from which one looks ahead. What regions offered then is taken to hold as long as no date ends
   * it, where it would otherwise be out of date within a day.
   */
  readonly foreseenFrom?: Date
}

/** How a cluster's version stands to its provider's promises (azure.md 4.2). */
export const supportPhases = [
  'Preview',
  'Supported',
  /** In force by its plan: AKS long-term support. */
  'SupportedLts',
  /** In force by its plan: extended support of EKS or GKE. */
  'SupportedExtended',
  /** AKS N-3: Azure-side issues only. */
  'PlatformSupport',
  'OutOfSupport',
  'Unknown',
] as const
export type SupportPhase = (typeof supportPhases)[number]

/** Why a phase: the phase's own name where nothing more is to be said. */
export const supportReasons = [
  ...supportPhases.filter((phase) => phase !== 'Unknown'),
  /** Supported, but its region offers that patch no longer, and newer ones: 30 days are left to move. */
  'PatchRetired',
  /** Covered by long-term support, but not among the two newest patches, which are all that it covers. */
  'LtsPatchTooOld',
  /** The plan is AKSLongTermSupport, but the tier is not Premium: the plan is not in force. */
  'LtsNeedsPremium',
  /** Unknown: only long-term support would cover it, the plan says so, and the tier was not read. */
  'TierUnread',
  /** Only long-term support would still cover it, and that plan is not in force. */
  'LtsOnly',
  /** Its region still offers it, though its last day is over. */
  'ListedPastEnd',
  /** Unknown: its region's list was never read, or not for a day. */
  'RegionUnread',
  'RegionStale',
  /** Unknown: its region does not list it, or lists nothing to measure it by; a rollout may be on its way. */
  'NotListed',
  /** Unknown: no release that old calendars could know. */
  'NewerThanCalendar',
  /** Unknown: nobody says when it ends. */
  'NoDate',
  /** Unknown: past GKE's standard support, and whether the cluster is in the Extended channel was not read. */
  'ChannelUnread',
  'NoVersion',
  'NoCalendar',
] as const
export type SupportReason = (typeof supportReasons)[number]

/** Who says something, and the day it was last known to be said. */
export interface Teller {
  readonly source: string | null
  readonly asOf: string | null
}

/** Support of one cluster's version, with where the answer comes from. */
export interface Support {
  /** Null where no calendar applies (OpenShift, an unknown provider). */
  readonly calendar: CalendarName | null
  /** Of the version that runs; null when that is not known. */
  readonly minor: string | null
  /** The plan in force: what the cluster is set to, whatever its version needs. EKS clusters are extended unless they say otherwise. */
  readonly plan: SupportPlan
  readonly phase: SupportPhase
  readonly reason: SupportReason
  /** One sentence for a person. */
  readonly message: string
  /** Last day under the plan in force; null when unknown. */
  readonly endsAt: string | null
  /** Last day without any extra plan. */
  readonly standardEnd: string | null
  /** Last day under LTS or extended support, whether in force or not. */
  readonly extendedEnd: string | null
  /** Past its standard end (or listed for LTS only), but within LTS: the window that only the LTS plan covers. */
  readonly ltsOnly: boolean
  /** Who says when it ends. */
  readonly source: string | null
  readonly asOf: string | null
  /** What decided the phase: a region's list, or whoever dates its support. */
  readonly phaseBy: Teller
  /** Who says when standard support ends. */
  readonly standardBy: Teller
  /** Newest patch of its minor in its region; null when not known. */
  readonly latestPatch: string | null
  /** Versions it can be upgraded to now, old to new; empty when not known. */
  readonly upgradeTargets: readonly string[]
  /** RFC 3339; when the clock alone changes this answer. */
  readonly holdsUntil: string | null
}

/** What `supportOf` reads of a cluster. */
export interface SupportSubject {
  readonly provider: string | null
  readonly region: string | null
  readonly version: Version | null
  /**
   * As the provider writes it: `KubernetesOfficial` or `AKSLongTermSupport`; `STANDARD` or `EXTENDED` of EKS; the release channel
   * of GKE. Null: not reported, which means the default.
   */
  readonly supportPlan: string | null
  readonly tier: string | null
}
