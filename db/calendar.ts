import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { CalendarOverride } from '../fleet/policy/calendar-file.ts'
import type { Calendar, CalendarEntry, RegionVersions } from '../fleet/support/calendar.ts'
import { regionKey } from '../fleet/support/resolve.ts'
import { type Db, rowsOf } from './client.ts'
import { cellsOf, listOf, madeOf, type Query, queries } from './query.ts'
import { columnsOf, differs, excluded, recordset } from './recordset.ts'
import { regionVersions, supportCalendar } from './verdict-tables.ts'

const entryCells = cellsOf(getTableColumns(supportCalendar))
const { region, readAt, minors } = regionVersions
const regionCells = cellsOf({ region, readAt, minors })

/**
 * Everything that decides what is supported. Of a region that several subscriptions see, the freshest reading; one where Azure shows us
 * clusters, and that was not read yet, is a region unread, which no calendar can speak for (azure.md 4.2, row 1).
 */
export const calendarInForce: Query<Calendar> = madeOf(
  queries({
    entries: listOf(
      sql`select ${entryCells.cells} from support_calendar order by calendar, minor, plan, region, origin`,
      entryCells.read,
    ),
    regions: listOf(
      sql`select distinct on (region) ${regionCells.cells} from region_versions order by region, read_at desc nulls last, source_id`,
      regionCells.read,
    ),
    unread: listOf(
      sql`select json_build_array(c.region) from (select distinct region from cluster
        where arm_source_id is not null and region is not null and gone_at is null) c`,
      ([region]: [string]): RegionVersions => ({ region: regionKey(region), readAt: null, minors: [] }),
    ),
  }),
  ({ entries, regions, unread }) => ({
    entries: entries.map((entry) => ({ ...entry, region: entry.region === '' ? null : entry.region })),
    regions: new Map([...unread, ...regions].map((each) => [each.region, each])),
  }),
)

const columns = columnsOf(supportCalendar)
const key = ['calendar', 'minor', 'plan', 'origin', 'region']
const content = columns.filter((column) => !key.includes(column.key))
const sameEntry = sql`(r.calendar, r.minor, r.plan, r.region) = (s.calendar, s.minor, s.plan, s.region)`

/** Makes the operator's entries exactly these. One without a day is as of the day it was first seen so. Returns how many rows changed. */
export async function keepOverrides(tx: Db, overrides: readonly CalendarOverride[], now: Date): Promise<number> {
  const given = recordset(columns, rowsOfOrigin('operator', overrides))
  const dropped = await rowsOf(
    tx,
    sql`delete from support_calendar s where origin = 'operator' and not exists (select from ${given} where ${sameEntry})
      returning 1`,
  )
  return dropped.length + (await upsert(tx, given, now, sql`true`))
}

/**
 * Makes the entries that Rollcall itself brings exactly these, but for those of a newer release: while two releases run side by side,
 * the older one changes nothing that is as of a later day than it knows. Returns how many rows changed.
 */
export async function keepSeed(tx: Db, entries: readonly CalendarEntry[], now: Date): Promise<number> {
  const given = recordset(columns, rowsOfOrigin('seed', entries))
  const dropped = await rowsOf(
    tx,
    sql`delete from support_calendar s where origin = 'seed' and not exists (select from ${given} where ${sameEntry})
      and (select max(as_of) from support_calendar n where n.origin = 'seed' and n.calendar = s.calendar)
        <= (select max(r."asOf") from ${given} where r.calendar = s.calendar)
      returning 1`,
  )
  return dropped.length + (await upsert(tx, given, now, sql`excluded.as_of >= stored.as_of`))
}

const rowsOfOrigin = (origin: 'operator' | 'seed', entries: readonly CalendarOverride[]) =>
  entries.map((entry) => ({ ...entry, origin, region: entry.region ?? '' }))

async function upsert(tx: Db, given: SQL, now: Date, overrules: SQL): Promise<number> {
  const today = now.toISOString().slice(0, 10)
  const written = await rowsOf(
    tx,
    sql`insert into support_calendar as stored (calendar, minor, plan, origin, region, available_at, ends_at, source, as_of)
      select r.calendar, r.minor, r.plan, r.origin, r.region, r."availableAt", r."endsAt", r.source,
        coalesce(r."asOf", s.as_of, ${today}) from ${given} left join support_calendar s
        on ${sameEntry} and s.origin = r.origin
          and (s.available_at, s.ends_at, s.source) is not distinct from (r."availableAt", r."endsAt", r.source)
      order by r.calendar, r.minor, r.plan, r.region
      on conflict (calendar, minor, plan, origin, region) do update set ${excluded(content)}
        where ${differs(content)} and ${overrules}
      returning 1`,
  )
  return written.length
}
