import { sql } from 'drizzle-orm'
import { type Db, rowsOf } from '../client.ts'
import { uuids } from '../recordset.ts'
import type { Mark } from './mark.ts'
import type { Progress } from './progress.ts'
import type { Read } from './read.ts'
import { markUnsettled } from './write.ts'

/**
 * Keeps apart what a delivery names but could not read: it is as old as its last reading, whatever becomes of its kind, and stale when
 * the source's limit has passed since. What is read again is as fresh as its kind.
 */
export async function recordUnread(tx: Db, read: Read, known: Progress): Promise<void> {
  const { source, kind } = read.delivery
  const marks: Mark[] = []
  if (read.unread.length > 0) {
    const lastRead = sql`greatest(o.observed_at, ${known.caughtUpAt}, ${known.verifiedAt})`
    marks.push(
      ...(await rowsOf<Mark>(
        tx,
        sql`update object o set last_read_at = ${lastRead},
            holds_until = least(o.holds_until, ${lastRead} + s.stale_after_ms * interval '1 millisecond')
          from source s where s.id = o.source_id and o.source_id = ${source} and o.kind = ${kind}
            and o.id = any(${uuids(read.unread)}) and o.gone_at is null and o.last_read_at is null returning ${marked}`,
      )),
    )
  }
  if (known.hasUnread && read.readable.length > 0) {
    marks.push(
      ...(await rowsOf<Mark>(
        tx,
        sql`update object o set last_read_at = null where o.source_id = ${source} and o.kind = ${kind}
            and o.last_read_at is not null and o.id = any(${uuids(read.readable)}) returning ${marked}`,
      )),
    )
  }
  await markUnsettled(
    tx,
    source,
    marks.filter(({ clusterId }) => clusterId !== null),
  )
}

const marked = sql`o.cluster_id as "clusterId", o.owner_namespace as "ownerNamespace", o.owner_name as "ownerName"`
