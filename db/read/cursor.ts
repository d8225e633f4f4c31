import { hash } from 'node:crypto'
import { FleetError } from '../../fleet/error.ts'

/** A place in an ordered list: the sort key (null before everything else) and the id of a row. */
export interface Place {
  readonly key: string | number
  readonly id: string
}

/** Names a question: a cursor of one noun, filter and order means nothing in another. */
export const questionOf = (parts: readonly unknown[]): string =>
  hash('sha256', JSON.stringify(parts, sorted), 'base64url').slice(0, 8)

// The same filter with its fields in another order is the same question.
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

export const cursorOf = (question: string, place: Place): string =>
  Buffer.from(JSON.stringify([question, place.key, place.id])).toString('base64url')

/** The place a cursor names. Throws `invalid` for a cursor of another question, or none of ours. */
export function placeOf(question: string, cursor: string): Place {
  const [of, key, id] = parsed(cursor)
  if (
    typeof of !== 'string' ||
    typeof id !== 'string' ||
    (typeof key !== 'string' && typeof key !== 'number') ||
    `${key}${id}`.includes('\0')
  ) {
    throw new FleetError('invalid', 'This is not a cursor of Rollcall; take one from pageInfo or edges.')
  }
  if (of !== question) {
    throw new FleetError(
      'invalid',
      'This cursor belongs to another filter or order; ask without it for the first page.',
    )
  }
  return { key, id }
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(value) ? value : []
  } catch {
    return [] // Not JSON: refused by the caller, with the same words as any other foreign text.
  }
}
