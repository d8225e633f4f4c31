import type { AzureAccount } from '../../../fleet/azure-account.ts'
import type { Delivery } from '../../../fleet/delivery.ts'
import type { Budget } from '../budget.ts'
import { deliver, type PollDeps, type Tally } from '../poll.ts'
import type { AzureLine } from './line.ts'

/** What the parts of one poll of Azure share. */
export interface AzurePoll {
  readonly deps: PollDeps
  readonly account: AzureAccount
  readonly budget: Budget
  readonly tally: Tally
  /** True while the polled source is ours. */
  readonly holding: () => Promise<boolean>
  /** Requests that may still be spent on clusters which listings lack. */
  confirmations: number
  /** Where clusters were seen: region → source → subscription. */
  readonly regions: Map<string, Map<string, string>>
}

/** One poll asks for so many clusters by id; those that are left stay until a later poll has asked for them. */
export const confirmationsPerPoll = 100

/** The way to Azure on behalf of one source of the poll. */
export const lineFor = ({ deps: { now }, account, budget }: AzurePoll, source: string): AzureLine => ({
  account,
  source,
  budget,
  now,
})

/** Stores a delivery, unless another invocation has the source by now: then it is that one's to read. */
export async function hand({ deps, tally, holding }: AzurePoll, delivery: Delivery): Promise<void> {
  tally.lost ||= !(await holding())
  if (!tally.lost) await deliver(deps, delivery, tally)
}
