import type { Calendar, CalendarEntry, RegionMinor, SupportSubject } from '../../../fleet/support/calendar.ts'
import { seedCalendar } from '../../../fleet/support/seed.ts'
import { parseVersion } from '../../../fleet/version.ts'

export const at = (text: string): Date => new Date(text.length === 10 ? `${text}T12:00:00Z` : text)

/** An AKS cluster in West Europe, on the default plan. */
export function aks(version: string | null, more: Partial<SupportSubject> = {}): SupportSubject {
  return { provider: 'aks', region: 'westeurope', version: read(version), supportPlan: null, tier: null, ...more }
}

export const lts = { supportPlan: 'AKSLongTermSupport', tier: 'Premium' } as const

export function other(
  provider: string | null,
  version: string | null,
  supportPlan: string | null = null,
): SupportSubject {
  return { provider, region: null, version: read(version), supportPlan, tier: null }
}

const read = (version: string | null) => (version === null ? null : parseVersion(version))

export function entry(more: Partial<CalendarEntry>): CalendarEntry {
  return {
    ...{ calendar: 'aks', minor: '1.34', plan: 'standard', region: null, availableAt: null, endsAt: null },
    ...{ origin: 'seed', source: 'somebody', asOf: '2026-11-01', ...more },
  }
}

/** A minor as West Europe lists it: `community` under both plans, `lts` under long-term support only. */
export function offers(
  minor: string,
  plan: 'community' | 'standard' | 'lts' | 'preview' | 'none',
  patches: Readonly<Record<string, readonly string[]>> = {},
): RegionMinor {
  const plans = {
    ...{ community: ['KubernetesOfficial', 'AKSLongTermSupport'], standard: ['KubernetesOfficial'] },
    ...{ lts: ['AKSLongTermSupport'], preview: ['KubernetesOfficial'], none: [] },
  }
  return {
    minor,
    isPreview: plan === 'preview',
    supportPlans: plans[plan],
    patches: Object.entries(patches).map(([version, upgrades]) => ({ version, upgrades })),
  }
}

/** The seed, with what West Europe listed at `readAt`. */
export function listing(
  readAt: string | null,
  minors: readonly RegionMinor[],
  entries: readonly CalendarEntry[] = [],
): Calendar {
  const region = { region: 'westeurope', readAt: readAt === null ? null : at(readAt), minors }
  return { entries: [...seedCalendar, ...entries], regions: new Map([['westeurope', region]]) }
}

/** The seed alone: no source reads any region. */
export const datesOnly = (...entries: CalendarEntry[]): Calendar => ({
  entries: [...seedCalendar, ...entries],
  regions: new Map(),
})
