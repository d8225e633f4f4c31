import { getTableColumns, getTableName, type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { type Db, rowsOf } from './client.ts'

/**
 * Whole rows of a table as one JSON array each. The driver then describes and reads one column instead of dozens, which is most of
 * what a statement for a few rows costs us; and rows of several tables fit one statement.
 */
export interface Whole<T extends PgTable> {
  /** The row, for `select … from <table>`. */
  readonly cells: SQL
  /** The row as `db.select()` gives it. */
  readonly read: (cells: readonly unknown[]) => T['$inferSelect']
}

export function wholeOf<T extends PgTable>(table: T): Whole<T> {
  const columns = Object.entries(getTableColumns(table))
  const name = getTableName(table)
  const keys = columns.map(([key]) => key)
  // JSON knows instants as text.
  const isInstant = columns.map(([, { dataType }]) => dataType === 'date')
  return {
    cells: sql.raw(`json_build_array(${columns.map(([, column]) => `"${name}"."${column.name}"`).join(', ')})`),
    read: (cells) => {
      const row: Record<string, unknown> = {}
      for (const [place, key] of keys.entries()) {
        const value = cells[place]
        row[key] = isInstant[place] && typeof value === 'string' ? new Date(value) : value
      }
      // Keys and cells are the table's own columns, in one order.
      return row as T['$inferSelect']
    },
  }
}

/** @param rest what follows `select … from <table>`: `where …`, `order by …`. */
export async function wholeRows<T extends PgTable>(
  db: Db,
  table: T,
  { cells, read }: Whole<T>,
  rest: SQL,
): Promise<T['$inferSelect'][]> {
  const rows = await rowsOf<{ cells: unknown[] }>(db, sql`select ${cells} as cells from ${table} ${rest}`)
  return rows.map((row) => read(row.cells))
}
