/**
 * Readers for values that came over the wire. Each takes `unknown` and answers with a value of its own type or with
 * nothing; none throws. They run for every field of every object, so they avoid regular expressions and copies.
 */
export type Wire = Readonly<Record<string, unknown>>

const nothing: Wire = Object.freeze({})

export function isRecord(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value as a record, or an empty one: reading through it then finds nothing. */
export function record(value: unknown): Wire {
  return isRecord(value) ? value : nothing
}

/** A string with something in it. The empty string is how Go writes "absent". */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function int(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined // isSafeInteger is true of numbers only
}

/** A resourceVersion, where it is a number: then a greater one is a later one (KEP-5504). */
export function revision(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : undefined
}

export function bool(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

const none: readonly unknown[] = Object.freeze([])

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : none
}

/** True when the two characters at `at` are digits that make a number from `min` to `max`. */
function isBetween(value: string, at: number, min: number, max: number): boolean {
  const tens = value.charCodeAt(at) - 48
  const ones = value.charCodeAt(at + 1) - 48
  const number = tens * 10 + ones
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 && number >= min && number <= max
}

/** RFC 3339 in UTC to the second, as Kubernetes writes it, read without a Date. Day 29 and later go the slow way. */
function isPlainInstant(value: string): boolean {
  return (
    value.length === 20 &&
    value.charCodeAt(4) === 45 && // -
    value.charCodeAt(7) === 45 &&
    value.charCodeAt(10) === 84 && // T
    value.charCodeAt(13) === 58 && // :
    value.charCodeAt(16) === 58 &&
    value.charCodeAt(19) === 90 && // Z
    isBetween(value, 0, 1, 99) &&
    isBetween(value, 2, 0, 99) &&
    isBetween(value, 5, 1, 12) &&
    isBetween(value, 8, 1, 28) &&
    isBetween(value, 11, 0, 23) &&
    isBetween(value, 14, 0, 59) &&
    isBetween(value, 17, 0, 59)
  )
}

/** An instant as RFC 3339 in UTC, or nothing when the value is not one. */
export function instant(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  if (isPlainInstant(value)) return value
  // Date also reads prose such as "5"; only what begins like a date is taken for one.
  if (value.length < 10 || value.charCodeAt(4) !== 45) return undefined
  const ms = Date.parse(value)
  if (Number.isNaN(ms)) return undefined
  const iso = new Date(ms).toISOString()
  // No database takes the year 0, nor years beyond 9999, which are written with a sign.
  if (iso.length !== 24 || iso.startsWith('0000')) return undefined
  return iso.endsWith('.000Z') ? `${iso.slice(0, 19)}Z` : iso
}

/** The kinds of value in words, for a rejection sentence. */
export function shapeOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** What may be undefined becomes what may be absent. */
type Optional<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> }
/** The rest, as it is. */
type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] }

/** The same record without its undefined members: "not reported" is absent, never a value. */
export function defined<T extends object>(value: T): Present<T> & Optional<T> {
  const out: Record<string, unknown> = {}
  for (const key in value) if (value[key] !== undefined) out[key] = value[key]
  return out as Present<T> & Optional<T> // exactly the members that are not undefined were copied
}

/** As `defined`, but nothing at all when no member is left. */
export function definedOrNone<T extends object>(value: T): (Present<T> & Optional<T>) | undefined {
  for (const key in value) if (value[key] !== undefined) return defined(value)
  return undefined
}
