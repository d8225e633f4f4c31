import { type SQL, sql } from 'drizzle-orm'
import { regionKey } from '../../fleet/support/resolve.ts'
import { type Db, rowsOf } from '../client.ts'
import { uuids } from '../recordset.ts'
import { together } from '../together.ts'
import { withLimits } from '../transaction.ts'

/** Policies, waivers and calendar as one thing to hold. Of the transaction: a session's lock would not survive a pooler (azure.md 9.2). */
const rulesLock = sql.raw(`hashtext('rollcall rules')`)

/**
 * Held to the end of a transaction that changes what clusters are judged by, since before it marks them: no round of `judge` may work
 * by the old rules meanwhile, on a cluster so new that the mark misses it.
 */
export async function holdRules(tx: Db): Promise<void> {
  await rowsOf(tx, sql`select pg_advisory_xact_lock(${rulesLock}), ${withLimits}`)
}

/** Held by every round of `judge`; its first statement. */
export async function shareRules(tx: Db): Promise<void> {
  await rowsOf(tx, sql`select pg_advisory_xact_lock_shared(${rulesLock}), ${withLimits}`)
}

/**
 * Has clusters judged again, in the transaction that changed them: new ones, changed ones, gone ones, and those that moved to another
 * source. Management clusters themselves go by `sourceSubjectId`. Whoever is judging one of them is waited for, so that the mark comes
 * after what was read without it.
 */
export const markDue = (tx: Db, clusterIds: readonly string[], now: Date): Promise<void> =>
  together(tx, dueMarks(clusterIds, now))

/** The same for others to write along (db/together.ts): rows of `cluster`, and of drift of management clusters, are written before. */
export const dueMarks = (clusterIds: readonly string[], now: Date): readonly SQL[] =>
  clusterIds.length === 0 ? [] : marks(sql`= any(${uuids(clusterIds)})`, now)

/** Has every cluster judged again, in the transaction that changed policies, waivers or the calendar. */
export async function markAllDue(tx: Db, now: Date): Promise<void> {
  await holdRules(tx)
  await mark(tx, sql`is not null`, now)
}

/** Has a region's clusters judged again, in the transaction that changed what the region offers. `region` as anybody writes it. */
export async function markRegionDue(tx: Db, region: string, now: Date): Promise<void> {
  await holdRules(tx)
  await mark(tx, sql`in (select id from cluster where replace(lower(region), ' ', '') = ${regionKey(region)})`, now)
}

/** Has the clusters of a source judged again, in the transaction that changed what the source says of itself. */
export async function markSourceDue(tx: Db, source: string, now: Date): Promise<void> {
  await mark(tx, sql`in (select id from cluster where source_id = ${source})`, now)
}

/**
 * Has what a source's word could end judged again, in the transaction that noted that the source fell silent or was heard again: nothing
 * else depends on that. Tolerated findings are few among the many, and one of their indexes holds them all.
 */
export async function markToleratedDue(tx: Db, source: string, now: Date): Promise<void> {
  const rests = sql`evidence @> jsonb_build_array(jsonb_build_object('from', ${source}::text))`
  const isTolerated = sql`code is not null and violated_since is not null and grace_until is not null`
  await mark(tx, sql`in (select cluster_id from finding where ${isTolerated} and ${rests})`, now)
}

/** `which` completes a condition on the cluster's id. */
export const mark = (tx: Db, which: SQL, now: Date): Promise<void> => together(tx, marks(which, now))

/**
 * A cluster has one assessment, at its home; rows are taken in one order everywhere. A management cluster itself is there once it was
 * looked at, until its source leaves the fleet file.
 */
function marks(which: SQL, now: Date): readonly SQL[] {
  const at = now.toISOString()
  const living = sql`select id, source_id from cluster where id ${which} and gone_at is null
    union all select d.subject_id, d.source_id from drift d join source s on s.id = d.source_id and s.removed_at is null
      where d.scope = 'source' and d.subject_id ${which}`
  return [
    sql`delete from assessment a using (${living}) l where a.cluster_id = l.id and a.source_id <> l.source_id`,
    sql`with living as (${living})
      insert into assessment (cluster_id, source_id, due_at)
      select id, source_id, ${at}::timestamptz from living
      union all select cluster_id, source_id, ${at} from assessment
        where cluster_id ${which} and not exists (select from living l where l.id = cluster_id)
      order by 1
      on conflict (cluster_id, source_id) do update set due_at = excluded.due_at
        where assessment.due_at is null or assessment.due_at > excluded.due_at`,
  ]
}
