import type { CalendarName, Support, SupportPhase, SupportSubject } from './calendar.ts'
import { dayOf } from './day.ts'
import type { Case, JudgedReason } from './phase.ts'

const names: Readonly<Record<CalendarName, string>> = { aks: 'AKS', eks: 'EKS', gke: 'GKE', upstream: 'Kubernetes' }

/** What a sentence may speak of. */
interface Told extends Omit<Support, 'message' | 'holdsUntil' | 'minor'> {
  readonly minor: string
  readonly who: string
  readonly region: string
  readonly patch: string
  readonly tier: string
  /** When the region's list was last read. */
  readonly readAt: string
  /** What that list says. */
  readonly lastRead: SupportPhase | null
  readonly today: string
}

/** One sentence: what holds until when, and what to do. Nothing in it ages: the clock changes it only where it changes the answer. */
export function messageOf(
  answer: Omit<Support, 'message' | 'holdsUntil'> & { readonly reason: JudgedReason },
  { calendar, subject, version, minor, region }: Case,
  lastRead: SupportPhase | null,
  now: Date,
): string {
  return sentences[answer.reason]({
    ...{ ...answer, minor, who: names[calendar], lastRead, today: dayOf(now) },
    region: subject.region ?? 'its region',
    patch: `${minor}.${version.patch}`,
    tier: subject.tier ?? 'unknown',
    readAt: region?.readAt?.toISOString() ?? 'never',
  })
}

/** Where no calendar can be asked. */
export function unjudgedMessage({ provider }: SupportSubject, calendar: CalendarName | null): string {
  if (calendar !== null) return 'The version that runs is not known.'
  return provider === null ? 'The provider is not known, and so no calendar.' : `No calendar for ${provider} is known.`
}

const until = (day: string | null) => (day === null ? 'until a day that no source names' : `until ${day}`)
const standardOver = ({ minor, standardEnd, today }: Told) =>
  `Standard support of ${minor} ${standardEnd !== null && standardEnd < today ? `ended on ${standardEnd}` : 'has ended'}`
const byCalendar = ({ endsAt }: Told) =>
  endsAt === null ? 'no source dates its end' : `by the calendar its last day is ${endsAt}`
const upgrade = ({ upgradeTargets }: Told) =>
  upgradeTargets.length === 0 ? 'upgrade' : `upgrade to ${upgradeTargets.at(-1)}`

const sentences: Readonly<Record<JudgedReason, (told: Told) => string>> = {
  Preview: ({ minor, region }) => `${minor} is a preview in ${region}, which nobody supports.`,
  Supported: ({ who, minor, plan, standardEnd, extendedEnd }) =>
    plan === 'extended'
      ? `${who} supports ${minor} ${until(standardEnd)}, and then at a price ${until(extendedEnd)}.`
      : `${who} supports ${minor} ${until(standardEnd)}.`,
  SupportedLts: ({ minor, extendedEnd }) => `Long-term support covers ${minor} ${until(extendedEnd)}.`,
  SupportedExtended: (told) =>
    `${standardOver(told)}; extended support, at a price, covers it ${until(told.extendedEnd)}.`,
  PlatformSupport: (told) => `${standardOver(told)} and only platform support is left: ${upgrade(told)}.`,
  OutOfSupport: (told) =>
    told.endsAt !== null && told.endsAt < told.today
      ? `Support of ${told.minor} ended on ${told.endsAt}: ${upgrade(told)}.`
      : `${told.minor} is no longer supported: ${upgrade(told)}.`,
  PatchRetired: ({ patch, region, latestPatch }) =>
    `${patch} was removed in ${region}, which leaves 30 days from then to move to ${latestPatch}.`,
  LtsPatchTooOld: ({ minor, patch, region, latestPatch }) =>
    `Long-term support covers only the two newest patches of ${minor} in ${region}: move from ${patch} to ${latestPatch}.`,
  LtsNeedsPremium: (told) =>
    `The plan AKSLongTermSupport needs tier Premium, the tier is ${told.tier}: ${told.minor} has ${
      told.phase === 'Supported' ? `standard support ${until(told.standardEnd)}` : 'no standard support any more'
    }.`,
  TierUnread: (told) =>
    `${standardOver(told)}; the plan AKSLongTermSupport covers it ${until(told.extendedEnd)} if the tier is Premium, which was not read: have it read in Azure (\`azure\` of the fleet file), or ${upgrade(told)}.`,
  LtsOnly: (told) =>
    `${standardOver(told)}, long-term support lasts ${until(told.extendedEnd)}: ${upgrade(told)}, or set tier Premium and plan AKSLongTermSupport.`,
  ListedPastEnd: ({ minor, region, phase, standardEnd, extendedEnd }) =>
    `${region} still offers ${minor}, whose last day was to be ${phase === 'SupportedLts' ? extendedEnd : standardEnd}.`,
  RegionUnread: (told) => `What AKS offers in ${told.region} was never read; ${byCalendar(told)} for ${told.minor}.`,
  RegionStale: (told) =>
    `What AKS offers in ${told.region} was last read at ${told.readAt}, and ${told.minor} was ${told.lastRead}; ${byCalendar(told)}.`,
  NotListed: (told) => `AKS does not list ${told.minor} in ${told.region}, perhaps not yet; ${byCalendar(told)}.`,
  NewerThanCalendar: ({ who, minor }) => `${minor} is newer than every ${who} release the calendar knows.`,
  NoDate: ({ who, minor }) => `No source says until when ${who} supports ${minor}.`,
  ChannelUnread: (told) => `${standardOver(told)}; whether the Extended channel carries the cluster on is not known.`,
}
