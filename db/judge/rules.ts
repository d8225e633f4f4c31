import { getTableColumns, sql } from 'drizzle-orm'
import type { Policy, Waiver } from '../../fleet/policy/policy.ts'
import type { Calendar } from '../../fleet/support/calendar.ts'
import { calendarInForce } from '../calendar.ts'
import { formerClaim } from '../claim.ts'
import type { Db } from '../client.ts'
import { answer, cellsOf, listOf, type Query, queries } from '../query.ts'
import { waiver } from '../verdict-tables.ts'

/** All that clusters are judged by. */
export interface Rules {
  readonly policies: readonly Policy[]
  readonly waivers: readonly Waiver[]
  readonly calendar: Calendar
}

/** The policies in force, in the order of the fleet file. */
const policiesInForce: Query<readonly Policy[]> = listOf(
  sql`select json_build_array(document) from policy where removed_at is null order by position, name`,
  ([document]: [Policy]) => document,
)

/** The rules in force at `now`. */
export const rulesAt = (now: Date): Query<Rules> =>
  queries({ policies: policiesInForce, waivers: waiversAt(now), calendar: calendarInForce })

export const readPolicies = (db: Db): Promise<readonly Policy[]> => answer(db, policiesInForce)

/** How long a waiver that ended is remembered: what it excused may not have been judged since. */
const endedMs = 90 * 86_400_000

const waiverCells = cellsOf(getTableColumns(waiver))

/**
 * The waivers that excuse at `now` or later, and those that ran out or were revoked lately: they tell until when what they excused was
 * excused. One for a cluster that turned out to be another is for that other.
 */
export const waiversAt = (now: Date): Query<readonly Waiver[]> =>
  listOf(
    sql`select json_build_array(${waiverCells.cells}, cluster_id) from waiver
      left join binding on claim = ${formerClaim('')} || (selector ->> 'clusterId')
      where least(expires_at, revoked_at) > ${new Date(now.getTime() - endedMs).toISOString()} order by waiver.id`,
    ([cells, present]: [unknown[], string | null]) => {
      const given = waiverOf(waiverCells.read(cells))
      return present === null ? given : { ...given, selector: { ...given.selector, clusterId: present } }
    },
  )

/** A waiver as it is stored; that it was revoked counts, not by whom. */
export function waiverOf({ revokedBy: _, ...row }: typeof waiver.$inferSelect): Waiver {
  return row
}
