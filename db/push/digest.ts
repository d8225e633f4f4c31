import { sql } from 'drizzle-orm'
import { kindDigestOf } from '../../fleet/push/print.ts'
import type { DigestLine, Want } from '../../fleet/push/protocol.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { type Db, rowsOf } from '../client.ts'
import { texts } from '../recordset.ts'
import { inTransaction, withLimits } from '../transaction.ts'

/** Of more buckets that differ (or none, though the kind as a whole does), the whole kind is read again: the answer would name nearly all of them. */
const repairedBucketsMax = 64

/** What a comparison found. */
export interface Compared {
  /** What to ask the sender for, to find or repair a difference. */
  readonly wants: readonly Want[]
  /** Whether a kind that had fallen silent was confirmed. */
  readonly turned: boolean
}

interface StoredKind {
  readonly kind: KindKey
  readonly digest: string | null
  /** To its end, by what reads it now: a declaration that reads otherwise has let go of the cursor. */
  readonly isRead: boolean
  /** Read, by whomever, after what the sender speaks of. */
  readonly isNewer: boolean
  readonly stale: boolean
}

/**
 * Compares what a sender has of its kinds, at `at`, with what the store has. Equal digests prove that both have the same, which is as
 * good as a reading: the kind is confirmed, and no object is looked at. Of kinds that differ, nothing is concluded.
 */
export async function compareDigests(db: Db, source: string, at: Date, told: readonly DigestLine[]): Promise<Compared> {
  const byKind = new Map(told.map((line) => [line.kind, line]))
  if (byKind.size === 0) return { wants: [], turned: false }
  return inTransaction(db, async (tx) => {
    const stored = await lockKinds(tx, source, at, [...byKind.keys()])
    const stillToMake = stored.filter(({ kind, digest, isRead }) => {
      const line = byKind.get(kind)
      return isRead && (digest === null || (line?.buckets !== undefined && line.digest !== digest))
    })
    const made = await bucketsOf(
      tx,
      source,
      stillToMake.map(({ kind }) => kind),
    )
    const equal: StoredKind[] = []
    const wants: Want[] = [...byKind.keys()]
      .filter((kind) => !stored.some((one) => one.kind === kind))
      .map((kind) => ({ kind, what: 'reading' }))
    for (const one of stored) {
      const line = byKind.get(one.kind)
      const buckets = made.get(one.kind)
      const digest = one.digest ?? kindDigestOf(buckets ?? new Map())
      if (!line) continue
      if (one.isRead && line.digest === digest) equal.push(one)
      else if (!one.isRead) wants.push({ kind: one.kind, what: 'reading' })
      else if (!one.isNewer) wants.push(wantOf(line, buckets ?? new Map()))
    }
    await confirm(
      tx,
      source,
      at,
      equal.map(({ kind }) => kind),
    )
    return { wants, turned: equal.some(({ stale }) => stale) }
  })
}

/** What would tell, or repair, the difference. */
function wantOf({ kind, buckets: told }: DigestLine, stored: ReadonlyMap<string, string>): Want {
  if (told === undefined) return { kind, what: 'buckets' }
  const all = new Set([...Object.keys(told), ...stored.keys()])
  const differing = [...all].filter((bucket) => told[bucket] !== stored.get(bucket)).sort()
  return differing.length === 0 || differing.length > repairedBucketsMax
    ? { kind, what: 'reading' }
    : { kind, what: 'objects', buckets: differing }
}

/**
 * Takes the rows of the kinds, and with them the kinds: nobody writes their objects while they are compared. What comes of it is on disk
 * with the turn that it is part of (db/push/session.ts).
 */
async function lockKinds(tx: Db, source: string, at: Date, kinds: readonly KindKey[]): Promise<StoredKind[]> {
  // In the order in which `settle` takes them, so that the two never wait for each other.
  const held = sql`select * from reading where source_id = ${source} and kind = any(${texts(kinds)}) order by kind for update`
  return rowsOf<StoredKind>(
    tx,
    sql`with held as (${held}) select kind, print_digest as digest, cursor is not null as "isRead", stale,
        greatest(verified_at, caught_up_at) > ${at.toISOString()} is true as "isNewer", ${withLimits},
        set_config('synchronous_commit', 'off', true) from held`,
  )
}

/** The digests of the buckets of kinds, as `bucketDigestOf` makes them; those of a kind as a whole are kept. */
async function bucketsOf(
  tx: Db,
  source: string,
  kinds: readonly KindKey[],
): Promise<ReadonlyMap<KindKey, ReadonlyMap<string, string>>> {
  if (kinds.length === 0) return new Map()
  // What could not be read at last has no part: the sender cannot say what it is now.
  const rows = await rowsOf<{ kind: KindKey; bucket: string; digest: string }>(
    tx,
    sql`select o.kind, left(o.id::text, 2) as bucket,
        left(encode(sha256(convert_to(string_agg(o.id::text || ' ' || o.print::text || E'\\n', '' order by o.id), 'UTF8')), 'hex'), 32) as digest
      from object o where o.source_id = ${source} and o.kind = any(${texts(kinds)}) and o.gone_at is null
        and o.print is not null and o.last_read_at is null
      group by o.kind, 2`,
  )
  const made = new Map(kinds.map((kind) => [kind, new Map<string, string>()]))
  for (const { kind, bucket, digest } of rows) made.get(kind)?.set(bucket, digest)
  const digests = [...made.values()].map(kindDigestOf)
  await tx.execute(sql`update reading set print_digest = r.digest
    from unnest(${texts([...made.keys()])}, ${texts(digests)}) as r(kind, digest)
    where source_id = ${source} and reading.kind = r.kind`)
  return made
}

/** The kinds are as the sender has them. Nothing else is written, which is what makes a sign of life cheap. */
async function confirm(tx: Db, source: string, at: Date, kinds: readonly KindKey[]): Promise<void> {
  if (kinds.length === 0) return
  const instant = at.toISOString()
  await tx.execute(sql`update reading set caught_up_at = greatest(caught_up_at, ${instant}),
      last_attempt_at = greatest(last_attempt_at, ${instant}), last_success_at = greatest(last_success_at, ${instant}),
      trouble_code = null, trouble_message = null, trouble_at = null
    where source_id = ${source} and kind = any(${texts(kinds)})`)
}
