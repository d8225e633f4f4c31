import { hash } from 'node:crypto'
import pLimit from 'p-limit'
import type { Expected } from '../../../db/azure.ts'
import { type ClusterId, clusterIdOf } from '../../../fleet/azure/cluster-id.ts'
import type { Trouble } from '../../../fleet/delivery.ts'
import type { Result } from '../trouble.ts'
import { type Arm, openArm, type Resource } from './arm.ts'
import { type AzurePoll, lineFor } from './azure-poll.ts'

/** What Azure says of clusters that its listing lacks, asked for them by id. Keys are ids in lower case. */
export interface Confirmed {
  readonly gone: readonly string[]
  /** Those that exist, as they are. */
  readonly present: readonly Resource[]
  /** Those that could not be read: nothing is known of them. */
  readonly unreadable: ReadonlyMap<string, Trouble>
  /** Those for which this poll had no request left. */
  readonly unasked: readonly string[]
}

/** What nobody but a declaration ever saw is asked for no more often. */
const askAgainMs = 60 * 60_000
const atOnce = 5
/** Who may not read so many may not read the rest. */
const refusalsMax = 3

/** Which of the missing are due to be asked for: those that were listed, always. */
export const isDue = ({ listed, absentAt }: Expected, now: Date): boolean =>
  listed || absentAt === null || now.getTime() - absentAt.getTime() >= askAgainMs

/**
 * Asks for each of the missing by id (design.md part 8): only Azure's own "there is no such resource" says that one is gone. In an order
 * that differs from poll to poll, so that ids which cannot be read do not keep the others from their turn.
 */
export async function confirm(
  poll: AzurePoll,
  source: string,
  missing: readonly Expected[],
  run: string,
): Promise<Confirmed> {
  const inTurn = missing.map(({ key }) => key).sort((a, b) => (turnOf(run, a) < turnOf(run, b) ? -1 : 1))
  const limit = pLimit(atOnce)
  const refused = new Map<string, Trouble>()
  const answers = await Promise.all(
    inTurn.map((key) =>
      limit(async (): Promise<readonly [string, Result<Resource | null> | null]> => {
        const id = clusterIdOf(key)
        // Whatever it was, nothing can be asked for by this name.
        if (id === null) return [key, { value: null }]
        if (poll.confirmations <= 0 || refused.size >= refusalsMax || poll.budget.spent()) return [key, null]
        poll.confirmations--
        const answer = await armFor(poll, source, id).getManagedCluster(id)
        if (answer.trouble !== undefined) refused.set(key, answer.trouble)
        return [key, answer]
      }),
    ),
  )
  return {
    gone: answers.flatMap(([key, answer]) => (answer?.value === null ? [key] : [])),
    present: answers.flatMap(([, answer]) => (answer?.value ? [answer.value] : [])),
    unreadable: refused,
    unasked: answers.flatMap(([key, answer]) => (answer === null ? [key] : [])),
  }
}

const turnOf = (run: string, key: string): string => hash('sha256', `${run} ${key}`)

const armFor = (poll: AzurePoll, source: string, { subscription }: ClusterId): Arm =>
  openArm(lineFor(poll, source), subscription)
