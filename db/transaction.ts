import { type SQL, sql } from 'drizzle-orm'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import type { Db } from './client.ts'

const attempts = 4
/** Serialization failure, deadlock, and two writers who met at one new key: the second try finds a settled world. */
const passing = new Set(['40001', '40P01', '23505'])

/** Local to the transaction, because a pooler may give the next one another session (azure.md 9.2). */
const limits = { statement_timeout: '60s', idle_in_transaction_session_timeout: '60s' }

/** Selected by a transaction's first statement: bounds what a stuck statement or a frozen process can hold. */
export const withLimits: SQL = sql.raw(
  Object.entries(limits)
    .map(([name, value]) => `set_config('${name}', '${value}', true)`)
    .join(', '),
)

/**
 * Runs `act` in a transaction; again, a bounded number of times, where only the meeting with another transaction failed it.
 * Errors lose the statement's parameters, which hold whole pages of a fleet.
 */
export async function inTransaction<T>(db: Db, act: (tx: Db) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction(act)
    } catch (error) {
      const cause = error instanceof DrizzleQueryError ? error.cause : error
      if (attempt === attempts || !passing.has(codeOf(cause))) throw cause
    }
  }
}

/** SQLSTATE of a driver's error; '' for others. */
export function codeOf(error: unknown): string {
  const cause = error instanceof DrizzleQueryError ? error.cause : error
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : ''
}
