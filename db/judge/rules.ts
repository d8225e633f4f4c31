import { getTableColumns, sql } from 'drizzle-orm'
import type { Policy, Waiver } from '../../fleet/policy/policy.ts'
import type { Calendar } from '../../fleet/support/calendar.ts'
import { readCalendar } from '../calendar.ts'
import { formerClaim } from '../claim.ts'
import type { Db } from '../client.ts'
import { binding } from '../cluster-tables.ts'
import { policy, waiver } from '../verdict-tables.ts'

/** All that clusters are judged by. */
export interface Rules {
  readonly policies: readonly Policy[]
  readonly waivers: readonly Waiver[]
  readonly calendar: Calendar
}

/** The rules in force at `now`. Four statements. */
export async function readRules(db: Db, now: Date): Promise<Rules> {
  const [policies, waivers, calendar] = await Promise.all([readPolicies(db), readWaivers(db, now), readCalendar(db)])
  return { policies, waivers, calendar }
}

/** The policies in force, in the order of the fleet file. */
export async function readPolicies(db: Db): Promise<readonly Policy[]> {
  const rows = await db
    .select({ document: policy.document })
    .from(policy)
    .where(sql`removed_at is null`)
    .orderBy(policy.position, policy.name)
  return rows.map(({ document }) => document)
}

/** How long a waiver that ran out is remembered: what it excused may not have been judged since. */
const endedMs = 90 * 86_400_000

/**
 * The waivers that excuse at `now` or later, and those that ran out lately: they tell since when what they excused is no longer. One for
 * a cluster that turned out to be another is for that other.
 */
export async function readWaivers(db: Db, now: Date): Promise<readonly Waiver[]> {
  const rows = await db
    .select({ ...getTableColumns(waiver), present: binding.clusterId })
    .from(waiver)
    .leftJoin(binding, sql`claim = ${formerClaim('')} || (selector ->> 'clusterId')`)
    .where(sql`revoked_at is null and expires_at > ${new Date(now.getTime() - endedMs).toISOString()}`)
    .orderBy(waiver.id)
  return rows.map(({ present, ...row }) => {
    const given = waiverOf(row)
    return present === null ? given : { ...given, selector: { ...given.selector, clusterId: present } }
  })
}

/** A waiver as it is stored; that it was revoked counts, not by whom. */
export function waiverOf({ revokedBy: _, ...row }: typeof waiver.$inferSelect): Waiver {
  return row
}
