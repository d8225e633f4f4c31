import { sql } from 'drizzle-orm'
import type { DeclaredDestination } from '../fleet/configuration/destinations.ts'
import { type Db, rowsOf } from './client.ts'
import { destination } from './drift-tables.ts'
import { columnsOf, names, recordset, texts, values } from './recordset.ts'
import { holdDestinations } from './settle/destination.ts'
import { markDestinations } from './settle/mark.ts'
import { inTransaction } from './transaction.ts'

const columns = columnsOf(destination)

/**
 * Makes the store know exactly these destinations; of several for one destination and source the last counts. What acts on a destination
 * that is new, gone or another cluster now is looked up again by the next `settle`.
 */
export async function registerDestinations(db: Db, declared: readonly DeclaredDestination[]): Promise<void> {
  const rows = new Map(
    declared.map(({ actsAt: given, source, claim }) => {
      const actsAt = given.startsWith('server:') ? given.toLowerCase() : given
      const sourceId = source ?? ''
      return [`${actsAt}\0${sourceId}`, { actsAt, sourceId, claim }]
    }),
  )
  const given = recordset(columns, [...rows.values()])
  await inTransaction(db, async (tx) => {
    const changed = await rowsOf<{ actsAt: string }>(
      tx,
      sql`with removed as (
          delete from destination d where not exists (select from ${given} where r."actsAt" = d.acts_at and r."sourceId" = d.source_id)
          returning d.acts_at),
        written as (
          insert into destination as stored (${names(columns)}) select ${values(columns)} from ${given} order by 1, 2
          on conflict (acts_at, source_id) do update set claim = excluded.claim where stored.claim <> excluded.claim
          returning acts_at)
        select acts_at as "actsAt" from removed union select acts_at from written`,
    )
    if (changed.length === 0) return
    await holdDestinations(tx)
    const sources = await rowsOf<{ id: string }>(
      tx,
      sql`select id from source s where exists (select from object o where o.source_id = s.id
        and o.acts_at = any(${texts(changed.map(({ actsAt }) => actsAt))}) and o.gone_at is null)`,
    )
    await markDestinations(
      tx,
      sources.map(({ id }) => id),
    )
  })
}
