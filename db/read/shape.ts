import { type SQL, sql } from 'drizzle-orm'

/** What a reader wants of a noun: its fields, and what it wants beneath them. A leaf has nothing beneath. */
export interface Selection {
  readonly [field: string]: Selection
}

/** The SQL of each field of a noun, told what is wanted beneath it. What nobody selects is never read, sorted or sent. */
export type Shape<F extends string = string> = { readonly [K in F]: (below: Selection) => SQL }

/** A column list `expression as "field"` for the selected fields; fields a shape does not have are computed elsewhere. */
export function columnsOf(shape: Shape, selection: Selection): SQL {
  const columns: SQL[] = []
  for (const [field, below] of Object.entries(selection)) {
    const column = Object.hasOwn(shape, field) ? shape[field] : undefined
    if (column) columns.push(sql`${column(below)} as ${sql.identifier(field)}`)
  }
  return columns.length === 0 ? sql`1 as "_"` : sql.join(columns, sql`, `)
}

/** One related row as a JSON object, or null. `rest` is everything after the column list. */
export const oneOf = (shape: Shape, selection: Selection, rest: SQL): SQL =>
  sql`(select to_json(t) from (select ${columnsOf(shape, selection)} ${rest}) t)`

/** Related rows as a JSON array, in the order of `rest`. */
export const manyOf = (shape: Shape, selection: Selection, rest: SQL): SQL =>
  sql`(select coalesce(json_agg(t), '[]'::json) from (select ${columnsOf(shape, selection)} ${rest}) t)`

/** A JSON object made of columns already at hand. */
export function objectOf(shape: Shape, selection: Selection): SQL {
  const pairs: SQL[] = []
  for (const [field, below] of Object.entries(selection)) {
    const column = Object.hasOwn(shape, field) ? shape[field] : undefined
    if (column) pairs.push(sql`${sql.raw(`'${field}'`)}, ${column(below)}`)
  }
  return sql`json_build_object(${sql.join(pairs, sql`, `)})`
}

/** A field that is a column or an expression as it stands. */
export const as = (expression: string): (() => SQL) => {
  const fragment = sql.raw(expression)
  return () => fragment
}
