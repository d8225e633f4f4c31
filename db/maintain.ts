import { sql } from 'drizzle-orm'
import { rowsOf, type Store } from './client.ts'

/** As in a server's own autovacuum: a fifth dead or a tenth changed, and some rows more, so that tiny tables are left alone. */
const deadRows = 1000
const changedRows = 1000

/**
 * Does for the embedded database what a server does for itself: clears dead rows and renews the planner's statistics where
 * enough was written. Cheap when nothing was. Returns the tables it worked on; on a server always none.
 */
export async function maintainStore({ db, engine }: Store): Promise<string[]> {
  if (engine !== 'pglite') return []
  await db.execute(sql`select pg_stat_force_next_flush()`)
  const due = await rowsOf<{ name: string }>(
    db,
    sql`select relname as name from pg_stat_user_tables
      where n_dead_tup > ${deadRows}::int + n_live_tup / 5 or n_mod_since_analyze > ${changedRows}::int + n_live_tup / 10
      order by 1`,
  )
  for (const { name } of due) await db.execute(sql`vacuum (analyze) ${sql.identifier(name)}`)
  return due.map(({ name }) => name)
}
