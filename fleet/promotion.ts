import { compareRevisions } from './drift/revision.ts'
import { type CohortKind, deviationOf, modeOf, type Variant } from './outlier.ts'

/** The way to production where nobody says otherwise; names that mean the same stand together. */
const environmentOrder: readonly (readonly string[])[] = [
  ['dev', 'development'],
  ['test'],
  ['qa'],
  ['staging', 'stage'],
  ['preprod'],
  ['prod', 'production'],
]

/** What the clusters of one stage run of an app. */
export interface StageRuns {
  readonly stage: string
  readonly revisions: readonly Variant[]
  /** Clusters that have the app in whatever revision. */
  readonly clusters: number
}

/** A stage of the way of an app. */
export interface PromotionStage extends StageRuns {
  /** What most of its clusters run. Null: nothing that is known, or several as often. */
  readonly revision: string | null
  /** RFC 3339; when the first of its clusters came to that revision. Null: not known. */
  readonly since: string | null
  /**
   * For how long the stage before has run its revision while this one runs another: 0 where it runs the same or a newer one. Null of
   * the first stage, and where that is not known.
   */
  readonly lagSeconds: number | null
}

/** A stage and its place; null: nobody says what comes before it. */
interface Place {
  readonly stage: string
  readonly rank: number | null
}

const natural = new Intl.Collator('en', { numeric: true })

/**
 * Stages in order: as `asked`, and then no others; else rings by name with numbers as numbers (`2` before `10`), and environments by
 * `environmentOrder`, those it does not name last and without a place, because what comes before them is not known.
 */
export function placesOf(
  by: CohortKind,
  present: readonly string[],
  asked: readonly string[] | null,
): readonly Place[] {
  if (asked) return [...new Set(asked)].map((stage, rank) => ({ stage, rank }))
  const stages = [...new Set(present)].sort(natural.compare)
  if (by === 'ring') return stages.map((stage, rank) => ({ stage, rank }))
  const places = stages.map((stage) => ({ stage, rank: rankOf(stage) }))
  return places.sort((a, b) => (a.rank ?? environmentOrder.length) - (b.rank ?? environmentOrder.length))
}

function rankOf(environment: string): number | null {
  const rank = environmentOrder.findIndex((names) => names.includes(environment.toLowerCase()))
  return rank < 0 ? null : rank
}

/** The way of one app through its stages: what each runs, and how long it lags behind the one before it that has the app. */
export function promotionOf(
  by: CohortKind,
  runs: readonly StageRuns[],
  asked: readonly string[] | null,
  now: Date,
): readonly PromotionStage[] {
  const runsOf = new Map(runs.map((one) => [one.stage, one]))
  const places = placesOf(by, [...runsOf.keys()], asked)
  const stages = places.map(({ stage, rank }) => {
    const { revisions, clusters } = runsOf.get(stage) ?? { revisions: [], clusters: 0 }
    return { stage, rank, revisions, clusters, mode: modeOf('app', revisions) }
  })
  return stages.map(({ rank, mode, ...told }, at) => {
    const before = stages.slice(0, at).findLast((one) => rank !== null && (one.rank ?? rank) < rank && one.clusters > 0)
    const lagSeconds = mode && before?.mode ? lagOf(mode, before.mode, now) : null
    return { ...told, revision: mode?.version ?? null, since: mode?.since ?? null, lagSeconds }
  })
}

function lagOf(mine: Variant, theirs: Variant, now: Date): number | null {
  const sameness = mine.key === theirs.key ? 'same' : compareRevisions(mine.version, theirs.version)
  if (sameness === 'unknown') return null
  if (sameness === 'same' || deviationOf('app', mine, theirs).direction === 'ahead') return 0
  return theirs.since === null ? null : Math.max(0, Math.floor((now.getTime() - Date.parse(theirs.since)) / 1000))
}
