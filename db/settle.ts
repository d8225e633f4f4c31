import { sql } from 'drizzle-orm'
import type { Kind } from '../fleet/kinds/kind.ts'
import { kindOf } from '../fleet/kinds/registry.ts'
import type { KindKey } from '../fleet/reference.ts'
import { destinationsId, sourceSubjectId } from './claim.ts'
import { type Db, rowsOf } from './client.ts'
import { answer, queries } from './query.ts'
import { age } from './settle/age.ts'
import { compose, type Findings } from './settle/compose.ts'
import { followDestinations } from './settle/destination.ts'
import { atHome } from './settle/home.ts'
import { identify } from './settle/identity.ts'
import { inherit } from './settle/inherit.ts'
import {
  isStaleAt,
  makesClusters,
  markComposed,
  markDue,
  markSources,
  markTurned,
  takeMarks,
  tellingOf,
  toldOf,
} from './settle/mark.ts'
import { gathered } from './settle/members.ts'
import { composeOwn } from './settle/own.ts'
import type { Conventions, Identity, Round, Taken, Why } from './settle/round.ts'
import { storedOf } from './settle/stored.ts'
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
 * Brings what is derived up to its facts and to the clock: health past its `holdsUntil`, clusters whose members changed or whose members
 * rely on what did, management clusters themselves, kinds that fell silent or came back, sources whose clusters were never composed. Safe to repeat, to run twice at once and to be killed: each round is one transaction, and what
 * is already right writes nothing.
 */
export async function settle(db: Db, now: Date, options: SettleOptions = {}): Promise<Settled> {
  const { limit = limitDefault, kinds = kindOf, conventions } = options
  const settled = { judged: 0, composed: 0, left: 0 }
  let spent = 0
  for (let pass = 0; pass < passesMax; pass++) {
    const sources = await unsettledSources(db, now)
    if (sources.size === 0) return settled
    for (const [source, why] of sources) {
      const round = { source, why, now, kinds, ...(conventions ? { conventions } : {}) }
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
  const { why } = round
  if (why.has('turned')) await markTurned(tx, round)
  const judged = why.has('aged') ? await age(tx, round, objectsPerRound) : 0
  if (why.has('due')) await markDue(tx, round)
  const taken = await takeMarks(tx, round, clustersPerRound)
  const more = judged === objectsPerRound || taken.length === clustersPerRound
  const { clusters, isOwnDue, areDestinationsDue } = sortedBy(round.source, taken)
  const { composed, identities, sources } = await composeTaken(tx, round, clusters)
  const due = new Set(isOwnDue ? [...sources, round.source] : sources)
  // Once, with the last of its clusters.
  if (!more && due.delete(round.source)) await composeOwn(tx, round)
  await markSources(tx, due)
  if (areDestinationsDue) await followDestinations(tx, round)
  if (why.has('uncomposed')) await markComposed(tx, round)
  return { judged, composed, more, found: identities }
}

/** Composes those of the clusters whose home is the source. */
async function composeTaken(
  tx: Db,
  round: Round,
  taken: readonly Taken[],
): Promise<Findings & { readonly composed: number }> {
  if (taken.length === 0) return { composed: 0, identities: [], sources: new Set() }
  await inherit(tx, round, taken)
  const ids = taken.map(({ id }) => id)
  const facts = await answer(tx, queries({ stored: storedOf(ids), gathered: gathered(round, ids) }))
  const own = await atHome(tx, round, taken, facts.stored)
  return { composed: own.length, ...(await compose(tx, round, own, facts)) }
}

/** What is taken of a source: its clusters, itself, and what its objects mean by their destinations. */
function sortedBy(source: string, taken: readonly Taken[]) {
  const [own, destinations] = [sourceSubjectId(source), destinationsId(source)]
  return {
    clusters: taken.filter(({ id }) => id !== own && id !== destinations),
    isOwnDue: taken.some(({ id }) => id === own),
    areDestinationsDue: taken.some(({ id }) => id === destinations),
  }
}

/** Sources with anything to settle at `now`, and what: a round does no more than that. Each condition has its index. */
async function unsettledSources(db: Db, now: Date): Promise<ReadonlyMap<string, ReadonlySet<Why>>> {
  const at = now.toISOString()
  const rows = await rowsOf<{ id: string; why: string }>(
    db,
    sql`select id, string_agg(why, ' ') as why from (
        select source_id as id, 'marked' as why from unsettled
        union select source_id, 'aged' from object where holds_until <= ${at} and gone_at is null
        union select source_id, 'due' from cluster where holds_until <= ${at} and gone_at is null
        union select source_id, 'due' from drift where holds_until <= ${at}
        union select r.source_id, 'turned' from reading r join source s on s.id = r.source_id
          where r.stale <> ${isStaleAt(at)} or ${tellingOf} <> ${toldOf}
        union select source_id, 'uncomposed' from reading
          where ${makesClusters} and composed_at is null and last_success_at is not null) u
      group by id order by id`,
  )
  // The words are those of the statement.
  return new Map(rows.map(({ id, why }) => [id, new Set(why.split(' ') as Why[])]))
}
