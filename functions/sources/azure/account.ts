import pLimit from 'p-limit'
import { type KnownSubscription, knownSubscriptions } from '../../../db/azure.ts'
import { recordChildPoll, registerChildren } from '../../../db/found-source.ts'
import { clusterIdOf } from '../../../fleet/azure/cluster-id.ts'
import type { AzureAccount } from '../../../fleet/azure-account.ts'
import { subscriptionSource } from '../../../fleet/azure-source.ts'
import type { Trouble, TroubleCode } from '../../../fleet/delivery.ts'
import { sayTurn } from '../poll.ts'
import { recordOf } from '../trouble.ts'
import { type AzurePoll, lineFor } from './azure-poll.ts'
import { type GraphScope, managedClusters, queryGraph, scopesOf } from './graph.ts'
import { type Listing, openListing } from './listing.ts'
import { readSubscription } from './subscription.ts'

/** Subscriptions whose clusters are listed or stored at once. */
const atOnce = 4

/** Scopes of Resource Graph that are read as one, and the subscriptions they ought to cover. */
interface Unit {
  readonly scopes: readonly GraphScope[]
  readonly expected: readonly string[]
}

/**
 * Reads all that an account reaches, by Resource Graph; each subscription is a source of its own, with its own success or trouble
 * (azure.md 1.7). One without a row is asked by a list of its own, because Resource Graph leaves out without a word what is empty, what
 * may not be read and what does not exist. Gives the trouble of the account as a whole.
 */
export async function readAccount(poll: AzurePoll): Promise<Trouble | null> {
  const { account, deps, tally, budget } = poll
  const known = await knownSubscriptions(deps.db, account.name)
  const family = await openFamily(poll, [...account.subscriptions, ...known.map(({ subscription }) => subscription)])
  let trouble: Trouble | null = null
  for (const unit of unitsOf(account, known)) {
    const failed = await readUnit(poll, family, unit)
    if (tally.lost || budget.signal.aborted) return null
    trouble ??= failed
  }
  // Those that hold clusters stay, whatever Resource Graph leaves out: a role that was lost looks the same.
  const kept = account.managementGroups.length === 0 ? [] : known.filter(({ holdsClusters }) => holdsClusters)
  if (trouble === null) await family.keep([...account.subscriptions, ...kept.map(({ subscription }) => subscription)])
  return trouble
}

/** Subscriptions in the order of `known`: should a poll end early, the next begins with those it did not reach. */
function unitsOf(account: AzureAccount, known: readonly KnownSubscription[]): Unit[] {
  const place = new Map(known.map(({ subscription }, n) => [subscription, n]))
  const placeOf = (subscription: string) => place.get(subscription) ?? -1
  const subscriptions = account.subscriptions.toSorted((a, b) => placeOf(a) - placeOf(b))
  const scopes = scopesOf({ ...account, subscriptions })
  const named = scopes.flatMap((scope) =>
    'subscriptions' in scope ? [{ scopes: [scope], expected: scope.subscriptions }] : [],
  )
  // Which subscription is in which group only Azure knows.
  const groups = scopes.filter((scope) => 'managementGroups' in scope)
  const found = known.flatMap(({ subscription }) => (subscriptions.includes(subscription) ? [] : [subscription]))
  return groups.length === 0 ? named : [...named, { scopes: groups, expected: found }]
}

/** The sources that an account's poll reads along with itself. */
interface Family {
  /** Makes sources of the subscriptions that are new. */
  adopt(subscriptions: Iterable<string>): Promise<void>
  /** The id of a subscription's source; null when another source reads that subscription. */
  sourceOf(subscription: string): string | null
  /** Ends the sources of all others, but of those that were found in this poll. */
  keep(subscriptions: readonly string[]): Promise<void>
}

async function openFamily({ account, deps: { db, now } }: AzurePoll, known: readonly string[]): Promise<Family> {
  const members = new Set<string>(known)
  const found = new Set<string>()
  const register = async () => {
    const declarations = [...members].map((subscription) => subscriptionSource(account, subscription))
    return new Set(await registerChildren(db, account.name, declarations, now()))
  }
  let own = await register()
  return {
    adopt: async (subscriptions) => {
      const { size } = members
      for (const subscription of subscriptions) {
        members.add(subscription)
        found.add(subscription)
      }
      if (members.size > size) own = await register()
    },
    sourceOf: (subscription) => {
      const { id } = subscriptionSource(account, subscription)
      return own.has(id) ? id : null
    },
    keep: async (subscriptions) => {
      const kept = new Set([...subscriptions, ...found])
      const leaving = [...members].filter((subscription) => !kept.has(subscription))
      if (leaving.length === 0) return
      for (const subscription of leaving) members.delete(subscription)
      await register()
    },
  }
}

/** Troubles of Resource Graph that say nothing of Resource Manager, which may answer for each subscription. */
const ofGraphAlone: ReadonlySet<TroubleCode> = new Set(['Forbidden', 'BadAnswer', 'Misconfigured'])

async function readUnit(poll: AzurePoll, family: Family, { scopes, expected }: Unit): Promise<Trouble | null> {
  const listings = new Map<string, Listing>()
  const trouble = await listUnit(poll, family, scopes, listings)
  if (poll.tally.lost) return null
  const limit = pLimit(atOnce)
  await Promise.all(
    [...new Set([...expected, ...listings.keys()])].map((subscription) =>
      limit(async () => {
        const source = family.sourceOf(subscription)
        if (source === null || poll.tally.lost || poll.budget.signal.aborted) return
        const listing = listings.get(subscription)
        const outcome = await endOf(poll, source, subscription, listing, trouble)
        if (!poll.tally.lost && !poll.budget.signal.aborted) await recordChild(poll, source, outcome)
      }),
    ),
  )
  return trouble
}

/** How the reading of one subscription ended. */
async function endOf(
  poll: AzurePoll,
  source: string,
  subscription: string,
  listing: Listing | undefined,
  trouble: Trouble | null,
): Promise<Trouble | null> {
  if (trouble === null && listing !== undefined) return listing.end()
  if (trouble === null || ofGraphAlone.has(trouble.code)) return readSubscription(poll, source, subscription)
  await listing?.flush()
  return trouble
}

/** Asks Resource Graph; what it lists is handed on by subscription. */
async function listUnit(
  poll: AzurePoll,
  family: Family,
  scopes: readonly GraphScope[],
  listings: Map<string, Listing>,
): Promise<Trouble | null> {
  const line = lineFor(poll, poll.account.name)
  // Every subscription's listing speaks of the instant before the first request, also where its first row comes with a later page.
  const startedAt = poll.deps.now()
  for (const scope of scopes) {
    for await (const { value, trouble } of queryGraph(line, scope, managedClusters)) {
      if (trouble !== undefined) return trouble
      const rows = bySubscription(value.rows, scope)
      await family.adopt(rows.keys())
      for (const [subscription, resources] of rows) {
        const source = family.sourceOf(subscription)
        if (source === null) continue
        const listing = listings.get(subscription) ?? openListing(poll, source, subscription, startedAt)
        listings.set(subscription, listing)
        listing.add(resources)
        if (value.more) await listing.flush()
      }
      if (poll.tally.lost) return null
    }
  }
  return null
}

/** Rows by the subscription that their ids tell, or else they themselves; one of none, or of one not asked for, is nobody's. */
function bySubscription(rows: readonly unknown[], scope: GraphScope): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>()
  for (const row of rows) {
    const { id, subscriptionId } = recordOf(row)
    const told = typeof subscriptionId === 'string' ? subscriptionId.toLowerCase() : ''
    const subscription = (typeof id === 'string' ? clusterIdOf(id)?.subscription : undefined) ?? told
    const isAsked = 'subscriptions' in scope ? scope.subscriptions.includes(subscription) : subscription !== ''
    if (!isAsked) continue
    const sofar = found.get(subscription)
    if (sofar === undefined) found.set(subscription, [row])
    else sofar.push(row)
  }
  return found
}

async function recordChild({ deps }: AzurePoll, source: string, trouble: Trouble | null): Promise<void> {
  const failures = await recordChildPoll(deps.db, source, trouble, deps.now())
  if (failures !== null) sayTurn(deps, { source, consecutiveFailures: failures }, trouble)
}
