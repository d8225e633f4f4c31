import { type Column, type GetColumnData, getTableName, type SQL, sql } from 'drizzle-orm'
import { type Db, rowsOf } from './client.ts'

type Cells = readonly unknown[]

/**
 * Something to read: selects of one JSON array per row, and what their rows make. The driver then describes and reads one column instead
 * of dozens; and several queries are asked as one statement, whose every round trip costs us more than most of what it brings.
 */
export interface Query<T> {
  readonly selects: readonly SQL[]
  /** `rows`: those of each select, in its order. */
  readonly make: (rows: readonly (readonly Cells[])[]) => T
}

/** One statement; none for a query of no selects. */
export async function answer<T>(db: Db, { selects, make }: Query<T>): Promise<T> {
  const rows: Cells[][] = selects.map(() => [])
  if (selects.length === 0) return make(rows)
  const parts = selects.map((select, n) => sql`select ${sql.raw(String(n))} as part, t.cells from (${select}) t(cells)`)
  const told = await rowsOf<{ part: number; cells: Cells }>(db, sql.join(parts, sql` union all `))
  for (const { part, cells } of told) rows[part]?.push(cells)
  return make(rows)
}

/** Each row of a select. `C` is the caller's word for the array that it selects. */
export const eachOf = <C extends Cells, Row>(select: SQL, read: (cells: C) => Row): Query<Row[]> => ({
  selects: [select],
  make: ([rows = []]) => (rows as readonly C[]).map(read),
})

/** The same as one row, for what is never much: a row costs more than its cells. */
export const listOf = <C extends Cells, Row>(select: SQL, read: (cells: C) => Row): Query<Row[]> => ({
  selects: [sql`select json_agg(l.cells) from (${select}) l(cells)`],
  // Of no rows at all it is NULL.
  make: ([rows]) => ((rows?.[0] ?? []) as C[]).map(read),
})

type Told<Q> = { readonly [K in keyof Q]: Q[K] extends Query<infer T> ? T : never }

/** Several queries as one. */
export function queries<Q extends Readonly<Record<string, Query<unknown>>>>(all: Q): Query<Told<Q>> {
  const entries = Object.entries(all)
  return {
    selects: entries.flatMap(([, { selects }]) => selects),
    make: (rows) => {
      let from = 0
      const told = entries.map(([key, { selects, make }]) => {
        const own = rows.slice(from, from + selects.length)
        from += selects.length
        return [key, make(own)]
      })
      // Keyed and made as `all` is.
      return Object.fromEntries(told) as Told<Q>
    },
  }
}

/** What is made of what a query tells. */
export const madeOf = <T, U>({ selects, make }: Query<T>, made: (told: T) => U): Query<U> => ({
  selects,
  make: (rows) => made(make(rows)),
})

/** Columns as one JSON array. */
export interface CellsOf<Row> {
  readonly cells: SQL
  /** The row as `db.select()` gives it. */
  readonly read: (cells: Cells) => Row
}

export function cellsOf<C extends Readonly<Record<string, Column>>>(
  columns: C,
): CellsOf<{ [K in keyof C]: GetColumnData<C[K]> }> {
  const keys = Object.keys(columns)
  const all = Object.values(columns)
  // JSON knows instants as text.
  const isInstant = all.map(({ dataType }) => dataType === 'date')
  const names = all.map(({ table, name }) => `"${getTableName(table)}"."${name}"`)
  return {
    cells: sql.raw(`json_build_array(${names.join(', ')})`),
    read: (cells) => {
      const row: Record<string, unknown> = {}
      for (const [place, key] of keys.entries()) {
        const value = cells[place]
        row[key] = isInstant[place] && typeof value === 'string' ? new Date(value) : value
      }
      // Keys and cells are of the same columns, in one order.
      return row as { [K in keyof C]: GetColumnData<C[K]> }
    },
  }
}
