import type { KindKey, ObjectRef } from '../fleet/reference.ts'

/** The name of a stored object, whose kind is kept as `group/Kind`. A group never holds a slash, a kind neither. */
export function refOf(row: { readonly kind: KindKey; readonly namespace: string; readonly name: string }): ObjectRef {
  const slash = row.kind.lastIndexOf('/')
  return { group: row.kind.slice(0, slash), kind: row.kind.slice(slash + 1), namespace: row.namespace, name: row.name }
}
