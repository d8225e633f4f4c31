import { sql } from 'drizzle-orm'
import type { ServedKind, Trouble, TroubleCode } from '../fleet/delivery.ts'
import type { KindKey } from '../fleet/reference.ts'
import type { KindProgress } from '../fleet/source.ts'
import { type Db, rowsOf } from './client.ts'
import { columnsOf, recordset } from './recordset.ts'
import { reading } from './tables.ts'
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

const servedColumns = columnsOf(reading, ['kind', 'version', 'plural', 'namespaced'])

/**
 * Records what discovery found. A kind that was read before and is not served now is not installed: its objects stay as they
 * were, because a server that lost a definition has not proved that its objects are gone. Writes only what differs.
 */
export async function recordServed(db: Db, source: string, served: readonly ServedKind[], at: Date): Promise<void> {
  const instant = at.toISOString()
  const given = recordset(servedColumns, served)
  await inTransaction(db, async (tx) => {
    // In the order in which `settle` takes them, so that the two never wait for each other.
    await rowsOf(tx, sql`select from reading where source_id = ${source} order by kind for update`)
    await tx.execute(sql`update reading set trouble_code = 'NotInstalled', trouble_at = ${instant}, last_attempt_at = ${instant},
        trouble_message = ${`${source} no longer serves this kind`}
      where source_id = ${source} and trouble_code is distinct from 'NotInstalled' and version is not null
        and kind not in (select r.kind from ${given})`)
    await tx.execute(sql`insert into reading (source_id, kind, version, plural, namespaced)
      select ${source}, r.kind, r.version, r.plural, r.namespaced from ${given} order by r.kind
      on conflict (source_id, kind) do update set version = excluded.version, plural = excluded.plural, namespaced = excluded.namespaced,
        trouble_message = case when reading.trouble_code <> 'NotInstalled' then reading.trouble_message end,
        trouble_at = case when reading.trouble_code <> 'NotInstalled' then reading.trouble_at end,
        trouble_code = nullif(reading.trouble_code, 'NotInstalled')
      where (reading.version, reading.plural, reading.namespaced) is distinct from (excluded.version, excluded.plural, excluded.namespaced)
        or reading.trouble_code = 'NotInstalled'`)
  })
}
