import { sql } from 'drizzle-orm'
import type { Db } from '../client.ts'
import { uuids } from '../recordset.ts'
import type { Progress } from './progress.ts'
import type { Read } from './read.ts'

/**
 * Notes which version of an object was seen where its content is as it was. Only where somebody pushes: its digests would differ for
 * ever, and an older version that is still under way, with other content, would win over a row that nobody had written since.
 */
export async function renew(
  tx: Db,
  { delivery, prints, imprints, at, receivedAt }: Read,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  const seen = uuids(ids.map((id) => prints.get(id) ?? null))
  const read = uuids(ids.map((id) => imprints.get(id) ?? null))
  await tx.execute(sql`update object o set print = r.print, imprint = r.imprint,
      observed_at = ${at.toISOString()}, received_at = ${receivedAt.toISOString()}
    from unnest(${uuids(ids)}, ${seen}, ${read}) as r(id, print, imprint) where o.id = r.id and o.source_id = ${delivery.source}`)
}

/** The kind's digest is made anew when a sender next asks for it, after anything that has a part in it (db/push/digest.ts). */
export async function forgetDigest(
  tx: Db,
  { delivery, unread }: Read,
  known: Progress,
  written: number,
): Promise<void> {
  if (!known.pushes || (written === 0 && unread.length === 0 && !known.hasUnread)) return
  await tx.execute(sql`update reading set print_digest = null
    where source_id = ${delivery.source} and kind = ${delivery.kind} and print_digest is not null`)
}
