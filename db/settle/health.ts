import { sql } from 'drizzle-orm'
import type { Health } from '../../fleet/health.ts'
import type { Db } from '../client.ts'
import { difference } from '../ingest/change.ts'
import { healthCells } from '../ingest/row.ts'
import { writeChanges } from '../ingest/write.ts'
import { assignments, columnsOf, recordset } from '../recordset.ts'
import { object } from '../tables.ts'

type StoredHealth = Pick<
  typeof object.$inferSelect,
  'state' | 'reason' | 'message' | 'since' | 'underlying' | 'flags' | 'holdsUntil'
>

/** Health as it is stored. */
export function healthIn(row: StoredHealth): Health {
  const { state, reason, message, underlying, flags } = row
  return {
    state,
    reason,
    message,
    since: row.since?.toISOString() ?? null,
    underlying,
    flags,
    holdsUntil: row.holdsUntil?.toISOString() ?? null,
  }
}

/** An object and its health as it is now. */
export interface Rejudged {
  readonly row: typeof object.$inferSelect
  readonly health: Health
}

const columns = columnsOf(object, [
  'id',
  'sourceId',
  'digest',
  'state',
  'reason',
  'message',
  'since',
  'underlying',
  'flags',
  'holdsUntil',
  'stateSince',
])
const content = columns.filter(({ key }) => !['id', 'sourceId', 'digest'].includes(key))
const reported = ['state', 'reason', 'underlying'] as const

/**
 * Writes health that differs from the stored one, and the history of what a reader would notice. An object of another source may have
 * been written since it was read: then its news has left a mark, and it will be judged again.
 */
export async function writeHealth(tx: Db, judged: readonly Rejudged[], now: Date): Promise<void> {
  const at = now.toISOString()
  const moved = judged.filter(({ row, health }) => !sameHealth(healthIn(row), health))
  if (moved.length === 0) return
  const rows = moved.map(({ row, health }) => ({
    id: row.id,
    sourceId: row.sourceId,
    digest: row.digest,
    ...healthCells(health),
    stateSince: row.state === health.state ? row.stateSince : at,
  }))
  await tx.execute(sql`update object o set ${assignments(content)} from ${recordset(columns, rows)}
    where o.id = r.id and o.source_id = r."sourceId" and o.digest = r.digest`)
  await writeChanges(
    tx,
    moved.flatMap(({ row, health }) => {
      const facts = difference(row, health, reported)
      if (Object.keys(facts).length === 0) return []
      const { sourceId, id, clusterId, observedAt } = row
      return [
        { sourceId, subject: 'object', subjectId: id, clusterId, what: 'changed', facts, observedAt, receivedAt: now },
      ]
    }),
  )
}

/** Instants of a source may be written in several ways; flags are a set. */
function sameHealth(a: Health, b: Health): boolean {
  return (
    a.state === b.state &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.underlying === b.underlying &&
    sameInstant(a.since, b.since) &&
    sameInstant(a.holdsUntil, b.holdsUntil) &&
    [...a.flags].sort().join() === [...b.flags].sort().join()
  )
}

const sameInstant = (a: string | null, b: string | null): boolean =>
  a === b || (a !== null && b !== null && Date.parse(a) === Date.parse(b))
