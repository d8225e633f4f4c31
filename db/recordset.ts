import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'

/** A row to write: keyed as in `tables.ts`, instants as RFC 3339 or Date. A key left out is NULL. */
export type Row<T extends PgTable> = {
  readonly [K in keyof T['$inferInsert']]?: T['$inferInsert'][K] | string | null | undefined
}

/**
 * Rows as a table expression, shipped as one parameter: one statement, one parse, whatever their number.
 * A plain JavaScript array would be expanded by drizzle into a parameter per value.
 */
export function recordset(columns: readonly Column[], rows: readonly object[]): SQL {
  const types = columns.map(({ key, type }) => `"${key}" ${type}`).join(', ')
  return sql`json_to_recordset(${jsonOf(rows)}::json) as r(${sql.raw(types)})`
}

/** PostgreSQL's text holds neither NUL nor half a surrogate pair; both are legal in the JSON of an API server. */
const unstorable = /\\u(?:0000|d[89a-f])/i

function jsonOf(value: unknown): string {
  const text = JSON.stringify(value)
  return unstorable.test(text) ? JSON.stringify(value, storable) : text
}

const storable = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\uFFFD') : value

export interface Column {
  /** Its name in `tables.ts`. */
  readonly key: string
  /** Its name in SQL. */
  readonly name: string
  readonly type: string
}

/** The columns of a table, without those the server fills. */
export function columnsOf(table: PgTable): readonly Column[] {
  return Object.entries(getTableColumns(table))
    .filter(([, column]) => column.generatedIdentity === undefined)
    .map(([key, column]) => ({ key, name: column.name, type: column.getSQLType() }))
}

/** `a, b, c` for `insert into`. */
export const names = (columns: readonly Column[]): SQL => sql.raw(columns.map(({ name }) => `"${name}"`).join(', '))

/** `r."a", r."b"` for what is inserted. */
export const values = (columns: readonly Column[]): SQL => sql.raw(columns.map(({ key }) => `r."${key}"`).join(', '))

/** `"a" = r."aKey", …` for `update … set`. */
export const assignments = (columns: readonly Column[]): SQL =>
  sql.raw(columns.map(({ key, name }) => `"${name}" = r."${key}"`).join(', '))

/** Ids as one `uuid[]` parameter. */
export const uuids = (ids: readonly string[]): SQL => sql`${`{${ids.join(',')}}`}::uuid[]`
