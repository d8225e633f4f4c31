import { type SQL, sql } from 'drizzle-orm'
import type { Db } from './client.ts'

/** Runs statements that write, none of them a row of another's, as one; null is nothing to write. */
export async function together(tx: Db, given: readonly (SQL | null)[]): Promise<void> {
  const statements = given.filter((statement) => statement !== null)
  const [only] = statements
  if (only === undefined) return
  const parts = statements.map((statement, n) => sql`${sql.raw(`part${n}`)} as (${statement})`)
  await tx.execute(statements.length === 1 ? only : sql`with ${sql.join(parts, sql`, `)} select 1`)
}
