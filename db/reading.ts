import { type SQL, sql } from 'drizzle-orm'
import type { Discovery, ServedKind, Trouble, TroubleCode } from '../fleet/delivery.ts'
import type { KindKey } from '../fleet/reference.ts'
import type { KindProgress } from '../fleet/source.ts'
import { type Db, rowsOf } from './client.ts'
import { columnsOf, recordset, texts } from './recordset.ts'
import { reading, source } from './tables.ts'
import { inTransaction } from './transaction.ts'

/**
 * Records why a kind could not be read. What was read before stays; the next success clears it. A server that no longer knows the
 * cursor is told by a LIST, which replaces it; nothing here forgets it.
 */
export async function recordTrouble(
  db: Db,
  { source, kind, at, trouble }: { source: string; kind: KindKey; at: Date; trouble: Trouble },
): Promise<void> {
  const instant = at.toISOString()
  await db.execute(sql`insert into reading (source_id, kind, last_attempt_at, trouble_code, trouble_message, trouble_at)
    values (${source}, ${kind}, ${instant}, ${trouble.code}, ${trouble.message}, ${instant})
    on conflict (source_id, kind) do update set last_attempt_at = excluded.last_attempt_at,
      trouble_code = excluded.trouble_code, trouble_message = excluded.trouble_message,
      trouble_at = case when reading.trouble_code = excluded.trouble_code then reading.trouble_at else excluded.trouble_at end
    where reading.last_attempt_at is null or reading.last_attempt_at <= excluded.last_attempt_at`)
}

/** How far every kind of a source has been read, by kind. */
export async function progressOf(db: Db, source: string): Promise<KindProgress[]> {
  const rows = await db.select().from(reading).where(sql`source_id = ${source}`).orderBy(reading.kind)
  return rows.map((row) => ({
    kind: row.kind,
    version: row.version,
    served: servedIn(row),
    cursor: row.cursor,
    caughtUpAt: row.caughtUpAt,
    verifiedAt: row.verifiedAt,
    open:
      row.runId === null || row.runStartedAt === null || row.runToken === null
        ? null
        : {
            runId: row.runId,
            startedAt: row.runStartedAt,
            token: row.runToken,
            limit: row.runLimit ?? 0,
            page: row.runPage ?? 0,
          },
    trouble: troubleOf(row.troubleCode, row.troubleMessage),
  }))
}

function troubleOf(code: TroubleCode | null, message: string | null): Trouble | null {
  return code === null ? null : { code, message: message ?? '' }
}

/** What discovery said of a kind; null when it is not served, or a LIST found that it no longer is. */
function servedIn(row: typeof reading.$inferSelect): ServedKind | null {
  const { kind, version, otherVersions, plural, namespaced, troubleCode } = row
  if (version === null || plural === null || namespaced === null || troubleCode === 'NotInstalled') return null
  return { kind, version, otherVersions, plural, namespaced }
}

/** The discovery behind what `progressOf` says is served; null when the server must be asked anew. */
export async function discoveryOf(db: Db, id: string): Promise<Discovery | null> {
  const [row] = await db.select().from(source).where(sql`id = ${id}`)
  if (!row || row.discoveredAt === null || row.discoveryAsked === null) return null
  return { at: row.discoveredAt, etag: row.discoveryEtag, asked: row.discoveryAsked }
}

/**
 * Records when a server last said what it serves; null: that is out of date, or was told only in part. What it was asked for stays
 * known (`recordAsked`).
 */
export async function recordDiscovery(db: Db, id: string, discovery: Discovery | null): Promise<void> {
  const { at, etag, asked } = discovery ?? { at: null, etag: null, asked: null }
  await db.execute(sql`update source set discovered_at = ${at?.toISOString() ?? null}, discovery_etag = ${etag},
      discovery_asked = coalesce(${asked}::text, discovery_asked)
    where id = ${id} and (discovered_at, discovery_etag, discovery_asked)
      is distinct from (${at?.toISOString() ?? null}::timestamptz, ${etag}::text, coalesce(${asked}::text, discovery_asked))`)
}

/**
 * Notes what a server is asked for. Where that is something else than before, it must say anew what it serves, and kinds that
 * operators declare are listed from their start: an object that did not change reads otherwise under another declaration, and
 * no watch would tell of it. Which of them changed, the imprints of their objects know.
 */
export async function recordAsked(db: Db, id: string, asked: string, declared: readonly KindKey[]): Promise<void> {
  const [before] = await db.select({ asked: source.discoveryAsked }).from(source).where(sql`id = ${id}`)
  if (before?.asked === asked) return
  await inTransaction(db, async (tx) => {
    await tx.execute(
      sql`update source set discovery_asked = ${asked}, discovered_at = null, discovery_etag = null where id = ${id}`,
    )
    await holdReadings(tx, id)
    await readFromStart(tx, id, sql`select unnest(${texts(declared)})`)
  })
}

/** Lets go of how far a kind was read. */
export async function dropReading(db: Db, source: string, kind: KindKey): Promise<void> {
  await db.execute(sql`delete from reading where source_id = ${source} and kind = ${kind}`)
}

/** In the order in which `settle` takes them, so that the two never wait for each other. */
async function holdReadings(tx: Db, source: string): Promise<void> {
  await rowsOf(tx, sql`select from reading where source_id = ${source} order by kind for update`)
}

/** Cursor and open run of these kinds no longer count. */
async function readFromStart(tx: Db, source: string, kinds: SQL): Promise<void> {
  await tx.execute(sql`delete from sighting where source_id = ${source} and kind in (${kinds})`)
  await tx.execute(sql`update reading set cursor = null, run_id = null, run_started_at = null, run_token = null, run_limit = null,
      run_page = null, run_proves = null
    where source_id = ${source} and kind in (${kinds})`)
}

const servedColumns = columnsOf(reading, ['kind', 'version', 'otherVersions', 'plural', 'namespaced'])

/**
 * Records what discovery found. A kind that was read before and is not served now is not installed: its objects stay as they
 * were, because a server that lost a definition has not proved that its objects are gone. A kind that is to be read in another
 * version is read from its start: cursor and open run belong to the old one. Writes only what differs.
 */
export async function recordServed(db: Db, source: string, served: readonly ServedKind[], at: Date): Promise<void> {
  const instant = at.toISOString()
  const given = recordset(servedColumns, served)
  await inTransaction(db, async (tx) => {
    await holdReadings(tx, source)
    await tx.execute(sql`update reading set trouble_code = 'NotInstalled', trouble_at = ${instant}, last_attempt_at = ${instant},
        trouble_message = ${`${source} no longer serves this kind`}
      where source_id = ${source} and trouble_code is distinct from 'NotInstalled' and version is not null
        and kind not in (select r.kind from ${given})`)
    const moved = sql`select r.kind from ${given} join reading old on old.source_id = ${source} and old.kind = r.kind
      where old.version <> r.version`
    await readFromStart(tx, source, moved)
    await tx.execute(sql`insert into reading (source_id, kind, version, other_versions, plural, namespaced)
      select ${source}, r.kind, r.version, r."otherVersions"::text[], r.plural, r.namespaced from ${given} order by r.kind
      on conflict (source_id, kind) do update set version = excluded.version, other_versions = excluded.other_versions,
        plural = excluded.plural, namespaced = excluded.namespaced,
        trouble_message = case when reading.trouble_code <> 'NotInstalled' then reading.trouble_message end,
        trouble_at = case when reading.trouble_code <> 'NotInstalled' then reading.trouble_at end,
        trouble_code = nullif(reading.trouble_code, 'NotInstalled')
      where (reading.version, reading.other_versions, reading.plural, reading.namespaced)
          is distinct from (excluded.version, excluded.other_versions, excluded.plural, excluded.namespaced)
        or reading.trouble_code = 'NotInstalled'`)
  })
}
