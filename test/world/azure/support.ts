import type { Workload } from '../workload.ts'
import { dayOf, daysUntil, minorNumber, minorOf, newestMinor, offerOf, upstreamEndOf } from './offer.ts'
import type { AksResource } from './resource.ts'

/** Days are `YYYY-MM-DD`; null where no calendar has them. */
export interface TrueSupport {
  readonly calendar: 'aks' | 'eks' | 'gke' | 'upstream'
  readonly minor: string
  readonly plan: 'standard' | 'extended' | 'lts'
  readonly phase: 'Preview' | 'Supported' | 'SupportedLts' | 'PlatformSupport' | 'OutOfSupport'
  readonly inSupport: boolean
  /** Under the plan in force. */
  readonly endsAt: string | null
  readonly daysLeft: number | null
  readonly standardEnd: string | null
  readonly ltsEnd: string | null
  /** Past its standard end and within long-term support, whether it has the plan or not. */
  readonly ltsOnly: boolean
}

/** Last days of standard support, and of what follows it (endoflife.date, amazon-eks.md and google-kubernetes-engine.md). */
const cloudEnds: Readonly<Record<'eks' | 'gke', Readonly<Record<string, readonly [string, string?]>>>> = {
  eks: {
    '1.34': ['2026-12-02', '2027-12-02'],
    '1.35': ['2027-03-27', '2028-03-27'],
    '1.36': ['2027-08-02', '2028-08-02'],
  },
  gke: { '1.35': ['2027-04-11'], '1.36': ['2027-08-09'] },
}

/** Who promises what, of a cluster that somebody declares, or that Azure has. */
export interface Supported {
  readonly provider: 'aks' | 'azure' | 'eks' | 'gke'
  readonly workload: Workload | null
  readonly resource: AksResource | null
}

export function supportOf({ provider, workload, resource }: Supported, version: string, now: Date): TrueSupport {
  const minor = minorOf(version)
  const day = dayOf(now)
  if (provider !== 'aks') {
    const calendar = provider === 'azure' ? 'upstream' : provider
    const [standardEnd, ltsEnd = null] =
      calendar === 'upstream' ? [upstreamEndOf(version)] : (cloudEnds[calendar][minor] ?? [null])
    // EKS goes on with extended support unless it is told not to.
    const plan = calendar === 'eks' ? 'extended' : 'standard'
    const endsAt = plan === 'extended' ? ltsEnd : standardEnd
    const inSupport = endsAt !== null && day <= endsAt
    const phase = inSupport ? 'Supported' : 'OutOfSupport'
    const daysLeft = endsAt === null ? null : daysUntil(endsAt, now)
    return { calendar, minor, plan, phase, inSupport, endsAt, daysLeft, standardEnd, ltsEnd, ltsOnly: false }
  }
  const { standardEnd = null, ltsEnd = null, preview = false } = offerOf(version) ?? {}
  const bought = resource ?? workload
  const lts = bought?.supportPlan === 'AKSLongTermSupport' && bought.tier === 'Premium'
  const within = (end: string | null) => end !== null && day <= end
  const phase = preview
    ? 'Preview'
    : lts && within(ltsEnd)
      ? 'SupportedLts'
      : within(standardEnd)
        ? 'Supported'
        : minorNumber(version) === newestMinor - 3
          ? 'PlatformSupport'
          : 'OutOfSupport'
  const endsAt = lts ? ltsEnd : standardEnd
  return {
    calendar: 'aks',
    minor,
    plan: lts ? 'lts' : 'standard',
    phase,
    inSupport: phase === 'Supported' || phase === 'SupportedLts',
    endsAt,
    daysLeft: endsAt === null ? null : daysUntil(endsAt, now),
    standardEnd,
    ltsEnd,
    ltsOnly: !within(standardEnd) && within(ltsEnd),
  }
}
