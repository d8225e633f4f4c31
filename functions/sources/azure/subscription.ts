import type { Trouble } from '../../../fleet/delivery.ts'
import { openArm } from './arm.ts'
import { type AzurePoll, lineFor } from './azure-poll.ts'
import { openListing } from './listing.ts'

/**
 * Reads one subscription by one list of Resource Manager. Gives the trouble of its source; what was listed before it is kept, and
 * nothing is derived from what was not.
 */
export async function readSubscription(poll: AzurePoll, source: string, subscription: string): Promise<Trouble | null> {
  const listing = openListing(poll, source, subscription, poll.deps.now())
  for await (const { value, trouble } of openArm(lineFor(poll, source), subscription).listManagedClusters()) {
    if (value !== undefined) listing.add(value.resources)
    if (value === undefined || value.more) await listing.flush()
    if (poll.tally.lost) return null
    if (trouble !== undefined) return trouble
  }
  return listing.end()
}
