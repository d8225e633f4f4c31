import { hash } from 'node:crypto'
import { type SQL, sql } from 'drizzle-orm'
import type { Trouble } from '../fleet/delivery.ts'
import type { SourceDeclaration } from '../fleet/source.ts'
import { sourceSubjectId } from './claim.ts'
import { type Db, rowsOf } from './client.ts'
import { markDue } from './judge/due.ts'
import { columnsOf, excluded, names, recordset, texts, values } from './recordset.ts'
import { markClusters, markShared } from './settle/mark.ts'
import { source } from './tables.ts'
import { codeOf, inTransaction } from './transaction.ts'

/** A message that nobody took up for so long is lost; the source is then enqueued again. */
const lostAfterMs = 3 * 60_000
/** Sources handed out by one tick. */
const dueMax = 1000
/** Between two ticks (functions/tick.ts). A source that falls due nearer to this tick than to the next is polled now. */
const tickMs = 60_000
/** Between the beginnings of two polls that hints ask for. */
const hintRestMs = 10_000

/** After so many failures in a row the circuit is open: only a probe now and then. */
export const circuitOpensAfter = 5
export const circuitProbeMs = 10 * 60_000
const backOffMaxMs = 5 * 60_000
/** A server that asks for more patience than this is asked again anyway. */
const retryAfterMaxMs = 60 * 60_000

const declared = columnsOf(source, [
  ...['id', 'type', 'parentId', 'polled', 'armId', 'region', 'labels', 'everyMs', 'staleAfterMs'],
])

/**
 * Makes the store know exactly these sources, and what they found by themselves (db/found-source.ts). One that is no longer declared
 * keeps its objects, but is neither due nor expected. One that was found and is now declared by another name gives way to it.
 */
export async function registerSources(db: Db, declarations: readonly SourceDeclaration[], now: Date): Promise<void> {
  const given = recordset(declared, declarations)
  await inTransaction(db, async (tx) => {
    await writeSources(tx, declarations, now)
    await removeSources(
      tx,
      sql`with recursive kept as (
        select r.id from ${given}
        union select s.id from source s join kept on kept.id = s.parent_id where s.removed_at is null
          and not exists (select from ${given} where r."armId" = s.arm_id))`,
      sql`id not in (select id from kept)`,
      now,
    )
  })
}

/** Takes sources out of the fleet: those of the condition, which may speak of what `given` (a `with` clause) names. */
export async function removeSources(tx: Db, given: SQL, condition: SQL, now: Date): Promise<void> {
  const gone = await rowsOf<{ id: string }>(
    tx,
    sql`${given} update source set removed_at = ${now.toISOString()}, lease_holder = null, lease_until = null
      where removed_at is null and ${condition} returning id`,
  )
  await markShared(
    tx,
    gone.map(({ id }) => id),
  )
}

/**
 * Adds sources and corrects those there are. A source whose labels or region changed has its clusters composed again, because they
 * carry both, and is judged again itself.
 */
export async function writeSources(tx: Db, declarations: readonly SourceDeclaration[], now: Date): Promise<void> {
  const at = now.toISOString()
  const given = recordset(declared, declarations)
  const moved = await rowsOf<{ id: string }>(
    tx,
    sql`select s.id from source s join ${given} on r.id = s.id
      where r.labels is distinct from s.labels or r.region is distinct from s.region`,
  )
  const movedIds = moved.map(({ id }) => id)
  await markClusters(tx, sql`c.gone_at is null and c.source_id = any(${texts(movedIds)})`)
  const returned = await rowsOf<{ id: string }>(
    tx,
    sql`select s.id from source s join ${given} on r.id = s.id where s.removed_at is not null`,
  )
  // A source that comes back is pinned anew: what it was may have been given to another meanwhile.
  await tx.execute(sql`insert into source as s (${names(declared)}, registered_at, due_at)
    select ${values(declared)}, ${at}, ${at} from ${given} order by r.id
    on conflict (id) do update set ${excluded(declared)}, removed_at = null,
      server_uid = case when s.removed_at is null then s.server_uid end,
      discovered_at = case when s.removed_at is null then s.discovered_at end,
      due_at = least(s.due_at, ${at}::timestamptz + excluded.every_ms * interval '1 millisecond')
    where s.removed_at is not null or (${qualified('s')}) is distinct from (${qualified('excluded')})`)
  await markShared(
    tx,
    returned.map(({ id }) => id),
  )
  await markDue(tx, movedIds.map(sourceSubjectId), now)
}

const qualified = (row: string): SQL => sql.raw(declared.map(({ name }) => `${row}."${name}"`).join(', '))

/**
 * Sources to poll now, to the nearest tick, longest waiting first: those that are due, and those that somebody hinted at since their last
 * poll began. Each is handed out once, until its poll ended or its message must be lost.
 */
export async function dueSources(db: Db, now: Date): Promise<string[]> {
  const soon = new Date(now.getTime() + tickMs / 2).toISOString()
  return handOut(db, sql`due_at <= ${soon} or ${isHinted}`, now)
}

/** Of these sources, those hinted at, to poll before the next tick: not right after a poll, or a storm of hints would be one of polls. */
export async function hintedSources(db: Db, ids: readonly string[], now: Date): Promise<string[]> {
  if (ids.length === 0) return []
  const rested = new Date(now.getTime() - hintRestMs).toISOString()
  return handOut(db, sql`id = any(${texts(ids)}) and ${isHinted} and last_attempt_at <= ${rested}`, now)
}

/** What a poll in between has read is no longer wanted; what was hinted at while it ran is. */
const isHinted = sql`exists (select from push_want w where w.source_id = source.id and w.asked_at >= source.last_attempt_at)`

async function handOut(db: Db, which: SQL, now: Date): Promise<string[]> {
  const at = now.toISOString()
  const lost = new Date(now.getTime() - lostAfterMs).toISOString()
  const rows = await rowsOf<{ id: string }>(
    db,
    sql`with due as (
        select id, due_at from source where polled and removed_at is null and (${which})
          and (not_before is null or not_before <= ${at}) and (lease_until is null or lease_until <= ${at})
          and (enqueued_at is null or enqueued_at <= ${lost})
        order by due_at, id limit ${dueMax} for update skip locked),
      claimed as (update source s set enqueued_at = ${at} from due where s.id = due.id returning s.id, due.due_at)
      select id from claimed order by due_at, id`,
  )
  return rows.map(({ id }) => id)
}

/**
 * Makes every source free to be polled again. Only for a process that has the store to itself and has just begun: leases and
 * messages of the one before it ended with that one.
 */
export async function forgetPolls(db: Db): Promise<void> {
  await db.execute(
    sql`update source set lease_holder = null, lease_until = null, enqueued_at = null where lease_holder is not null or enqueued_at is not null`,
  )
}

/** The right to poll a source, for a while. */
export interface Lease {
  readonly source: string
  /** Names one invocation; never used again. */
  readonly holder: string
  readonly until: Date
  readonly consecutiveFailures: number
}

/** Null when another holds the source, it is not to be asked before some later instant, its parent reads it, or it was removed. */
export async function takeLease(db: Db, id: string, holder: string, now: Date, leaseMs: number): Promise<Lease | null> {
  const at = now.toISOString()
  const until = new Date(now.getTime() + leaseMs)
  const [row] = await rowsOf<{ failures: number }>(
    db,
    sql`update source set lease_holder = ${holder}, lease_until = ${until.toISOString()}, last_attempt_at = ${at}, enqueued_at = null
      where id = ${id} and polled and removed_at is null and (not_before is null or not_before <= ${at})
        and (lease_until is null or lease_until <= ${at} or lease_holder = ${holder})
      returning consecutive_failures as failures`,
  )
  return row ? { source: id, holder, until, consecutiveFailures: row.failures } : null
}

/** Null when the lease was lost: stop, another has begun. */
export async function extendLease(db: Db, lease: Lease, now: Date, leaseMs: number): Promise<Lease | null> {
  const until = new Date(now.getTime() + leaseMs)
  const rows = await rowsOf(
    db,
    sql`update source set lease_until = ${until.toISOString()}
      where id = ${lease.source} and lease_holder = ${lease.holder} and removed_at is null returning id`,
  )
  return rows.length > 0 ? { ...lease, until } : null
}

/** Gives a lease back without a word on the source: the poll was stopped, or the fault was ours. It is due again at once. */
export async function releaseLease(db: Db, lease: Lease): Promise<void> {
  await db.execute(sql`update source set lease_holder = null, lease_until = null
    where id = ${lease.source} and lease_holder = ${lease.holder}`)
}

export interface PollOutcome {
  /** Of the source as a whole; null when it answered, whatever single kinds said. */
  readonly trouble: Trouble | null
  /** Work is left for another invocation, which the caller enqueues. */
  readonly unfinished: boolean
}

/**
 * Ends a poll: gives the lease back and says when the source is due again. Trouble makes it wait longer each time, then opens the
 * circuit; the server's own Retry-After is heeded. False when the lease was lost: nothing is recorded then.
 */
export async function finishPoll(
  db: Db,
  lease: Lease,
  { trouble, unfinished }: PollOutcome,
  now: Date,
): Promise<boolean> {
  const at = now.toISOString()
  const released = sql`lease_holder = null, lease_until = null`
  const mine = sql`id = ${lease.source} and lease_holder = ${lease.holder}`
  const random = fractionOf(`${lease.source} ${lease.holder}`)
  const rows = trouble
    ? await rowsOf(
        db,
        sql`update source set ${released}, trouble_code = ${trouble.code}, trouble_message = ${trouble.message}, trouble_at = ${at},
          consecutive_failures = consecutive_failures + 1, enqueued_at = null,
          not_before = ${at}::timestamptz + ${waitMs(trouble, lease.consecutiveFailures + 1, random)},
          due_at = ${at}::timestamptz + ${waitMs(trouble, lease.consecutiveFailures + 1, random)}
        where ${mine} returning id`,
      )
    : await rowsOf(
        db,
        sql`update source set ${released}, trouble_code = null, trouble_message = null, trouble_at = null, last_success_at = ${at},
          consecutive_failures = 0, not_before = null, enqueued_at = ${unfinished ? at : null},
          due_at = ${unfinished ? sql`due_at` : nextDue(lease.source)}
        where ${mine} returning id`,
      )
  return rows.length > 0
}

/**
 * When a source is due next: `every` after it last fell due, not after its poll ended, so that no poll's length makes it miss a
 * tick. Each source keeps a beat of its own, so that those registered together do not march in step; one that left its beat (the
 * first poll, a back-off) is back on it half to one and a half intervals later. What a poll overran is not made up for.
 */
function nextDue(id: string) {
  const beat = sql`${fractionOf(id)}::float8 * every_ms`
  const after = sql`extract(epoch from greatest(due_at + every_ms * interval '0.5 ms', last_attempt_at)) * 1000`
  return sql`to_timestamp((floor((${after} - ${beat}) / every_ms + 1) * every_ms + ${beat}) / 1000)`
}

/** An interval in SQL, from the source's own `every_ms`: doubled with each failure, the jitter taking off up to a half. */
function waitMs({ retryAfterMs = 0 }: Trouble, failures: number, random: number) {
  const asked = Math.min(retryAfterMs, retryAfterMaxMs)
  const jitter = 1 - random / 2
  const open = failures >= circuitOpensAfter
  const wait = open
    ? sql`${circuitProbeMs * jitter}::float8`
    : sql`least(every_ms * ${2 ** (failures - 1)}::float8, ${backOffMaxMs}::float8) * ${jitter}::float8`
  return sql`greatest(${wait}, ${asked}::float8) * interval '1 millisecond'`
}

/** Evenly spread over [0, 1), and the same for the same text: chance without a hidden dice. */
const fractionOf = (text: string): number => Number.parseInt(hash('sha256', text, 'hex').slice(0, 8), 16) / 2 ** 32

/**
 * Pins a source to the server it reads (UID of its `kube-system` namespace). Trouble when it is another server than before, or one
 * that another source reads already.
 */
export async function pinServer(
  db: Db,
  id: string,
  uid: string,
  version: string | null = null,
): Promise<Trouble | null> {
  try {
    const [row] = await rowsOf<{ pinned: string }>(
      db,
      sql`update source set server_uid = coalesce(server_uid, ${uid}), server_version = coalesce(${version}::text, server_version)
        where id = ${id} returning server_uid as pinned`,
    )
    if (!row || row.pinned === uid) return null
    return {
      code: 'WrongServer',
      message: `Source ${id} used to be the server ${row.pinned} and is now the server ${uid} (UID of kube-system). Correct its kubeconfig; if the cluster was rebuilt, give the source a new name.`,
    }
  } catch (error) {
    if (codeOf(error) !== '23505') throw error
    const [other] = await rowsOf<{ id: string }>(
      db,
      sql`select id from source where server_uid = ${uid} and removed_at is null`,
    )
    return {
      code: 'WrongServer',
      message: `Sources ${id} and ${other?.id ?? 'another one'} are one server (UID of kube-system: ${uid}). Keep one of them: remove the other from the fleet file, or its context from the kubeconfig.`,
    }
  }
}
