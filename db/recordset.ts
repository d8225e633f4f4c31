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
  const texts: string[] = []
  // What stands before, between and after them.
  const written = ['(select ']
  for (const [n, { key, type }] of columns.entries()) {
    const array = `${isArray(type) ? 'text' : type}[]`
    const column = cells.map((row) => row[key] ?? null)
    // Something must say how many rows there are: the first column always travels whole.
    const constant = n > 0 && column.every((value) => value === column[0])
    texts.push(arrayOf(constant ? column.slice(0, 1) : column, type))
    written[n] += constant ? '(' : 'unnest('
    written.push(constant ? `::${array})[1] as "${key}", ` : `::${array}) as "${key}", `)
  }
  written.push(`${written.pop()?.slice(0, -2)}) r`)
  // One piece of SQL: drizzle pays for pieces, and a statement of a few rows is mostly these.
  return sql(Object.assign(written, { raw: written }), ...texts)
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

/**
 * Writes whole rows of a table, over those of the same `key`. All but the rows is written out once: for a few of them it would cost as
 * much as they do.
 */
export function writerOf(table: PgTable, key: readonly string[]): (rows: readonly object[]) => SQL {
  const columns = columnsOf(table)
  const content = columns.filter((column) => !key.includes(column.key))
  const head = sql`insert into ${table} (${names(columns)}) select ${values(columns)} from`
  const tail = sql`on conflict (${names(columnsOf(table, key))}) do update set ${excluded(content)}`
  return (rows) => sql`${head} ${recordset(columns, rows)} ${tail}`
}

/** `(stored."a", …) is distinct from (excluded."a", …)`: whether a conflict is a change, for an insert into a table `as stored`. */
export function differs(columns: readonly Column[]): SQL {
  const row = (alias: string): string => `(${columns.map(({ name }) => `${alias}."${name}"`).join(', ')})`
  return sql.raw(`${row('stored')} is distinct from ${row('excluded')}`)
}

/** Ids as one `uuid[]` parameter. */
export const uuids = (ids: readonly (string | null)[]): SQL => sql`${`{${ids.map(orNull).join(',')}}`}::uuid[]`

const orNull = (id: string | null): string => id ?? 'NULL'

/** Texts as one `text[]` parameter. */
export const texts = (given: readonly string[]): SQL => sql`${literalOf(given)}::text[]`

// `unnest` flattens an array of arrays, so that an array travels as text and is read where it is used.
const cellOf = ({ key, type }: Column): string => (isArray(type) ? `r."${key}"::${type}` : `r."${key}"`)
const isArray = (type: string): boolean => type.endsWith('[]')

/** Values as PostgreSQL writes an array of them. */
function arrayOf(values: readonly unknown[], type: string): string {
  if (type === 'jsonb') return literalOf(values.map((value) => (value === null ? null : jsonOf(value))))
  if (isArray(type)) return literalOf(values.map((value) => (Array.isArray(value) ? literalOf(value) : null)))
  return literalOf(values)
}

/**
 * JSON writes a flat list as PostgreSQL does, but for its brackets, and is the fastest writer there is. They differ in what follows a
 * backslash: only a quote or a backslash is the same in both.
 */
function literalOf(values: readonly unknown[]): string {
  const json = JSON.stringify(values)
  const text = jsonOnly.test(json) ? values.map(quoted).join(',') : json.slice(1, -1)
  return `{${text}}`
}

const jsonOnly = /(?<!\\)(?:\\\\)*\\[^"\\]/

function quoted(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return `"${value.replaceAll('\0', '\uFFFD').replace(/["\\]/g, '\\$&')}"`
}

/** PostgreSQL's JSON holds neither NUL nor half a surrogate pair; plain text loses the latter on its way. */
const unstorable = /\\u(?:0000|d[89a-f])/i

function jsonOf(value: unknown): string {
  const text = JSON.stringify(value)
  return unstorable.test(text) ? JSON.stringify(value, storable) : text
}

const storable = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\uFFFD') : value
