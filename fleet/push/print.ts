import { hash } from 'node:crypto'
import { uuidOf } from '../reference.ts'
import { record, text } from '../wire.ts'

// What a sender and the store compare, so that a lost, reordered or forged message is found and only what differs is sent again.

/**
 * Says which version of which object something is: equal prints mean that nothing need be sent.
 * @returns a UUID; null for what carries no uid and resourceVersion, which has no part in a digest on either side.
 */
export function printOf(wire: unknown): string | null {
  const { apiVersion, metadata } = record(wire)
  const { uid, resourceVersion } = record(metadata)
  const id = text(uid)
  const version = text(resourceVersion)
  if (id === undefined || version === undefined) return null
  return uuidOf(hash('sha256', `${text(apiVersion) ?? ''}\0${id}\0${version}`, 'hex'))
}

/** Objects of a kind are told apart by buckets, 256 of them: the first two hex digits of their ids, which are digests themselves. */
export const bucketOf = (objectId: string): string => objectId.slice(0, 2)

/** The digest of what one bucket holds: prints by object id. The store makes the same in SQL (db/push/digest.ts). */
export function bucketDigestOf(prints: ReadonlyMap<string, string>): string {
  const ids = [...prints.keys()].sort()
  return digestOf(ids.map((id) => `${id} ${prints.get(id)}\n`).join(''))
}

/** The digest of a kind, from those of its buckets that are not empty: a change costs the digest of one bucket anew. */
export function kindDigestOf(buckets: ReadonlyMap<string, string>): string {
  const names = [...buckets.keys()].sort()
  return digestOf(names.map((bucket) => `${bucket} ${buckets.get(bucket)}\n`).join(''))
}

const digestOf = (text: string): string => hash('sha256', text, 'hex').slice(0, 32)

/** What a sender says of a kind that it holds as prints by object id. */
export function printsDigest(prints: ReadonlyMap<string, string>): {
  readonly count: number
  readonly digest: string
  readonly buckets: ReadonlyMap<string, string>
} {
  const held = new Map<string, Map<string, string>>()
  for (const [id, print] of prints) {
    const bucket = held.get(bucketOf(id)) ?? new Map<string, string>()
    held.set(bucketOf(id), bucket.set(id, print))
  }
  const buckets = new Map([...held].map(([bucket, inside]) => [bucket, bucketDigestOf(inside)]))
  return { count: prints.size, digest: kindDigestOf(buckets), buckets }
}
