import { randomUUID } from 'node:crypto'
import type { Db } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { discoveryOf, progressOf, recordDiscovery, recordServed, recordTrouble } from '../../db/reading.ts'
import { settle } from '../../db/settle.ts'
import { extendLease, finishPoll, type Lease, releaseLease, takeLease } from '../../db/source.ts'
import type { Conventions } from '../../fleet/convention.ts'
import type { Trouble } from '../../fleet/delivery.ts'
import { kinds as registry } from '../../fleet/kinds/registry.ts'
import { clusterKind, kindKeyOf } from '../../fleet/reference.ts'
import type { KindProgress } from '../../fleet/source.ts'
import { type Budget, openBudget, type PollLimits, pollLimits } from './budget.ts'
import { collect, isSilence } from './collect.ts'
import type { Connections } from './connections.ts'
import { type Discovered, discover } from './discovery.ts'
import { identify } from './identity.ts'
import { type Kube, openKube } from './kube.ts'
import type { KubeTarget } from './kube-config.ts'
import type { Collected } from './list.ts'
import type { Result } from './trouble.ts'

/** What a poll needs from outside. */
export interface PollDeps {
  readonly db: Db
  /** How to reach a source; null when the fleet file no longer names it. */
  readonly sourceOf: (id: string) => KubeTarget | null
  /** What outlives a poll: connections, plugins' tokens. */
  readonly connections: Connections
  readonly now: () => Date
  readonly log: Log
  readonly limits?: Partial<PollLimits>
  /** Which labels say what; default: `defaultConventions`. */
  readonly conventions?: Conventions
}

interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** What one poll did. Counts of objects; `bytes` as they travelled, without headers. */
export interface PollSummary {
  readonly observed: number
  readonly changed: number
  readonly gone: number
  readonly rejected: number
  /** Work is left for another invocation, which the caller enqueues. */
  readonly unfinished: boolean
  readonly ms: number
  readonly bytes: number
}

/** Longer than a poll's budget, so that only a poll that died loses it. */
const leaseMs = 150_000
const extendEveryMs = 30_000

/** What a poll has done so far. */
interface Tally {
  observed: number
  changed: number
  gone: number
  rejected: number
  deliveries: number
  unfinished: boolean
  /** The first kind's trouble: the whole source's, when nothing else could be read. */
  trouble: Trouble | null
  /** Another invocation has the source now. */
  lost: boolean
  /** The next poll begins on new connections, with new credentials. */
  silent: boolean
}

const nothing: Tally = {
  observed: 0,
  changed: 0,
  gone: 0,
  rejected: 0,
  deliveries: 0,
  unfinished: false,
  trouble: null,
  lost: false,
  silent: false,
}

function summaryOf(
  { observed, changed, gone, rejected, unfinished }: Tally,
  { bytes }: Budget,
  began: number,
): PollSummary {
  return { observed, changed, gone, rejected, unfinished, ms: Math.round(performance.now() - began), bytes }
}

/**
 * Polls one source within one budget (design.md 8). Whatever is wrong with the source is recorded on it and is no exception;
 * only our own faults (a store that is away, a bug) are thrown. A source whose lease another holds is left alone.
 */
export async function pollSource(deps: PollDeps, source: string, signal: AbortSignal): Promise<PollSummary> {
  const { db, now, log } = deps
  const began = performance.now()
  const budget = openBudget({ ...pollLimits, ...deps.limits }, signal)
  const tally: Tally = { ...nothing }
  const summary = () => summaryOf(tally, budget, began)
  const target = deps.sourceOf(source)
  const lease = target === null ? null : await takeLease(db, source, randomUUID(), now(), leaseMs)
  if (target === null || lease === null) {
    log.info(
      { source },
      target === null ? 'not polled: no longer declared' : 'not polled: held by another, or not due yet',
    )
    return summary()
  }
  let trouble: Trouble | null
  try {
    trouble = (await readSource(deps, lease, target, budget, tally)) ?? (tally.deliveries === 0 ? tally.trouble : null)
  } catch (error) {
    // The fault is the news, not that a store which is away keeps the lease as well.
    await releaseLease(db, lease).catch(() => undefined)
    throw error
  }
  if (signal.aborted) {
    // We stopped, the source did not: what was stored stays, and nothing is held against it.
    await releaseLease(db, lease)
    tally.unfinished = true
    return summary()
  }
  if (tally.silent) deps.connections.forget(source)
  await settleAll(deps)
  // What is left is not hurried while the source is in trouble: its back-off decides.
  tally.unfinished &&= trouble === null
  tally.lost ||= !(await finishPoll(db, lease, { trouble, unfinished: tally.unfinished }, now()))
  // Whoever has the source now goes on with it.
  tally.unfinished &&= !tally.lost
  const done = summary()
  log.info(
    { source, ...done, ...(tally.lost ? { lost: true } : {}), ...(trouble === null ? {} : { trouble }) },
    'polled',
  )
  if (!tally.lost) sayTurn(log, lease, trouble)
  return done
}

/** Says when a source falls into trouble, and when it is out of it: once each, not with every poll. */
function sayTurn(log: Log, { source, consecutiveFailures }: Lease, trouble: Trouble | null): void {
  if (trouble !== null && consecutiveFailures === 0) log.warn({ source, code: trouble.code }, trouble.message)
  if (trouble === null && consecutiveFailures > 0) log.warn({ source }, `source ${source} can be read again`)
}

/** Reads everything that the budget allows; gives the trouble that concerns the source as a whole. */
async function readSource(
  deps: PollDeps,
  lease: Lease,
  target: KubeTarget,
  budget: Budget,
  tally: Tally,
): Promise<Trouble | null> {
  const { db, connections, now } = deps
  const connection = await connections.connect(lease.source, target)
  if (connection.trouble !== undefined) return connection.trouble
  const kube = openKube(lease.source, connection.value, budget, now)
  const foreign = await identify(db, kube)
  if (foreign !== null) {
    tally.silent = isSilence(foreign)
    return foreign
  }
  const progress = await progressOf(db, lease.source)
  const discovered = await discoverServed(deps, kube, progress)
  if (discovered.trouble !== undefined) return discovered.trouble
  const holding = holdLease(deps, lease)
  const composing = composeEarly(deps, progress)
  for await (const piece of collect(kube, discovered.value.served, progress)) {
    if (!(await holding())) {
      tally.lost = true
      return null
    }
    await take(deps, kube, piece, tally)
    await composing(piece)
  }
  return null
}

/** Lets a long first poll show clusters as soon as they are known, once; others have shown them before. */
function composeEarly(deps: PollDeps, progress: readonly KindProgress[]): (piece: Collected) => Promise<void> {
  const known = progress.some(({ kind, verifiedAt }) => kind === clusterKind && verifiedAt !== null)
  let readAt: number | null = null
  let done = known
  return async (piece) => {
    if (done) return
    const { limits: { composeAfterMs = pollLimits.composeAfterMs } = {} } = deps
    if (piece.as === 'delivery' && piece.delivery.kind === clusterKind && piece.delivery.proof.as === 'end')
      readAt = performance.now()
    if (readAt === null || performance.now() - readAt < composeAfterMs) return
    done = true
    await settleAll(deps)
  }
}

/** What is served, asked anew when the last answer is old: a kind of ours that is not there is `NotInstalled`, one that discovery failed on is not. */
async function discoverServed(
  { db, now }: PollDeps,
  kube: Kube,
  progress: readonly KindProgress[],
): Promise<Result<Discovered>> {
  const { source } = kube
  const before = await discoveryOf(db, source)
  const known = before && { discovery: before, served: progress.flatMap(({ served }) => served ?? []) }
  const discovered = await discover(kube, registry, known, now())
  if (discovered.trouble !== undefined) return discovered
  const { served, discovery } = discovered.value
  // Given back as it was, it holds nothing new.
  if (served !== known?.served) await recordNews(db, source, discovered.value, progress, now())
  if (discovery !== before) await recordDiscovery(db, source, discovery)
  return discovered
}

async function recordNews(
  db: Db,
  source: string,
  { served, troubled }: Discovered,
  progress: readonly KindProgress[],
  at: Date,
): Promise<void> {
  const unread = new Set(troubled.map(({ kind }) => kind))
  const kept = progress.flatMap((one) => (one.served !== null && unread.has(one.kind) ? [one.served] : []))
  await recordServed(db, source, [...served, ...kept], at)
  for (const { kind, trouble } of troubled) await recordTrouble(db, { source, kind, at, trouble })
  const seen = new Set([...progress, ...served, ...troubled].map(({ kind }) => kind))
  for (const kind of registry.filter(({ reach }) => reach.by === 'kube').map(kindKeyOf)) {
    if (seen.has(kind)) continue
    const trouble = { code: 'NotInstalled', message: `${source} does not serve ${kind}` } as const
    await recordTrouble(db, { source, kind, at, trouble })
  }
}

/** Stores one piece of a reading. */
async function take({ db, now }: PollDeps, kube: Kube, piece: Collected, tally: Tally): Promise<void> {
  if (piece.as === 'left') {
    tally.unfinished = true
    return
  }
  if (piece.as === 'trouble') {
    const { kind, trouble } = piece
    tally.trouble ??= trouble
    // What discovery said, a moment ago or minutes, is out of date.
    if (trouble.code === 'NotInstalled' || piece.conversion) await recordDiscovery(db, kube.source, null)
    tally.silent ||= isSilence(trouble)
    await recordTrouble(db, { source: kube.source, kind, at: now(), trouble })
    return
  }
  const receipt = await ingest(db, piece.delivery, { receivedAt: now() })
  tally.deliveries++
  tally.observed += receipt.observed
  tally.changed += receipt.changed
  tally.gone += receipt.gone
  tally.rejected += receipt.rejected.length
}

const settleAll = ({ db, now, conventions }: PollDeps) => settle(db, now(), conventions ? { conventions } : {})

/** True while the source is ours; makes the lease longer now and then. */
function holdLease({ db, now }: PollDeps, lease: Lease): () => Promise<boolean> {
  let extendedAt = now().getTime()
  return async () => {
    if (now().getTime() - extendedAt < extendEveryMs) return true
    extendedAt = now().getTime()
    return (await extendLease(db, lease, now(), leaseMs)) !== null
  }
}
