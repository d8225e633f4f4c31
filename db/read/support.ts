import { sql } from 'drizzle-orm'
import type { CalendarName, SupportPhase, SupportPlan } from '../../fleet/support/calendar.ts'
import { as, clock, oneOf, type Selection, type Shape } from './shape.ts'

/** How a cluster's version stands to its provider's promises, as last judged; the days left are counted by the reader's clock. */
export interface Support {
  readonly calendar: CalendarName | null
  readonly minor: string | null
  readonly plan: SupportPlan | null
  readonly phase: SupportPhase
  readonly reason: string
  readonly message: string
  readonly endsAt: string | null
  /** 0 on the last day, below 0 after it. */
  readonly daysLeft: number | null
  readonly standardEnd: string | null
  readonly extendedEnd: string | null
  readonly ltsEnd: string | null
  readonly ltsOnly: boolean
  readonly inSupport: boolean | null
  readonly calendarSource: string | null
  readonly asOf: string | null
  readonly latestPatch: string | null
  readonly upgradeTargets: readonly string[]
  readonly judgedAt: string | null
}

// Everything here speaks of `a`, the assessment of a cluster `c`. A cluster that was not judged yet has none: unknown, like a
// cluster of which nothing is known.

export const joinAssessment = 'left join assessment a on a.cluster_id = c.id and a.source_id = c.source_id'

export const phaseOf = `coalesce(a.phase, 'Unknown')`

/** Whether somebody supports the version under the plan in force; null when that is not known. */
export const inSupportOf = `case when ${phaseOf} <> 'Unknown' then ${phaseOf} in ('Supported', 'SupportedLts', 'SupportedExtended') end`

export const daysLeftOf = `(a.ends_at - (${clock} at time zone 'UTC')::date)`

const upgradeTargets = as(`coalesce(to_json(a.upgrade_targets), '[]'::json)`)

const supportShape: Shape<keyof Support> = {
  calendar: as('a.calendar'),
  minor: as('a.minor'),
  plan: as('a.plan'),
  phase: as(phaseOf),
  reason: as(`coalesce(a.reason, 'NotJudged')`),
  message: as(`coalesce(a.message, '')`),
  endsAt: as('a.ends_at'),
  daysLeft: as(daysLeftOf),
  standardEnd: as('a.standard_end'),
  extendedEnd: as('a.extended_end'),
  ltsEnd: as(`case when a.calendar = 'aks' then a.extended_end end`),
  ltsOnly: as('coalesce(a.lts_only, false)'),
  inSupport: as(`(${inSupportOf})`),
  calendarSource: as('a.calendar_source'),
  asOf: as('a.calendar_as_of'),
  latestPatch: as('a.latest_patch'),
  upgradeTargets,
  judgedAt: as('a.judged_at'),
}

const one = `from (values (1)) one ${joinAssessment}`
export const supportOf = (below: Selection): string => oneOf(supportShape, below, one)
export const upgradeTargetsOf = (): string => `(select ${upgradeTargets()} ${one})`

/** Filter fields and dimensions that speak of `a`. */
const judgedFields: ReadonlySet<string> = new Set([
  'supportPhase',
  'supportEndsAt',
  'supportDaysLeft',
  'ltsOnly',
  'inSupport',
  'inSupportRatio',
  'supportUnknown',
])

/** Whether a filter, at any depth, or the fields of an aggregate speak of `a`, so that it must be joined. */
export function asksAssessment(asked: object | null | undefined): boolean {
  return Object.entries(asked ?? {}).some(
    ([field, below]) => judgedFields.has(field) || (typeof below === 'object' && asksAssessment(below)),
  )
}

export const countInSupport = sql.raw(`count(*) filter (where ${inSupportOf})::int`)
export const countSupportUnknown = sql.raw(`count(*) filter (where ${phaseOf} = 'Unknown')::int`)
