import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../client.ts'

/** Runs statements that write, none of them a row of another's, as one. */
export async function together(tx: Db, statements: readonly SQL[]): Promise<void> {
  if (statements.length === 0) return
  const [only] = statements
  const parts = statements.map((statement, n) => sql`${sql.raw(`part${n}`)} as (${statement})`)
  await tx.execute(statements.length === 1 && only ? only : sql`with ${sql.join(parts, sql`, `)} select 1`)
}
