import type { Kind } from '../../fleet/kinds/kind.ts'
import type { Rejection } from '../../fleet/observation.ts'
import { printOf } from '../../fleet/push/print.ts'
import { project } from '../../fleet/push/project.ts'
import { record, text } from '../../fleet/wire.ts'

/** One object as it is said to Rollcall. */
export interface Entry {
  /** `namespace/name`, of a cluster-scoped object `/name`. */
  readonly key: string
  /** Null: it has no part in digests, and is always sent. */
  readonly print: string | null
  /** Its line, without a newline. */
  readonly line: string
}

const whyMax = 500

/** What is sent of an object; null of one that does not say its name. One too large for a line is only named. */
export function entryOf(kind: Kind, wire: unknown, lineBytesMax: number): Entry | null {
  const { namespace, name } = record(record(wire).metadata)
  const named = text(name)
  if (named === undefined) return null
  const key = keyOf(text(namespace) ?? '', named)
  const line = JSON.stringify({ type: 'object', object: project(wire, kind) })
  const bytes = Buffer.byteLength(line)
  if (bytes > lineBytesMax)
    return unreadable(key, `is ${bytes} bytes, more than the ${lineBytesMax} that are taken of one object`)
  return { key, print: printOf(wire), line }
}

/** An object that is there and was not read; null where nobody knows its name. */
export function entryOfRejection({ ref, why }: Rejection): Entry | null {
  return ref === undefined ? null : unreadable(keyOf(ref.namespace, ref.name), why)
}

const unreadable = (key: string, why: string): Entry => ({
  key,
  print: null,
  line: JSON.stringify({ type: 'unreadable', ...nameOf(key), why: why.slice(0, whyMax).toWellFormed() }),
})

/** The line of an object that is gone. */
export const goneLineOf = (key: string): string => JSON.stringify({ type: 'gone', ...nameOf(key) })

export const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`

/** Neither half of a key holds a slash. */
export function nameOf(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/')
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}
