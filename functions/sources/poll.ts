import type { Db } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { judge } from '../../db/judge.ts'
import { settle } from '../../db/settle.ts'
import { extendLease, type Lease } from '../../db/source.ts'
import { type Conventions, defaultConventions } from '../../fleet/convention.ts'
import type { Delivery, Trouble } from '../../fleet/delivery.ts'
import { type Kinds, kindsOf } from '../../fleet/kinds/declared.ts'
import type { Target } from '../../fleet/target.ts'
import type { PollLimits } from './budget.ts'
import type { Connections } from './connections.ts'

/** What a poll needs from outside. */
export interface PollDeps {
  readonly db: Db
  /** How to reach a source; null when neither the fleet file nor another source names it any more. */
  readonly targetOf: (source: string) => Promise<Target | null>
  /** What outlives a poll: connections, plugins' tokens. */
  readonly connections: Connections
  readonly now: () => Date
  readonly log: Log
  readonly limits?: Partial<PollLimits>
  /** Which labels say what; default: `defaultConventions`. */
  readonly conventions?: Conventions
  /** The kinds understood; default: Rollcall's own. */
  readonly kinds?: Kinds
}

const ownKinds = kindsOf([])

/** The kinds that a poll understands. */
export const kindsFor = ({ kinds = ownKinds }: Pick<PollDeps, 'kinds'>): Kinds => kinds

interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** What a poll has done so far. Counts of objects. Mutable: its pieces share it. */
export interface Tally {
  observed: number
  changed: number
  gone: number
  rejected: number
  deliveries: number
  /** Work is left for another invocation. */
  unfinished: boolean
  /** The first kind's trouble: the whole source's, when nothing else could be read. */
  trouble: Trouble | null
  /** Another invocation has the source now. */
  lost: boolean
  /** The next poll begins on new connections, with new credentials. */
  silent: boolean
}

/** A poll that has done nothing yet. */
export const openTally = (): Tally => ({
  observed: 0,
  changed: 0,
  gone: 0,
  rejected: 0,
  deliveries: 0,
  unfinished: false,
  trouble: null,
  lost: false,
  silent: false,
})

/** Longer than a poll's budget, so that only a poll that died loses it. */
export const leaseMs = 150_000
const extendEveryMs = 30_000

/** True while the source is ours; makes the lease longer now and then. Asked between two deliveries. */
export function holdLease({ db, now }: PollDeps, lease: Lease): () => Promise<boolean> {
  let extendedAt = now().getTime()
  return async () => {
    if (now().getTime() - extendedAt < extendEveryMs) return true
    extendedAt = now().getTime()
    return (await extendLease(db, lease, now(), leaseMs)) !== null
  }
}

/** Stores one delivery of a poll. */
export async function deliver(deps: PollDeps, delivery: Delivery, tally: Tally): Promise<void> {
  const { db, now } = deps
  const receipt = await ingest(db, delivery, { receivedAt: now(), kinds: kindsFor(deps).of })
  tally.deliveries++
  tally.observed += receipt.observed
  tally.changed += receipt.changed
  tally.gone += receipt.gone
  tally.rejected += receipt.rejected.length
}

/** Says when a source falls into trouble, and when it is out of it: once each, not with every poll. */
export function sayTurn(
  { log }: PollDeps,
  { source, consecutiveFailures }: Pick<Lease, 'source' | 'consecutiveFailures'>,
  trouble: Trouble | null,
): void {
  if (trouble !== null && consecutiveFailures === 0) log.warn({ source, code: trouble.code }, trouble.message)
  if (trouble === null && consecutiveFailures > 0) log.warn({ source }, `source ${source} can be read again`)
}

/**
 * Brings what is derived up to what was delivered: clusters, and what the rules say of them. About `limit` of each, default: all; gives how
 * many are left.
 */
export async function derive(
  deps: Pick<PollDeps, 'db' | 'now' | 'conventions' | 'kinds'>,
  limit?: number,
): Promise<number> {
  const { db, now, conventions = defaultConventions } = deps
  const bound = limit === undefined ? {} : { limit }
  const settled = await settle(db, now(), { conventions, kinds: kindsFor(deps).of, ...bound })
  const judged = await judge(db, now(), { conventions, ...bound })
  return settled.left + judged.left
}
