import type { SQL } from 'drizzle-orm'
import type { Db } from '../client.ts'
import { object } from '../tables.ts'
import { wholeOf, wholeRows } from '../whole-row.ts'

export type StoredObject = typeof object.$inferSelect

const whole = wholeOf(object)

/** Objects as they are stored; `rest` is the statement's, from `where` on. */
export const objectsOf = (tx: Db, rest: SQL): Promise<StoredObject[]> => wholeRows(tx, object, whole, rest)
