import { sql } from 'drizzle-orm'
import type { Kind } from '../fleet/kinds/kind.ts'
import { kindOf } from '../fleet/kinds/registry.ts'
import { armClusterKind, clusterKind, type KindKey } from '../fleet/reference.ts'
import { type Db, rowsOf } from './client.ts'
import { age } from './settle/age.ts'
import { compose } from './settle/compose.ts'
import { atHome } from './settle/home.ts'
import { identify } from './settle/identity.ts'
import { inherit } from './settle/inherit.ts'
import { markComposed, markDue, markTurned, takeMarks } from './settle/mark.ts'
import type { Conventions, Identity, Round } from './settle/round.ts'
import { inTransaction, withLimits } from './transaction.ts'

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
  /** 0 when everything is settled that can be now; else call again. */
  readonly left: number
}

const limitDefault = 10_000
/** Of one transaction, which keeps the source's deliveries waiting meanwhile. */
const objectsPerRound = 1000
const clustersPerRound = 200
/** What it costs to act on who is who, in clusters composed. */
const clustersPerIdentity = 10
/** A mark travels to the cluster's home, and what composing finds out about identity marks again: a few times over, then it waits. */
const passesMax = 5

/**
 * Brings what is derived up to its facts and to the clock: health past its `holdsUntil`, clusters whose members changed, kinds that
 * fell silent or came back, sources whose clusters were never composed. Safe to repeat, to run twice at once and to be killed: each round is one transaction, and what
 * is already right writes nothing.
 */
export async function settle(db: Db, now: Date, options: SettleOptions = {}): Promise<Settled> {
  const { limit = limitDefault, kinds = kindOf, conventions } = options
  const settled = { judged: 0, composed: 0, left: 0 }
  let spent = 0
  for (let pass = 0; pass < passesMax; pass++) {
    const sources = await unsettledSources(db, now)
    if (sources.length === 0) return settled
    for (const source of sources) {
      const round = { source, now, kinds, ...(conventions ? { conventions } : {}) }
      for (let more = true; more; ) {
        if (spent >= limit) {
          settled.left++
          break
        }
        const done = await inTransaction(db, (tx) => oneRound(tx, round))
        for (const identity of done.found) await inTransaction(db, (tx) => identify(tx, identity, now))
        settled.judged += done.judged
        settled.composed += done.composed
        spent += done.judged + done.composed + done.found.length * clustersPerIdentity
        more = done.more
      }
    }
    if (settled.left > 0) break
  }
  return settled
}

interface RoundDone {
  readonly judged: number
  readonly composed: number
  readonly more: boolean
  readonly found: readonly Identity[]
}

async function oneRound(tx: Db, round: Round): Promise<RoundDone> {
  // Whoever writes objects of a kind holds its reading (db/ingest/progress.ts). All of the source's, always in the same order.
  await rowsOf(
    tx,
    sql`with held as (select from reading where source_id = ${round.source} order by kind for update)
      select ${withLimits}, (select count(*) from held)`,
  )
  await markTurned(tx, round)
  const judged = await age(tx, round, objectsPerRound)
  await markDue(tx, round)
  const taken = await takeMarks(tx, round, clustersPerRound)
  await inherit(tx, round, taken)
  const own = await atHome(tx, round, taken)
  const found = await compose(tx, round, own)
  await markComposed(tx, round)
  const more = judged === objectsPerRound || taken.length === clustersPerRound
  return { judged, composed: own.length, more, found }
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
      union select source_id from reading where kind in (${clusterKind}, ${armClusterKind}) and composed_at is null and last_success_at is not null
      order by 1`,
  )
  return rows.map(({ id }) => id)
}
