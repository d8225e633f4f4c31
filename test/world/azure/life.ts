import type { Random } from '../random.ts'
import * as act from './act.ts'
import { azureHealthOf } from './health.ts'
import type { AksResource } from './resource.ts'
import { idOf } from './resource.ts'
import type { AzureState } from './state.ts'

/** In one step of ten somebody touches Azure behind Cluster API's back. */
const touchChance = 0.1
/** More than this share of what Azure has is not allowed to be in trouble at once. */
const troubledShare = 0.3

/** One step of what happens in Azure without Cluster API; says in words what happened, null where nothing did. */
export function liveInAzure(azure: AzureState, random: Random): string | null {
  if (!random.chance(touchChance)) return null
  const { resources, now } = azure
  const inState = (...states: readonly string[]) =>
    resources.filter((resource) => !resource.entra && states.includes(azureHealthOf(resource, now)))
  const [well, ill] = [inState('Healthy'), inState('Failed', 'Degraded', 'Suspended', 'Unknown')]
  const recovers = ill.length > resources.length * troubledShare || random.chance(0.3)
  const among = recovers ? ill : well
  if (among.length === 0) return null
  const resource = random.pick(among)
  const [told, change] = recovers ? (['recovers', act.recovered] as const) : happening(resource, random)
  azure.change(idOf(resource), change)
  return `Azure: ${resource.name} ${told}`
}

function happening(resource: AksResource, random: Random): readonly [string, act.Act] {
  const pool = random.pick(resource.pools)
  const count = Math.max(1, pool.count + random.pick([-1, 1, 2]))
  return random.pick<readonly [string, act.Act]>([
    [`has ${count} nodes in ${pool.name} by hand`, act.scaled(pool.name, count)],
    ['gets new node images', act.reimaged(1)],
    ['is stopped', act.stopped],
    ['fails', act.failed('InternalOperationError', 'Internal server error')],
    ['is tagged by hand', act.retagged({ 'touched-by': random.pick(['kim', 'lee', 'policy']) })],
  ])
}
