import type { Delivery, Receipt } from '../fleet/delivery.ts'
import { declarationOf } from '../fleet/kinds/declared.ts'
import type { Kind } from '../fleet/kinds/kind.ts'
import { kindOf } from '../fleet/kinds/registry.ts'
import type { KindKey } from '../fleet/reference.ts'
import type { Db } from './client.ts'
import { isWhole, markAbsent, markGone } from './ingest/absence.ts'
import { resolveOwners } from './ingest/owner.ts'
import { probe } from './ingest/probe.ts'
import {
  isLate,
  isOvertaken,
  isRepeatable,
  lockKind,
  recordDelta,
  recordEnd,
  recordPage,
  recordReliance,
  recordSighting,
} from './ingest/progress.ts'
import { type Read, readDelivery, withoutContent, withoutImprints } from './ingest/read.ts'
import { forgetDigest, renew } from './ingest/renew.ts'
import { recordUnread } from './ingest/unread.ts'
import { writeChanged } from './ingest/write.ts'
import { markSourceDue } from './judge/due.ts'
import { inTransaction } from './transaction.ts'

export interface IngestOptions {
  /** Our clock when the delivery arrived: health is judged at it. */
  readonly receivedAt: Date
  /** The kinds understood; default: the registry. */
  readonly kinds?: (key: KindKey) => Kind
  /** Whoever delivers does so again when the server loses its last commits in a crash; default: as the proof says. */
  readonly repeatable?: boolean
}

/**
 * The only door into the store: a poll and a push both end here, in one transaction per delivery. Safe to repeat, to reorder and
 * to lose: an unchanged object writes nothing, an older delivery loses, and the next complete LIST heals the rest.
 * The next page of a LIST may be handed in while this one is still being written, and is then read meanwhile; the END only after all
 * pages, because it takes what has not arrived for lost.
 */
export async function ingest(
  db: Db,
  delivery: Delivery,
  { receivedAt, kinds = kindOf, repeatable = isRepeatable(delivery.proof) }: IngestOptions,
): Promise<Receipt> {
  const read = await readDelivery(db, delivery, kinds(delivery.kind), receivedAt)
  const { changed, gone } = await inTransaction(db, (tx) => take(tx, read, repeatable))
  return { observed: read.observations.length + read.recognised, changed, gone, rejected: read.rejected }
}

async function take(tx: Db, delivered: Read, repeatable: boolean): Promise<{ changed: number; gone: number }> {
  const { source, proof } = delivered.delivery
  const known = await lockKind(tx, delivered.delivery, delivered.receivedAt, repeatable)
  if (isLate(delivered, known)) return { changed: 0, gone: 0 }
  const sent = known.pushes && declarationOf(delivered.kind) !== null ? withoutImprints(delivered) : delivered
  const read = isOvertaken(sent, known) ? withoutContent(sent) : sent

  const probed = await probe(tx, read, known)
  const changed = await resolveOwners(tx, read, probed.changed)
  await recordReliance(tx, read.delivery, changed, known)
  await writeChanged(tx, read, changed, known)
  await renew(tx, read, probed.renewed)
  await recordUnread(tx, read, known)
  let gone = await markGone(tx, read, known)

  if (proof.as === 'page') {
    await Promise.all([recordPage(tx, read, known), recordSighting(tx, read)])
  } else if (proof.as === 'end') {
    await recordSighting(tx, read)
    const named = read.identified && (known.runId !== proof.run.id || known.runProves)
    const whole = await isWhole(tx, read)
    if (whole && named) gone += await markAbsent(tx, read, known)
    // What said no name is sent once more by whoever pushes, and would then count as late.
    await recordEnd(tx, read, known, whole && (named || !known.pushes))
  } else {
    if (proof.as === 'buckets' && read.identified) gone += await markAbsent(tx, read, known)
    await recordDelta(tx, read, known)
  }
  await forgetDigest(tx, read, known, changed.length + probed.renewed.length + gone)
  if (read.kind.ofSource && changed.length + gone > 0) await markSourceDue(tx, source, read.receivedAt)
  return { changed: changed.length, gone }
}
