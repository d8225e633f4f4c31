import { sql } from 'drizzle-orm'
import type { Delivery, Proof } from '../../fleet/delivery.ts'
import type { Rejection } from '../../fleet/observation.ts'
import { type KindKey, kindKeyOf, objectIdOf } from '../../fleet/reference.ts'
import { type Db, rowsOf } from '../client.ts'
import { texts } from '../recordset.ts'
import { withLimits } from '../transaction.ts'
import type { Changed } from './probe.ts'
import type { Read } from './read.ts'
import { reliedOn } from './row.ts'

/** How far a kind had been read when this delivery came. */
export interface Progress {
  readonly verifiedAt: string | null
  readonly caughtUpAt: string | null
  readonly runId: string | null
  readonly runStartedAt: string | null
  readonly runProves: boolean
  readonly rejected: readonly Rejection[]
  readonly rejectedCount: number
  /** Whether the store holds objects of the kind that were not read when the others were. */
  readonly hasUnread: boolean
  /** Whether anybody ever pushed for the source. */
  readonly pushes: boolean
  /** Kinds that objects of this one have relied on. */
  readonly reliesOn: readonly KindKey[]
  /** Whether objects of any kind of the source rely on some of this one. */
  readonly isReliedOn: boolean
  /** Whether it was never read to its end. */
  readonly isFirst: boolean
}

/** Rejections shown per kind; the rest are counted. */
const rejectedShown = 20

/**
 * A poll that loses its last commits in a crash of the server loses the cursor and page they moved, too, and reads them again.
 * Other deliveries nobody may repeat.
 */
export const isRepeatable = (proof: Proof): boolean =>
  proof.as === 'caughtUp' || (proof.as === 'page' && proof.next !== null)

/**
 * Takes the kind's row, and with it the kind, for this transaction: whoever writes objects of a kind holds its row. A row rather
 * than an advisory lock, because its newest version comes with it in the same round trip.
 */
export async function lockKind(
  tx: Db,
  { source, kind, proof }: Delivery,
  receivedAt: Date,
  repeatable: boolean,
): Promise<Progress> {
  const [row] = await rowsOf<Progress>(
    tx,
    sql`insert into reading (source_id, kind, last_attempt_at) values (${source}, ${kind}, ${receivedAt.toISOString()})
      on conflict (source_id, kind) do update set last_attempt_at = greatest(reading.last_attempt_at, excluded.last_attempt_at)
      returning verified_at as "verifiedAt", caught_up_at as "caughtUpAt", run_id as "runId", run_started_at as "runStartedAt",
        coalesce(run_proves, true) as "runProves", rejected, rejected_count as "rejectedCount",
        exists (select from object where source_id = ${source} and kind = ${kind} and last_read_at is not null) as "hasUnread",
        ${proof.as === 'delta'} or exists (select from push_session where source_id = ${source}) as pushes,
        relies_on as "reliesOn", last_success_at is null as "isFirst",
        exists (select from reading r where r.source_id = ${source} and ${kind} = any(r.relies_on)) as "isReliedOn", ${withLimits},
        set_config('synchronous_commit', ${repeatable ? 'off' : 'on'}, true)`,
  )
  if (!row) throw new Error('an upsert that returns its row returned none')
  return row
}

/**
 * Late: the kind was read completely after what this delivery speaks of. A row found unchanged then was not rewritten and cannot
 * testify alone (style.md 2.3), so the kind does. A page of a run that a newer run has replaced is late, too.
 */
export function isLate({ delivery: { proof }, at }: Read, known: Progress): boolean {
  if ('run' in proof) {
    const replaced = known.runId !== null && known.runId !== proof.run.id && after(known.runStartedAt, at)
    return replaced || (known.verifiedAt !== null && at.getTime() <= Date.parse(known.verifiedAt))
  }
  return after(known.verifiedAt, at) || after(known.caughtUpAt, at)
}

/**
 * A LIST during which the whole kind was confirmed by somebody else shows nothing that is not known, or known to be over; but where it
 * stands, and that it came to its end, still counts.
 */
export const isOvertaken = ({ delivery: { proof }, at }: Read, known: Progress): boolean =>
  'run' in proof && after(known.caughtUpAt, at)

const after = (instant: string | null, at: Date): boolean => instant !== null && Date.parse(instant) > at.getTime()

/** Leaves what a page has named, so that the END can tell what no page did. A page delivered again only adds. */
export async function recordSighting(tx: Db, { delivery, present }: Read): Promise<void> {
  const { source, kind, proof } = delivery
  if (!('run' in proof)) return
  const ids = `{${present.join(',')}}`
  await tx.execute(sql`insert into sighting (source_id, kind, run_id, page, ids)
    values (${source}, ${kind}, ${proof.run.id}, ${proof.page}, ${ids}::uuid[])
    on conflict (source_id, kind, run_id, page) do update set ids = sighting.ids || excluded.ids`)
}

/** Notes kinds that changed objects rely on, from when on changes of those are told to them. In the kind's own row, which is held anyway. */
export async function recordReliance(
  tx: Db,
  { source, kind }: Delivery,
  changed: readonly Changed[],
  { reliesOn }: Progress,
): Promise<void> {
  const named = new Set(changed.flatMap(({ observation }) => reliedOn(observation.facts).map(kindKeyOf)))
  for (const known of reliesOn) named.delete(known)
  if (named.size === 0) return
  await tx.execute(sql`update reading set relies_on = relies_on || ${texts([...named])}
    where source_id = ${source} and kind = ${kind}`)
}

/** The run's place, for the invocation that takes it up (none takes up a pushed one). A run that is replaced leaves no sightings behind. */
export async function recordPage(tx: Db, read: Read, known: Progress): Promise<void> {
  const { source, kind, proof } = read.delivery
  if (proof.as !== 'page') return
  const continued = known.runId === proof.run.id
  if (!continued) {
    await tx.execute(
      sql`delete from sighting where source_id = ${source} and kind = ${kind} and run_id <> ${proof.run.id}`,
    )
  }
  const rejected = rejectedNow(read, known, continued ? 'add' : 'replace')
  await tx.execute(sql`update reading set run_id = ${proof.run.id}, run_started_at = ${proof.run.startedAt.toISOString()},
      run_token = ${proof.next?.token ?? null}, run_limit = ${proof.next?.limit ?? null}, run_page = ${proof.page + 1},
      run_proves = ${(!continued || known.runProves) && read.identified}, ${rejectedSet(rejected)}
    where source_id = ${source} and kind = ${kind}`)
}

/**
 * The end of a LIST. Only one that is `proven`, with every page of one snapshot, gives a cursor and verifies the kind: what lies between
 * pages that belong to different moments would be missed by a watch that starts at the last.
 */
export async function recordEnd(tx: Db, read: Read, known: Progress, proven: boolean): Promise<void> {
  const { source, kind, proof, observedAt } = read.delivery
  if (proof.as !== 'end') return
  const rejected = rejectedNow(read, known, known.runId === proof.run.id ? 'add' : 'replace')
  await tx.execute(sql`delete from sighting where source_id = ${source} and kind = ${kind}`)
  await tx.execute(sql`update reading set cursor = ${proven ? proof.cursor : null},
      verified_at = ${proven ? sql`${read.at.toISOString()}::timestamptz` : sql`verified_at`},
      last_success_at = greatest(last_success_at, ${observedAt.toISOString()}),
      run_id = null, run_started_at = null, run_token = null, run_limit = null, run_page = null, run_proves = null,
      trouble_code = null, trouble_message = null, trouble_at = null, ${rejectedSet(rejected)}
    where source_id = ${source} and kind = ${kind}`)
}

/** The end of a catch-up watch, or of a delta or a repair, which prove nothing of the kind as a whole. */
export async function recordDelta(tx: Db, read: Read, known: Progress): Promise<void> {
  const { source, kind, proof } = read.delivery
  const rejected = rejectedNow(read, known, 'amend')
  if (proof.as === 'caughtUp') {
    const at = read.at.toISOString()
    await tx.execute(sql`update reading set cursor = ${proof.cursor}, caught_up_at = greatest(caught_up_at, ${at}),
        last_success_at = greatest(last_success_at, ${at}), trouble_code = null, trouble_message = null, trouble_at = null,
        ${rejectedSet(rejected)}
      where source_id = ${source} and kind = ${kind}`)
  } else if (rejected) {
    await tx.execute(sql`update reading set ${rejectedSet(rejected)} where source_id = ${source} and kind = ${kind}`)
  }
}

interface Rejected {
  readonly shown: readonly Rejection[]
  readonly count: number
}

/** What is rejected now: a LIST tells anew, its further pages add, a delta amends what it touches. Null = as before. */
function rejectedNow(read: Read, known: Progress, how: 'replace' | 'add' | 'amend'): Rejected | null {
  const { rejected } = read
  if (how === 'replace') return { shown: rejected, count: rejected.length }
  if (how === 'add') {
    return rejected.length === 0
      ? null
      : { shown: [...known.rejected, ...rejected], count: known.rejectedCount + rejected.length }
  }
  if (rejected.length === 0 && known.rejected.length === 0) return null
  const touched = new Set([...read.present, ...read.gone])
  const { source } = read.delivery
  const kept = known.rejected.filter(({ ref }) => !ref || !touched.has(objectIdOf(source, ref)))
  return {
    shown: [...rejected, ...kept],
    count: known.rejectedCount - (known.rejected.length - kept.length) + rejected.length,
  }
}

function rejectedSet(rejected: Rejected | null) {
  if (!rejected) return sql`rejected_count = rejected_count`
  return sql`rejected = ${JSON.stringify(rejected.shown.slice(0, rejectedShown))}::jsonb, rejected_count = ${rejected.count}`
}
