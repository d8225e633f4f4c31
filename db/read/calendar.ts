import { sql } from 'drizzle-orm'
import {
  type CalendarEntry,
  type CalendarName,
  type CalendarOrigin,
  calendarOrigins,
  type SupportPlan,
} from '../../fleet/support/calendar.ts'
import type { Db } from '../client.ts'
import { type Clauses, compares, holds, type Logic, type Operators, whereOf } from './filter.ts'
import { as, clock, columnsOf, type Selection, type Shape } from './shape.ts'
import { readJson } from './statement.ts'
import { comparesRank } from './version.ts'

/** One promise of support, as a reader sees it. */
export interface CalendarEntryView extends CalendarEntry {
  /** By the reader's clock: 0 on the last day, below 0 after it. */
  readonly daysLeft: number | null
  /** False where a more trusted entry speaks for the same minor, plan and region. */
  readonly inForce: boolean
}

/** The filter language over promises. */
export interface CalendarFilter extends Logic<CalendarFilter> {
  readonly calendar?: Operators<CalendarName> | null | undefined
  readonly minor?: Operators<string> | null | undefined
  readonly plan?: Operators<SupportPlan> | null | undefined
  readonly region?: Operators<string> | null | undefined
  readonly origin?: Operators<CalendarOrigin> | null | undefined
  readonly endsAt?: Operators<string> | null | undefined
  readonly daysLeft?: Operators<number> | null | undefined
  readonly inForce?: boolean | null | undefined
}

/** Far more than there are: three providers with some twenty minors each. */
const entriesMax = 2000

/** As `resolve` (fleet/support/resolve.ts) trusts entries: by origin, then a region's own before everybody's. */
const trustOf = (row: string): string =>
  `(array_position(array[${calendarOrigins.map((origin) => `'${origin}'`).join(', ')}], ${row}.origin) * 2 + case ${row}.region when '' then 1 else 0 end)`

const inForce = `not exists (select from support_calendar o
  where (o.calendar, o.minor, o.plan) = (t.calendar, t.minor, t.plan) and o.region in ('', t.region)
    and (o.ends_at is not null or t.ends_at is null) and ${trustOf('o')} < ${trustOf('t')})`
const daysLeft = `(t.ends_at - (${clock} at time zone 'UTC')::date)`
const rank = `(split_part(t.minor, '.', 1)::int * 1000000 + split_part(t.minor, '.', 2)::int * 1000)`

const shape: Shape<keyof CalendarEntryView> = {
  calendar: as('t.calendar'),
  minor: as('t.minor'),
  plan: as('t.plan'),
  region: as(`nullif(t.region, '')`),
  availableAt: as('t.available_at'),
  endsAt: as('t.ends_at'),
  daysLeft: as(daysLeft),
  origin: as('t.origin'),
  source: as('t.source'),
  asOf: as('t.as_of'),
  inForce: as(`(${inForce})`),
}

const text = (column: string) => compares<string>(sql.raw(column), 'text')

const clauses: Clauses<CalendarFilter> = {
  calendar: text('t.calendar'),
  minor: comparesRank(rank),
  plan: text('t.plan'),
  region: text(`nullif(t.region, '')`),
  origin: text('t.origin'),
  endsAt: compares<string>(sql`t.ends_at`, 'date'),
  daysLeft: compares<number>(sql.raw(daysLeft), 'int'),
  inForce: holds(sql.raw(inForce)),
}

/** Promises of support by calendar, the newest minor first; of one minor, by plan and region, the most trusted first. */
export function readCalendarEntries(
  db: Db,
  { filter, selection, now }: { readonly filter?: CalendarFilter | null | undefined; selection: Selection; now: Date },
): Promise<readonly CalendarEntryView[]> {
  const rows = sql`select ${sql.raw(columnsOf(shape, selection))} from support_calendar t where ${whereOf(filter, clauses)}
    order by t.calendar, ${sql.raw(rank)} desc, t.plan, t.region, ${sql.raw(trustOf('t'))} limit ${entriesMax}`
  return readJson(db, now, sql`select coalesce(json_agg(t), '[]'::json) from (${rows}) t`)
}
