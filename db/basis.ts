import { sql } from 'drizzle-orm'
import { type Db, rowsOf } from './client.ts'
import { texts } from './recordset.ts'
import { markClusters, markSources, markUnclaimed } from './settle/mark.ts'
import { inTransaction } from './transaction.ts'

/**
 * Has every cluster, and every management cluster itself, composed again where that was last done by other kinds, conventions or
 * rules than `basis` stands for (fleet/imprint.ts): their objects did not change, and nothing else would ask for it.
 */
export async function registerBasis(db: Db, basis: string): Promise<void> {
  await inTransaction(db, async (tx) => {
    const anew = await rowsOf<{ id: string }>(
      tx,
      sql`update source set composed_by = ${basis} where composed_by is distinct from ${basis} and removed_at is null returning id`,
    )
    if (anew.length === 0) return
    const ids = anew.map(({ id }) => id)
    await markSources(tx, ids)
    await markUnclaimed(tx)
    await markClusters(tx, sql`c.source_id = any(${texts(ids)}) and c.gone_at is null`)
  })
}
