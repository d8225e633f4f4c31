import { sql } from 'drizzle-orm'
import type { Kind } from '../fleet/kinds/kind.ts'
import { kindOf } from '../fleet/kinds/registry.ts'
import { clusterKind, type KindKey } from '../fleet/reference.ts'
import { type Db, rowsOf } from './client.ts'
import { age } from './settle/age.ts'
import { compose } from './settle/compose.ts'
import { inherit } from './settle/inherit.ts'
import { markComposed, markDue, markTurned, takeMarks } from './settle/mark.ts'
import type { Conventions, Round } from './settle/round.ts'
import { inTransaction } from './transaction.ts'

export interface SettleOptions {
  /** Objects judged plus clusters composed by one call, about; default 10 000. */
  readonly limit?: number
  /** Which labels say what; default: `defaultConventions` (fleet/convention.ts). */
  readonly conventions?: Conventions
  readonly kinds?: (key: KindKey) => Kind
}

export interface Settled {
  /** Objects whose health the clock could have changed. */
  readonly judged: number
  /** Clusters looked at; those whose facts did not change are not written. */
  readonly composed: number
  /** 0 when everything is settled; else call again. */
  readonly left: number
}

const limitDefault = 10_000
/** Of one transaction, which keeps the source's deliveries waiting meanwhile. */
const objectsPerRound = 1000
const clustersPerRound = 200

/**
 * Brings what is derived up to its facts and to the clock: health past its `holdsUntil`, clusters whose members changed, kinds that
 * fell silent or came back, sources whose clusters were never composed. Safe to repeat, to run twice at once and to be killed: each round is one transaction, and what
 * is already right writes nothing.
 */
export async function settle(db: Db, now: Date, options: SettleOptions = {}): Promise<Settled> {
  const { limit = limitDefault, kinds = kindOf, conventions } = options
  let judged = 0
  let composed = 0
  let left = 0
  for (const source of await unsettledSources(db, now)) {
    for (;;) {
      if (judged + composed >= limit) {
        left++
        break
      }
      const round = { source, now, kinds, ...(conventions ? { conventions } : {}) }
      const done = await inTransaction(db, (tx) => oneRound(tx, round))
      judged += done.judged
      composed += done.composed
      if (!done.more) break
    }
  }
  return { judged, composed, left }
}

async function oneRound(tx: Db, round: Round): Promise<{ judged: number; composed: number; more: boolean }> {
  // Whoever writes objects of a kind holds its reading (db/ingest/progress.ts). All of the source's, always in the same order.
  await rowsOf(tx, sql`select from reading where source_id = ${round.source} order by kind for update`)
  await markTurned(tx, round)
  const judged = await age(tx, round, objectsPerRound)
  await markDue(tx, round)
  const taken = await takeMarks(tx, round, clustersPerRound)
  await inherit(tx, round, taken)
  await compose(tx, round, taken)
  await markComposed(tx, round)
  return { judged, composed: taken.length, more: judged === objectsPerRound || taken.length === clustersPerRound }
}

/** Sources with anything to settle at `now`; each condition has its index. */
async function unsettledSources(db: Db, now: Date): Promise<string[]> {
  const at = now.toISOString()
  const rows = await rowsOf<{ id: string }>(
    db,
    sql`select source_id as id from unsettled
      union select source_id from object where holds_until <= ${at} and gone_at is null
      union select source_id from cluster where holds_until <= ${at} and gone_at is null
      union select r.source_id from reading r join source s on s.id = r.source_id
        where r.stale <> coalesce(r.last_success_at + s.stale_after_ms * interval '1 millisecond' <= ${at}, false)
      union select source_id from reading where kind = ${clusterKind} and composed_at is null and last_success_at is not null
      order by 1`,
  )
  return rows.map(({ id }) => id)
}
