import { type SQL, sql } from 'drizzle-orm'
import { type Db, rowsOf } from '../client.ts'
import { columnsOf, type Selection, type Shape } from './shape.ts'

/** Asks for one JSON value at an instant: `clock` in its text is that instant. Everything that is read goes through here, once per question. */
export async function readJson<T>(db: Db, now: Date, value: SQL): Promise<T> {
  // As text, and parsed here: that is one pass, and the same on both drivers.
  const [row] = await rowsOf<{ answer: string }>(
    db,
    sql`with clock as (select ${now.toISOString()}::timestamptz) select (${value})::text as answer`,
  )
  if (row === undefined) throw new Error('a read answered no row')
  // The statement was built to answer T.
  return JSON.parse(row.answer) as T
}

/** The rows of a noun that meet a condition, in no order. */
export function readRows<T>(
  db: Db,
  now: Date,
  { shape, from, where }: { readonly shape: Shape; readonly from: SQL; readonly where: SQL },
  selection: Selection,
): Promise<readonly T[]> {
  const rows = sql`select ${sql.raw(columnsOf(shape, selection))} from ${from} where ${where}`
  return readJson(db, now, sql`select coalesce(json_agg(t), '[]'::json) from (${rows}) t`)
}
