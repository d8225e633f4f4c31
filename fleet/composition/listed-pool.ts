import { hash } from 'node:crypto'
import type { Member } from '../cluster.ts'
import { stateOfOperation } from '../families/aks-operation.ts'
import type { Health } from '../health.ts'
import type { ListedPool } from '../observation.ts'
import { uuidOf } from '../reference.ts'
import type { Family } from './family.ts'
import type { Witness } from './roll-up.ts'

/** A node pool that a managed cluster's object lists, and that object. */
export interface Listed {
  readonly teller: Member
  readonly pool: ListedPool
}

/** What Azure, and the operator after it, list of the cluster's pools, each by the pool's name in lower case. */
export interface Listings {
  readonly arm: ReadonlyMap<string, Listed>
  readonly operator: ReadonlyMap<string, Listed>
}

export function listingsOf({ arm, managed }: Family): Listings {
  return { arm: listingOf(arm), operator: listingOf(managed ?? null) }
}

function listingOf(teller: Member | null): ReadonlyMap<string, Listed> {
  const pools = teller?.facts.pools ?? []
  return new Map(teller ? pools.map((pool) => [pool.name.toLowerCase(), { teller, pool }]) : [])
}

/**
 * Identity of a pool that no object of its own declares: by the cluster's id in Azure and the pool's name. Of no source, for it
 * stays the same whoever tells of it.
 */
export function listedPoolId({ teller, pool }: Listed): string {
  const cluster = (teller.facts.armId ?? teller.ref.name).toLowerCase()
  return uuidOf(hash('sha256', `${cluster}/agentpools/${pool.name.toLowerCase()}`, 'hex'))
}

/** A listed pool as a witness: azure.md 2.3 for a pool alone, as fresh as the object that lists it. */
export function witnessOf({ teller, pool }: Listed): Witness {
  return { health: healthOf(pool), fresh: teller.fresh }
}

function healthOf({ state, powerState }: ListedPool): Health {
  const own = state === undefined ? ({ state: 'Unknown', reason: 'NotReported' } as const) : stateOfOperation(state)
  const health: Health = { ...own, message: '', since: null, underlying: null, flags: [], holdsUntil: null }
  const atPower = state === 'Deleting' || state === 'Starting' || state === 'Stopping'
  if (powerState !== 'Stopped' || atPower) return health
  return { ...health, state: 'Suspended', reason: 'Stopped', underlying: own.state }
}
