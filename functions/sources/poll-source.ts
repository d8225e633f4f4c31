import { randomUUID } from 'node:crypto'
import { finishPoll, type Lease, releaseLease, takeLease } from '../../db/source.ts'
import type { Trouble } from '../../fleet/delivery.ts'
import type { Target } from '../../fleet/target.ts'
import { readAks } from './aks/read-aks.ts'
import { readAzure } from './azure/poll-azure.ts'
import { type Budget, openBudget, pollLimits } from './budget.ts'
import { derive, leaseMs, openTally, type PollDeps, sayTurn, type Tally } from './poll.ts'
import { readKube } from './poll-kube.ts'

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
  const tally = openTally()
  const summary = () => summaryOf(tally, budget, began)
  const target = await deps.targetOf(source)
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
    trouble = (await readTarget(deps, lease, target, budget, tally)) ?? (tally.deliveries === 0 ? tally.trouble : null)
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
  await derive(deps)
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
  if (!tally.lost) sayTurn(deps, lease, trouble)
  return done
}

/** Reads everything that the budget allows; gives the trouble that concerns the source as a whole. */
function readTarget(
  deps: PollDeps,
  lease: Lease,
  target: Target,
  budget: Budget,
  tally: Tally,
): Promise<Trouble | null> {
  switch (target.by) {
    case 'kube':
      return readKube(deps, lease, target.kube, budget, tally)
    case 'aks':
      return readAks(deps, lease, target, budget, tally)
    case 'azure':
      return readAzure(deps, lease, target, budget, tally)
  }
}
