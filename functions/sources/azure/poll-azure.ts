import type { Lease } from '../../../db/source.ts'
import type { Trouble } from '../../../fleet/delivery.ts'
import type { AzureTarget } from '../../../fleet/target.ts'
import type { Budget } from '../budget.ts'
import { holdLease, type PollDeps, type Tally } from '../poll.ts'
import { readAccount } from './account.ts'
import { type AzurePoll, confirmationsPerPoll } from './azure-poll.ts'
import { scopesOf } from './graph.ts'
import { readRegions } from './regions.ts'
import { readSubscription } from './subscription.ts'

/**
 * Reads the AKS clusters of a subscription (one list, and no request per cluster) or of all that an account reaches (Resource Graph), and
 * now and then what their regions offer. Gives the trouble that concerns the source as a whole.
 */
export async function readAzure(
  deps: PollDeps,
  lease: Lease,
  { account, subscription }: AzureTarget,
  budget: Budget,
  tally: Tally,
): Promise<Trouble | null> {
  const holding = holdLease(deps, lease)
  const poll: AzurePoll = {
    deps,
    account,
    budget,
    tally,
    holding,
    confirmations: confirmationsPerPoll,
    regions: new Map(),
  }
  const trouble =
    subscription === null ? await readAccount(poll) : await readSubscription(poll, lease.source, subscription)
  // Also where the list has gaps; where nothing was listed there is nothing to ask for.
  if (trouble?.code !== 'Throttled' && !tally.lost && !budget.spent())
    await readRegions(poll, lease.source, scopesOf(account))
  return trouble
}
