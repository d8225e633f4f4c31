/** A minor of AKS, by corpus/versions/aks.json. Days are the last ones, `YYYY-MM-DD`. */
interface Offer {
  readonly minor: string
  readonly standardEnd: string
  readonly ltsEnd: string
  /** Old to new; the last two are those that long-term support covers. */
  readonly patches: readonly string[]
  readonly preview?: true
}

const offers: readonly Offer[] = [
  { minor: '1.30', standardEnd: '2025-08-22', ltsEnd: '2026-07-31', patches: ['1.30.14'] },
  { minor: '1.31', standardEnd: '2025-11-01', ltsEnd: '2026-11-30', patches: ['1.31.12', '1.31.13'] },
  // 1.32.10 sorts before 1.32.9 as text, and is newer.
  { minor: '1.32', standardEnd: '2026-03-31', ltsEnd: '2027-03-31', patches: ['1.32.9', '1.32.10'] },
  { minor: '1.33', standardEnd: '2026-07-31', ltsEnd: '2027-07-31', patches: ['1.33.7', '1.33.11'] },
  { minor: '1.34', standardEnd: '2026-11-30', ltsEnd: '2027-11-30', patches: ['1.34.8', '1.34.9'] },
  { minor: '1.35', standardEnd: '2027-03-31', ltsEnd: '2028-03-31', patches: ['1.35.4', '1.35.5', '1.35.6'] },
  { minor: '1.36', standardEnd: '2027-06-30', ltsEnd: '2028-06-30', patches: ['1.36.1', '1.36.2'] },
  { minor: '1.37', standardEnd: '2027-10-31', ltsEnd: '2028-10-31', patches: ['1.37.0'], preview: true },
]

/** The newest that is generally available: N of AKS's rules. */
export const newestMinor = 36

/** Last days of upstream minors, for clusters that run machines of their own (corpus/versions/kubernetes-upstream.json). */
const upstreamEnds: Readonly<Record<string, string>> = {
  '1.31': '2025-11-11',
  '1.32': '2026-02-28',
  '1.33': '2026-06-28',
  '1.34': '2026-10-27',
  '1.35': '2027-02-28',
  '1.36': '2027-06-28',
}

export const minorOf = (version: string): string => version.replace(/^v/, '').split('.').slice(0, 2).join('.')
export const minorNumber = (version: string): number => Number(minorOf(version).split('.')[1])
export const dayOf = (date: Date): string => date.toISOString().slice(0, 10)
/** Whole days from `now`'s day to a day; negative when it has passed. */
export const daysUntil = (day: string, now: Date): number =>
  Math.round((Date.parse(day) - Date.parse(dayOf(now))) / 86_400_000)

export const offerOf = (version: string): Offer | undefined => offers.find(({ minor }) => minor === minorOf(version))
export const upstreamEndOf = (version: string): string | null => upstreamEnds[minorOf(version)] ?? null

/** Support plans that a minor has on that day, as AKS lists them. */
function plansOf(offer: Offer, day: string): readonly string[] {
  const plans = [
    { plan: 'KubernetesOfficial', end: offer.standardEnd },
    { plan: 'AKSLongTermSupport', end: offer.preview ? '' : offer.ltsEnd },
  ]
  return plans.filter(({ end }) => day <= end).map(({ plan }) => plan)
}

/** The body of `listKubernetesVersions`; every region of the world offers the same. */
export function versionsBody(now: Date): object {
  const day = dayOf(now)
  const listed = offers.filter((offer) => plansOf(offer, day).length > 0)
  const values = listed.map((offer) => ({
    version: offer.minor,
    capabilities: { supportPlan: plansOf(offer, day) },
    ...(offer.minor === '1.35' ? { isDefault: true } : {}),
    ...(offer.preview ? { isPreview: true } : {}),
    patchVersions: Object.fromEntries(
      offer.patches.map((patch, i) => [patch, { upgrades: [...offer.patches.slice(i + 1), ...patchesAfter(offer)] }]),
    ),
  }))
  return { values }
}

/** AKS upgrades one minor at a time; nobody is upgraded to a preview without asking for it. */
function patchesAfter(offer: Offer): readonly string[] {
  const next = offers[offers.indexOf(offer) + 1]
  return next === undefined || next.preview ? [] : next.patches
}
