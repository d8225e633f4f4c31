import { sql } from 'drizzle-orm'
import { type KindKey, type ObjectRef, objectIdOf } from '../../fleet/reference.ts'
import { type Db, rowsOf } from '../client.ts'
import { type Column, recordset, texts } from '../recordset.ts'
import { hintedSources } from '../source.ts'
import { inTransaction, withLimits } from '../transaction.ts'

/** Somebody's word that something changed. It is asked for again where it can be, and nothing else happens. */
export interface Hint {
  readonly source: string
  /** The message, so that one that comes again is not heard again. A UUID. */
  readonly message: string
  readonly kind: KindKey
  readonly namespace: string
  readonly name: string
}

/** What came of hints. */
export interface Heeded {
  /** Hints of messages that were not heard before, about what this fleet reads. */
  readonly heeded: number
  /** Sources handed out to be polled at once (`hintedSources`). */
  readonly due: readonly string[]
}

/** For so long a message is known again; whoever checks the time of messages must refuse those that are older. */
export const seenMs = 2 * 3_600_000
/** Objects asked for at once, per source: of more, full readings and digests take care. */
const wantsMax = 1000
/** Forgotten messages per call. */
const forgottenMax = 500

const given: readonly Column[] = [
  { key: 'source', name: 'source', type: 'text' },
  { key: 'message', name: 'message', type: 'uuid' },
  { key: 'kind', name: 'kind', type: 'text' },
  { key: 'namespace', name: 'namespace', type: 'text' },
  { key: 'name', name: 'name', type: 'text' },
]

/**
 * Takes hints: a source that is polled, by itself or by its parent, is due at once; of one that pushes, its agent is asked. About what is
 * not read at a source, nothing is done: a hint makes no row of an object, of a kind or of a source.
 */
export async function heed(db: Db, hints: readonly Hint[], now: Date): Promise<Heeded> {
  if (hints.length === 0) return { heeded: 0, due: [] }
  const at = now.toISOString()
  const said = recordset(given, hints)
  const { heeded, readers } = await inTransaction(db, async (tx) => {
    await forget(tx, now)
    // In one order everywhere, so that two messages at once do not wait for each other.
    const fresh = await rowsOf<{ source: string; message: string }>(
      tx,
      sql`insert into push_seen (source_id, digest, seen_at)
        select distinct r.source, r.message, ${at}::timestamptz from ${said} join source s on s.id = r.source and s.removed_at is null
        order by 1, 2 on conflict do nothing returning source_id as source, digest as message`,
    )
    const unheard = new Set(fresh.map(({ source, message }) => `${source} ${message}`))
    const news = hints.filter(({ source, message }) => unheard.has(`${source} ${message}`))
    if (news.length === 0) return { heeded: 0, readers: [] }
    const rows = await rowsOf<{ reader: string; wants: string | number }>(
      tx,
      sql`with about as (
          select distinct case when s.polled then s.id else coalesce(s.parent_id, s.id) end as reader, r.kind, r.namespace, r.name
          from ${recordset(given, news)} join source s on s.id = r.source and s.removed_at is null
            join reading g on g.source_id = r.source and g.kind = r.kind),
        free as (select reader, ${wantsMax} - (select count(*) from push_want w where w.source_id = reader) as places
          from (select distinct reader from about) readers),
        placed as (select about.*, row_number() over (partition by reader order by kind, namespace, name) as place from about),
        asked as (insert into push_want as w (source_id, kind, namespace, name, asked_at)
          select reader, kind, namespace, name, ${at}::timestamptz from placed join free using (reader) where place <= places
          order by 1, 2, 3, 4
          on conflict (source_id, kind, namespace, name) do update set asked_at = greatest(w.asked_at, excluded.asked_at))
        select reader, count(*) as wants from about group by reader`,
    )
    return {
      heeded: rows.reduce((sum, { wants }) => sum + Number(wants), 0),
      readers: rows.map(({ reader }) => reader),
    }
  })
  return { heeded, due: await hintedSources(db, readers, now) }
}

/** What need not be remembered any longer. */
async function forget(tx: Db, now: Date): Promise<void> {
  const old = new Date(now.getTime() - seenMs).toISOString()
  await tx.execute(sql`with forgotten as (delete from push_seen where (source_id, digest) in (
      select source_id, digest from push_seen where seen_at < ${old} limit ${forgottenMax} for update skip locked) returning source_id)
    select count(*), ${withLimits} from forgotten`)
  // Polls that began later have read it; and where nobody asks for it, nobody ever will.
  await tx.execute(sql`delete from push_want where (source_id, kind, namespace, name) in (
    select w.source_id, w.kind, w.namespace, w.name from push_want w join source s on s.id = w.source_id
    where (s.polled and w.asked_at < s.last_attempt_at) or w.asked_at < ${old} for update of w skip locked)`)
}

/** The sources that read these subscriptions, in lower case. */
export async function readersOfSubscriptions(
  db: Db,
  subscriptions: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const ids = subscriptions.map((subscription) => `/subscriptions/${subscription}`)
  const rows = await rowsOf<{ id: string; armId: string }>(
    db,
    sql`select id, arm_id as "armId" from source where type = 'azure' and removed_at is null and arm_id = any(${texts(ids)})`,
  )
  const readers = new Map<string, string[]>()
  for (const { id, armId } of rows) {
    const subscription = armId.slice('/subscriptions/'.length)
    readers.set(subscription, [...(readers.get(subscription) ?? []), id])
  }
  return readers
}

/** How the store stands to an object that somebody sends. */
export interface Standing {
  /** Whether the kind was ever read at the source. */
  readonly isRead: boolean
  /** The version it is read in there; null where that is not known. */
  readonly version: string | null
  /** Of the object, as last read. */
  readonly uid: string | null
  /** Of the kind: everything up to this resourceVersion was read there. */
  readonly cursor: string | null
}

/** Null where there is no such source, or not yet. */
export async function standingOf(db: Db, source: string, kind: KindKey, ref: ObjectRef): Promise<Standing | null> {
  const [row] = await rowsOf<Standing>(
    db,
    sql`select g.kind is not null as "isRead", g.version, g.cursor, o.uid from source s
      left join reading g on g.source_id = s.id and g.kind = ${kind}
      left join object o on o.id = ${objectIdOf(source, ref)} and o.source_id = s.id
      where s.id = ${source} and s.removed_at is null`,
  )
  return row ?? null
}
