import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'

/** A row to write: keyed as in `tables.ts`, instants as RFC 3339 or Date. A key left out is NULL. */
export type Row<T extends PgTable> = {
  readonly [K in keyof T['$inferInsert']]?: T['$inferInsert'][K] | string | null | undefined
}

export interface Column {
  /** Its name in `tables.ts`. */
  readonly key: string
  /** Its name in SQL. */
  readonly name: string
  readonly type: string
}

/** The columns of a table, without those the server fills; or only some of them. */
export function columnsOf(table: PgTable, keys?: readonly string[]): readonly Column[] {
  return Object.entries(getTableColumns(table))
    .filter(([key, column]) => (keys ? keys.includes(key) : column.generatedIdentity === undefined))
    .map(([key, column]) => ({ key, name: column.name, type: column.getSQLType() }))
}

/**
 * Rows as a table expression `r`: one array parameter per column, or one value where all rows have the same. Measured at half the
 * cost of one JSON parameter, and near COPY's. The arrays are written out here, because drizzle would expand a JavaScript array
 * into a parameter per value.
 */
export function recordset(columns: readonly Column[], rows: readonly object[]): SQL {
  // Row types are keyed as their columns are; what is not there is NULL.
  const cells = rows as readonly Readonly<Record<string, unknown>>[]
  const selected = columns.map(({ key, type }, n) => {
    const nested = isArray(type)
    const array = sql.raw(`${nested ? 'text' : type}[]`)
    const first = cells[0]?.[key]
    // Something must say how many rows there are: the first column always travels whole.
    const travels =
      n > 0 && cells.every((row) => row[key] === first)
        ? sql`(${`{${elementOf(first, nested)}}`}::${array})[1]`
        : sql`unnest(${arrayOf(cells, key, nested)}::${array})`
    return sql`${travels} as ${sql.identifier(key)}`
  })
  return sql`(select ${sql.join(selected, sql`, `)}) r`
}

/** `a, b, c` for `insert into`. */
export const names = (columns: readonly Column[]): SQL => sql.raw(columns.map(({ name }) => `"${name}"`).join(', '))

/** `r."a", r."b"` for what is inserted. */
export const values = (columns: readonly Column[]): SQL => sql.raw(columns.map(cellOf).join(', '))

/** `"a" = r."aKey", …` for `update … set`. */
export const assignments = (columns: readonly Column[]): SQL =>
  sql.raw(columns.map((column) => `"${column.name}" = ${cellOf(column)}`).join(', '))

/** `"a" = excluded."a", …` for `on conflict do update set`. */
export const excluded = (columns: readonly Column[]): SQL =>
  sql.raw(columns.map(({ name }) => `"${name}" = excluded."${name}"`).join(', '))

/** Ids as one `uuid[]` parameter. */
export const uuids = (ids: readonly string[]): SQL => sql`${`{${ids.join(',')}}`}::uuid[]`

/** Texts as one `text[]` parameter. */
export const texts = (given: readonly string[]): SQL => sql`${`{${given.map(quoted).join(',')}}`}::text[]`

// `unnest` flattens an array of arrays, so that an array travels as text and is read where it is used.
const cellOf = ({ key, type }: Column): string => (isArray(type) ? `r."${key}"::${type}` : `r."${key}"`)
const isArray = (type: string): boolean => type.endsWith('[]')

function arrayOf(rows: readonly Readonly<Record<string, unknown>>[], key: string, nested: boolean): string {
  let text = '{'
  let between = ''
  for (const row of rows) {
    text += between + elementOf(row[key], nested)
    between = ','
  }
  return `${text}}`
}

/** A value as PostgreSQL writes it within an array. */
function elementOf(value: unknown, nested: boolean): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value instanceof Date) return value.toISOString()
  if (nested && Array.isArray(value)) return quoted(`{${value.map((item) => elementOf(item, false)).join(',')}}`)
  return quoted(jsonOf(value))
}

function quoted(text: string): string {
  return special.test(text) ? `"${text.replaceAll('\0', '\uFFFD').replace(/["\\]/g, '\\$&')}"` : `"${text}"`
}

/** What must be escaped or, like NUL, cannot be text in PostgreSQL at all. */
const special = /["\\\0]/

/** PostgreSQL's JSON holds neither NUL nor half a surrogate pair; plain text loses the latter on its way. */
const unstorable = /\\u(?:0000|d[89a-f])/i

function jsonOf(value: unknown): string {
  const text = JSON.stringify(value)
  return unstorable.test(text) ? JSON.stringify(value, storable) : text
}

const storable = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\uFFFD') : value
