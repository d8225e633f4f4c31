import type { Member, NodePool } from '../cluster.ts'
import { isAtWork } from '../families/aks-operation.ts'
import type { Health } from '../health.ts'
import type { ListedPool, Replicas } from '../observation.ts'
import { readNodeImage } from '../support/node-image.ts'
import { skewOf } from '../support/skew.ts'
import { lowestVersion, runningVersionOf } from '../version.ts'
import { defined } from '../wire.ts'
import { countsOf } from './counts.ts'
import { type DeclaredPool, isAutoscaled } from './declared-pool.ts'
import type { Family } from './family.ts'
import { type Listed, type Listings, listedPoolId, witnessOf } from './listed-pool.ts'
import { worstOf } from './roll-up.ts'

/**
 * The node pools: each MachineDeployment and MachinePool, with what its provider's pools and Azure add; then those that only Azure
 * has. The operator's own list is up to an hour old and may still name a deleted pool, so it serves only where nobody declares any.
 */
export function poolsOf(
  family: Family,
  declared: readonly DeclaredPool[],
  listings: Listings,
  controlPlane: string | null,
): readonly NodePool[] {
  const names = new Set(declared.map(({ key }) => key))
  const listing = family.arm || declared.length > 0 ? listings.arm : listings.operator
  const others = [...listing].filter(([key]) => !names.has(key)).map(([, listed]) => listedPool(listed, controlPlane))
  return [...declared.map((one) => workerPool(family, one, listings, controlPlane)), ...others]
}

type Told = Pick<ListedPool, 'mode' | 'versionDeclared' | 'versionObserved' | 'nodeImage' | 'vmSize' | 'os'>

const toldBy = ({ facts }: Member): Told => ({
  ...facts.pool,
  ...defined({ versionDeclared: facts.versionDeclared, versionObserved: facts.versionObserved }),
})

function workerPool(family: Family, one: DeclaredPool, listings: Listings, controlPlane: string | null): NodePool {
  const { worker, behind, key } = one
  const azure = listings.arm.get(key)
  const told = [azure?.pool, ...repeatedOf(one, listings)]
  const pick = <K extends keyof Told>(field: K) => firstOf(told, field)
  const observed = versionOfPool(family, one, listings, azure?.teller.fresh === true)
  return {
    id: worker.id,
    name: worker.ref.name,
    kind: worker.ref.kind,
    mode: pick('mode'),
    versionDeclared: worker.facts.versionDeclared ?? pick('versionDeclared'),
    versionObserved: observed,
    ...imageOf(pick('nodeImage'), pick('os')),
    skewMinors: skewOf(controlPlane, observed),
    vmSize: pick('vmSize'),
    autoscaled: isAutoscaled(one) || azure?.pool.autoscaled === true,
    replicas: countsOf(worker.facts.replicas),
    health: worstOf([worker, ...behind, ...(azure ? [witnessOf(azure)] : [])]),
  }
}

/** What others than Azure say: of the objects, the farthest from the worker is the nearest to the machines. */
const repeatedOf = ({ behind, key }: DeclaredPool, { operator }: Listings): readonly (Told | undefined)[] => [
  ...behind.toReversed().map(toldBy),
  operator.get(key)?.pool,
]

const firstOf = <K extends keyof Told>(told: readonly (Told | undefined)[], field: K) =>
  told.find((one) => one?.[field] !== undefined)?.[field] ?? null

/**
 * What a pool's nodes run. Machineless pools make their counters up, and their versions are the kubelets': the provider's word comes
 * first.
 * @param isFresh whether Azure's word was heard lately.
 */
export function versionOfPool(family: Family, one: DeclaredPool, listings: Listings, isFresh: boolean): string | null {
  const repeated = firstOf(repeatedOf(one, listings), 'versionObserved') ?? one.worker.facts.versionObserved
  return runningVersionOf(
    listings.arm.get(one.key)?.pool.versionObserved ?? null,
    isFresh,
    repeated ?? versionOfMachines(family, one.worker),
  )
}

/** A pool that nobody declares. */
function listedPool(listed: Listed, controlPlane: string | null): NodePool {
  const { pool } = listed
  const observed = pool.versionObserved ?? null
  return {
    id: listedPoolId(listed),
    name: pool.name,
    kind: 'agentPools',
    mode: pool.mode ?? null,
    versionDeclared: pool.versionDeclared ?? null,
    versionObserved: observed,
    ...imageOf(pool.nodeImage ?? null, pool.os ?? null),
    skewMinors: skewOf(controlPlane, observed),
    vmSize: pool.vmSize ?? null,
    autoscaled: pool.autoscaled === true,
    replicas: countsOf(replicasOf(pool)),
    health: ownHealthOf(listed),
  }
}

/** Azure counts what it is to have, which is what it has once no operation is under way; of readiness it knows nothing. */
function replicasOf({ count, state = '', powerState }: ListedPool): Replicas {
  if (count === undefined) return {}
  if (powerState === 'Stopped') return { desired: count, current: 0 }
  return isAtWork(state) ? { desired: count } : { desired: count, current: count }
}

/** Alone, a pool is suspended and deleted by its own word. */
function ownHealthOf(listed: Listed): Health {
  const witness = witnessOf(listed)
  return witness.fresh ? witness.health : worstOf([witness])
}

function imageOf(nodeImage: string | null, os: string | null): Pick<NodePool, 'nodeImage' | 'imageReleasedAt' | 'os'> {
  const image = readNodeImage(nodeImage)
  const told = os?.toLowerCase()
  return { nodeImage, imageReleasedAt: image.releasedAt, os: told === 'linux' || told === 'windows' ? told : image.os }
}

/** The lowest kubelet among the machines under a worker. */
function versionOfMachines(family: Family, worker: Member): string | null {
  const sets = family.childrenOf(worker)
  const machines = [...sets, ...sets.flatMap((set) => family.childrenOf(set))].filter(
    (m) => family.partOf(m) === 'machine',
  )
  return lowestVersion(machines.map((machine) => machine.facts.versionObserved))
}
