import type { CalendarName, SupportPlan, SupportSubject } from './calendar.ts'

/** The plan in force, and what makes that answer less than certain. */
export interface PlanInForce {
  readonly plan: SupportPlan
  readonly doubt: 'LtsNeedsPremium' | 'TierUnread' | 'ChannelUnread' | null
}

/** What a calendar has beside the standard plan. */
export const extraPlans: Readonly<Record<CalendarName, 'lts' | 'extended' | null>> = {
  aks: 'lts',
  eks: 'extended',
  gke: 'extended',
  upstream: null,
}

/**
 * AKS: long-term support needs the plan and tier Premium; with a tier that nobody reports only standard support is sure. EKS:
 * extended support is on by default. GKE: the Extended channel is a choice, and a channel nobody reports may be it. (azure.md 4.1,
 * 4.4)
 */
export function planInForce(calendar: CalendarName, { supportPlan, tier }: SupportSubject): PlanInForce {
  const told = supportPlan?.toLowerCase() ?? null
  switch (calendar) {
    case 'aks':
      if (told !== 'akslongtermsupport') return { plan: 'standard', doubt: null }
      if (tier === null) return { plan: 'standard', doubt: 'TierUnread' }
      return tier.toLowerCase() === 'premium'
        ? { plan: 'lts', doubt: null }
        : { plan: 'standard', doubt: 'LtsNeedsPremium' }
    case 'eks':
      return { plan: told === 'standard' ? 'standard' : 'extended', doubt: null }
    case 'gke':
      if (told === 'extended') return { plan: 'extended', doubt: null }
      return { plan: 'standard', doubt: told === null ? 'ChannelUnread' : null }
    case 'upstream':
      return { plan: 'standard', doubt: null }
  }
}
