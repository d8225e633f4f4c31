import { sql } from 'drizzle-orm'
import type { Trouble } from '../fleet/delivery.ts'
import type { SourceDeclaration } from '../fleet/source.ts'
import { type Db, rowsOf } from './client.ts'
import { texts } from './recordset.ts'
import { removeSources, writeSources } from './source.ts'
import { inTransaction } from './transaction.ts'

/**
 * Makes these the sources that `parent` has found or reads along with itself: all of them, so call it only after a complete reading.
 * One that is no longer among them is removed, with what it found, like a source taken out of the fleet file.
 * Gives the ids of those that count: what another source reads already (by ARM id) is left to that one, and a parent that is itself
 * no longer declared finds nothing.
 */
export function registerChildren(
  db: Db,
  parent: string,
  children: readonly SourceDeclaration[],
  now: Date,
): Promise<readonly string[]> {
  return inTransaction(db, async (tx) => {
    const [living] = await rowsOf(
      tx,
      sql`select id from source where id = ${parent} and removed_at is null for no key update`,
    )
    if (!living) return []
    const taken = await rowsOf<{ armId: string }>(
      tx,
      sql`select arm_id as "armId" from source where removed_at is null and parent_id is distinct from ${parent}
        and arm_id = any(${texts(children.flatMap(({ armId }) => armId ?? []))})`,
    )
    const elsewhere = new Set(taken.map(({ armId }) => armId))
    // A list whose pages shift names one twice.
    const own = new Map(
      children.filter(({ armId }) => armId === null || !elsewhere.has(armId)).map((one) => [one.id, one]),
    )
    const ids = [...own.keys()]
    await writeSources(tx, [...own.values()], now)
    await removeSources(
      tx,
      sql`with recursive leaving as (
        select id from source where parent_id = ${parent} and removed_at is null and id <> all(${texts(ids)})
        union select s.id from source s join leaving on leaving.id = s.parent_id)`,
      sql`id in (select id from leaving)`,
      now,
    )
    return ids
  })
}

/**
 * Ends the reading of a source that its parent's poll reads: success, or the trouble of this one. Gives how often it had failed in a
 * row before; null where there is no such source (any more).
 */
export async function recordChildPoll(
  db: Db,
  child: string,
  trouble: Trouble | null,
  now: Date,
): Promise<number | null> {
  const at = now.toISOString()
  const outcome = trouble
    ? sql`trouble_code = ${trouble.code}, trouble_message = ${trouble.message}, trouble_at = ${at},
        consecutive_failures = s.consecutive_failures + 1`
    : sql`trouble_code = null, trouble_message = null, trouble_at = null, last_success_at = ${at}, consecutive_failures = 0`
  const [row] = await rowsOf<{ failures: number }>(
    db,
    sql`update source s set last_attempt_at = ${at}, ${outcome}
      from (select id, consecutive_failures as failures from source
        where id = ${child} and not polled and removed_at is null for no key update) before
      where s.id = before.id returning before.failures`,
  )
  return row?.failures ?? null
}

/** What another source found, and that is polled by itself: by whom it was found, and where Azure knows it. Null where there is none. */
export async function foundSource(
  db: Db,
  id: string,
): Promise<{ readonly parent: string; readonly armId: string } | null> {
  const [row] = await rowsOf<{ parent: string; armId: string }>(
    db,
    sql`select parent_id as parent, arm_id as "armId" from source
      where id = ${id} and polled and removed_at is null and parent_id is not null and arm_id is not null`,
  )
  return row ?? null
}
