import { z } from 'zod'
import type { CalendarEntry, RegionMinor, RegionVersions, SupportPlan } from '../support/calendar.ts'

/** A region as it is kept: `westeurope`, also where it is written `West Europe`. */
export const regionKeyOf = (location: string): string => location.replaceAll(' ', '').toLowerCase()

const answer = z.object({
  values: z
    .array(
      z.object({
        version: z.string().regex(/^\d+\.\d+$/),
        isPreview: z.boolean().nullish(),
        capabilities: z.object({ supportPlan: z.array(z.string()).nullish() }).nullish(),
        patchVersions: z.record(z.string(), z.object({ upgrades: z.array(z.string()).nullish() }).nullish()).nullish(),
      }),
    )
    .min(1),
})

/**
 * Reads an answer of `listKubernetesVersions` (azure.md 4.2). Null for one that offers nothing or has a part that cannot be read: a
 * minor left out would look as if its support had ended, so here a bad part costs the whole, and the last answer stays.
 */
export function readKubernetesVersions(body: unknown): readonly RegionMinor[] | null {
  const { data } = answer.safeParse(body)
  if (data === undefined) return null
  const minors = data.values.map(({ version, isPreview, capabilities, patchVersions }) => ({
    minor: version,
    isPreview: isPreview === true,
    supportPlans: capabilities?.supportPlan ?? [],
    patches: Object.entries(patchVersions ?? {})
      .map(([patch, given]) => ({ version: patch, upgrades: given?.upgrades ?? [] }))
      .sort((a, b) => byVersion(a.version, b.version)),
  }))
  return minors.sort((a, b) => byVersion(a.minor, b.minor))
}

/** By number, never as text: 1.9 is older than 1.10. */
function byVersion(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number))
  for (const [n, number] of (left ?? []).entries()) {
    const difference = number - (right?.[n] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

const planNames = { standard: 'KubernetesOfficial', lts: 'AKSLongTermSupport' } as const
type Plan = keyof typeof planNames

/** A minor of a region that is supported under a plan. */
export interface Offer {
  readonly minor: string
  readonly plan: SupportPlan
}

/** What a region supports, preview aside. */
export const offersOf = (minors: readonly RegionMinor[]): readonly Offer[] =>
  plans.flatMap((plan) => offeredUnder(plan, minors).map((minor) => ({ minor, plan })))

const plans = ['standard', 'lts'] as const satisfies readonly Plan[]

const offeredUnder = (plan: Plan, minors: readonly RegionMinor[]): string[] =>
  minors
    .filter(({ isPreview, supportPlans }) => !isPreview && supportPlans.includes(planNames[plan]))
    .map(({ minor }) => minor)

/**
 * Minors whose support ended between two readings of a region (azure.md 4.2, source b of dates). The last day they were seen supported
 * counts as their last. Only the oldest leave: one that vanishes from above or between those that stay was withdrawn, or is a fault of
 * the answer.
 */
export function endedSupport(before: RegionVersions, after: readonly RegionMinor[], now: Date): CalendarEntry[] {
  const { readAt, region } = before
  if (readAt === null) return []
  const lastSeen = dayOf(readAt)
  return plans.flatMap((plan) => {
    const [oldest] = offeredUnder(plan, after)
    if (oldest === undefined) return []
    return offeredUnder(plan, before.minors)
      .filter((minor) => byVersion(minor, oldest) < 0)
      .map((minor) => ({
        calendar: 'aks' as const,
        minor,
        plan,
        region,
        availableAt: null,
        endsAt: lastSeen,
        origin: 'observed' as const,
        source: `AKS API: ${region} listed it under ${planNames[plan]} until ${lastSeen}`,
        asOf: dayOf(now),
      }))
  })
}

const dayOf = (instant: Date): string => instant.toISOString().slice(0, 10)
