import { sql } from 'drizzle-orm'
import type { Trouble } from '../../fleet/delivery.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { type Db, rowsOf } from '../client.ts'
import { pinServer } from '../source.ts'

/** Who opens a session. */
export interface Opening {
  readonly source: string
  readonly agent: string
}

/**
 * Opens a session, which ends the one before; gives its epoch. Another sender may say more of the same version of an object, so what was
 * read of the one before is not recognised any more (fleet/imprint.ts).
 */
export async function openSession(db: Db, { source, agent }: Opening, now: Date): Promise<number> {
  const at = now.toISOString()
  await db.execute(sql`update object set imprint = null where source_id = ${source} and imprint is not null
    and exists (select from push_session s where s.source_id = ${source} and s.agent <> ${agent})`)
  const [row] = await rowsOf<{ epoch: number }>(
    db,
    sql`insert into push_session (source_id, epoch, seq, opened_at, agent) values (${source}, 1, 0, ${at}, ${agent})
      on conflict (source_id) do update set epoch = push_session.epoch + 1, seq = 0, opened_at = excluded.opened_at,
        agent = excluded.agent, taken_by = null, taken_until = null
      returning epoch`,
  )
  if (!row) throw new Error('an upsert that returns its row returned none')
  return row.epoch
}

export type Identified =
  /** The source is what it always was. */
  | { readonly as: 'known'; readonly polled: boolean }
  /** Not, or not yet, one of the store's sources. */
  | { readonly as: 'unknown' }
  /** Another server than before, or one that another source reads. The source says so. */
  | { readonly as: 'foreign'; readonly trouble: Trouble }

/** Pins a source to the server that a sender says it is in: nothing of another is ever taken for it. */
export async function identifySender(
  db: Db,
  source: string,
  server: { readonly uid: string; readonly version: string },
  now: Date,
): Promise<Identified> {
  const [registered] = await rowsOf<{ polled: boolean }>(
    db,
    sql`select polled from source where id = ${source} and removed_at is null`,
  )
  if (!registered) return { as: 'unknown' }
  const trouble = await pinServer(db, source, server.uid, server.version)
  if (trouble === null) return { as: 'known', polled: registered.polled }
  await recordForeign(db, source, trouble, now)
  return { as: 'foreign', trouble }
}

/** Of a source that is polled too, the polls say whether it is in trouble. */
async function recordForeign(db: Db, source: string, { code, message }: Trouble, now: Date): Promise<void> {
  const at = now.toISOString()
  await db.execute(sql`update source set last_attempt_at = ${at}, trouble_code = ${code}, trouble_message = ${message},
      trouble_at = case when trouble_code = ${code} then trouble_at else ${at} end,
      consecutive_failures = consecutive_failures + 1
    where id = ${source} and not polled`)
}

/** A request of a session. */
export interface Turn {
  readonly source: string
  readonly epoch: number
  readonly seq: number
  /** Names one attempt; never used again. */
  readonly holder: string
}

export type TurnTaken =
  | { readonly as: 'taken'; readonly openedAt: Date }
  /** It, or a later one, is on disk. */
  | { readonly as: 'duplicate' }
  /** Another request of the session is at work. */
  | { readonly as: 'busy' }
  /** A newer session was opened; or none is known. */
  | { readonly as: 'superseded' }

/**
 * Takes the source's turn for one request, for `forMs` at most: a process that dies loses it. It need not survive a crash of the server
 * (the turn is not done then), nor need what is stored in it, until `finishTurn`, which puts all of it on disk.
 */
export async function takeTurn(db: Db, turn: Turn, now: Date, forMs: number): Promise<TurnTaken> {
  const { source, epoch, seq, holder } = turn
  const until = new Date(now.getTime() + forMs).toISOString()
  const [taken] = await rowsOf<{ openedAt: string }>(
    db,
    sql`update push_session set taken_by = ${holder}, taken_until = ${until}
      where source_id = ${source} and epoch = ${epoch} and seq < ${seq}
        and (taken_until is null or taken_until <= ${now.toISOString()})
      returning opened_at as "openedAt", set_config('synchronous_commit', 'off', true)`,
  )
  if (taken) return { as: 'taken', openedAt: new Date(taken.openedAt) }
  const [session] = await rowsOf<{ epoch: number; seq: string | number }>(
    db,
    sql`select epoch, seq from push_session where source_id = ${source}`,
  )
  if (session?.epoch !== epoch) return { as: 'superseded' }
  return { as: Number(session.seq) >= seq ? 'duplicate' : 'busy' }
}

/** False when the turn was lost: to a newer session, or because it took too long. */
export async function extendTurn(db: Db, { source, epoch, holder }: Turn, now: Date, forMs: number): Promise<boolean> {
  const until = new Date(now.getTime() + forMs).toISOString()
  const held = await rowsOf(
    db,
    sql`update push_session set taken_until = ${until}
      where source_id = ${source} and epoch = ${epoch} and taken_by = ${holder} returning epoch`,
  )
  return held.length > 0
}

/** Gives a turn back without having done it: it may be tried again. */
export async function releaseTurn(db: Db, { source, holder }: Turn): Promise<void> {
  await db.execute(sql`update push_session set taken_by = null, taken_until = null
    where source_id = ${source} and taken_by = ${holder}`)
}

/** An object that somebody hinted at. */
export interface Hinted {
  readonly kind: KindKey
  readonly namespace: string
  readonly name: string
}

/** Objects asked for by one answer. */
const hintedMax = 100

/**
 * Ends a turn, which puts everything of it on disk: the request is from now on heard, the source was heard of (`blind`: from a sender that
 * does not hear its API server), and what was hinted at is handed out, once. Null when the turn was lost meanwhile, to a newer session or
 * because it took too long.
 */
export async function finishTurn(
  db: Db,
  { source, epoch, seq, holder }: Turn,
  now: Date,
  blind: Trouble | null,
): Promise<readonly Hinted[] | null> {
  const at = now.toISOString()
  const [code, message] = [blind?.code ?? null, blind?.message ?? null]
  // In one statement: `hinted` has a row even where nothing was, and none where the turn was lost.
  const [row] = await rowsOf<{ hinted: readonly Hinted[] }>(
    db,
    sql`with moved as (
        update push_session set seq = ${seq}, last_at = ${at}, taken_by = null, taken_until = null
        where source_id = ${source} and epoch = ${epoch} and taken_by = ${holder}
        returning source_id, set_config('synchronous_commit', 'on', true)
      ), heard as (
        update source set last_attempt_at = case when polled then last_attempt_at else greatest(last_attempt_at, ${at}) end,
          last_success_at = case when ${code}::text is null then greatest(last_success_at, ${at}) else last_success_at end,
          trouble_code = case when polled then trouble_code else ${code} end,
          trouble_message = case when polled then trouble_message else ${message} end,
          trouble_at = case when polled or trouble_code = ${code} then trouble_at when ${code}::text is not null then ${at}::timestamptz end,
          consecutive_failures = case when polled then consecutive_failures when ${code}::text is null then 0 else consecutive_failures + 1 end
        from moved where source.id = moved.source_id
      ), given as (
        delete from push_want where source_id = (select source_id from moved) and (kind, namespace, name) in (
          select kind, namespace, name from push_want where source_id = ${source} order by asked_at limit ${hintedMax})
        returning kind, namespace, name
      )
      select coalesce((select json_agg(given) from given), '[]') as hinted from moved`,
  )
  return row?.hinted ?? null
}
