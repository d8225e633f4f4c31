import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import { cellsOf, eachOf, type Query } from '../query.ts'
import { object } from '../tables.ts'

export type StoredObject = typeof object.$inferSelect

const { cells, read } = cellsOf(getTableColumns(object))

/** Objects as they are stored; `rest` is the statement's, from `where` on. */
export const objectsOf = (rest: SQL): Query<StoredObject[]> => eachOf(sql`select ${cells} from object ${rest}`, read)
