/** What a reader wants of a noun: its fields, and what it wants beneath them. A leaf has nothing beneath. */
export interface Selection {
  readonly [field: string]: Selection
}

/**
 * The SQL text of each field of a noun, told what is wanted beneath it. What nobody selects is never read, sorted or sent. Texts hold
 * no values but `clock`, so they are made once per selection, and a selection is made once per document.
 */
export type Shape<F extends string = string> = { readonly [K in F]: (below: Selection) => string }

/** The request's clock. It is the first parameter of every statement (`readJson`), because text can name it only by number. */
export const clock = '$1::timestamptz'

/** A column list `expression as "field"` for the selected fields; fields a shape does not have are computed elsewhere. */
export function columnsOf(shape: Shape, selection: Selection): string {
  const known = texts.get(selection)?.get(shape)
  if (known !== undefined) return known
  const text = selectedOf(shape, selection, (field, column) => `${column} as "${field}"`) || '1 as "_"'
  texts.set(selection, (texts.get(selection) ?? new Map<Shape, string>()).set(shape, text))
  return text
}
const texts = new WeakMap<Selection, Map<Shape, string>>()

/** One related row as a JSON object, or null. `rest` is everything after the column list. */
export const oneOf = (shape: Shape, selection: Selection, rest: string): string =>
  `(select to_json(t) from (select ${columnsOf(shape, selection)} ${rest}) t)`

/** Related rows as a JSON array, in the order of `rest`. */
export const manyOf = (shape: Shape, selection: Selection, rest: string): string =>
  `(select coalesce(json_agg(t), '[]'::json) from (select ${columnsOf(shape, selection)} ${rest}) t)`

/** A JSON object made of columns already at hand. */
export const objectOf = (shape: Shape, selection: Selection): string =>
  `json_build_object(${selectedOf(shape, selection, (field, column) => `'${field}', ${column}`)})`

function selectedOf(shape: Shape, selection: Selection, write: (field: string, column: string) => string): string {
  const written: string[] = []
  for (const [field, below] of Object.entries(selection)) {
    // A field is written into SQL only if the shape has it.
    const column = Object.hasOwn(shape, field) ? shape[field] : undefined
    if (column) written.push(write(field, column(below)))
  }
  return written.join(', ')
}

/** A field that is a column or an expression as it stands. */
export const as = (expression: string): (() => string) => {
  return () => expression
}
