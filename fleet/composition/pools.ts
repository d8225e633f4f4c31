import type { Member, NodePool } from '../cluster.ts'
import { isAtWork } from '../families/aks-operation.ts'
import type { Health } from '../health.ts'
import type { ListedPool, Replicas } from '../observation.ts'
import { readNodeImage } from '../support/node-image.ts'
import { skewOf } from '../support/skew.ts'
import { lowestVersion, runningVersionOf } from '../version.ts'
import { defined } from '../wire.ts'
import { countsOf } from './counts.ts'
import type { Family } from './family.ts'
import { type Listed, type Listings, listedPoolId, listingsOf, witnessOf } from './listed-pool.ts'
import { worstOf } from './roll-up.ts'

/**
 * The node pools: each MachineDeployment and MachinePool, with what its provider's pools and Azure add; then those that only Azure
 * has. The operator's own list is up to an hour old and may still name a deleted pool, so it serves only where nobody declares any.
 */
export function poolsOf(family: Family, controlPlane: string | null): readonly NodePool[] {
  const listings = listingsOf(family)
  const workers = family.members.filter((member) => family.partOf(member) === 'workers')
  const declared = workers.map((worker) => ({ worker, behind: providersOf(family, worker) }))
  const names = new Set(declared.map(poolKeyOf))
  const listing = family.arm || workers.length > 0 ? listings.arm : listings.operator
  const others = [...listing].filter(([key]) => !names.has(key)).map(([, listed]) => listedPool(listed, controlPlane))
  return [...declared.map((one) => workerPool(family, one, listings, controlPlane)), ...others]
}

/** An object that declares a pool, and the provider's objects behind it, near to far. */
export interface DeclaredPool {
  readonly worker: Member
  readonly behind: readonly Member[]
}

/** The pool's name at its provider, in lower case. */
export function poolKeyOf({ worker, behind }: DeclaredPool): string {
  const named = behind.toReversed().find(({ facts }) => facts.pool?.name !== undefined)
  return (named?.facts.pool?.name ?? worker.ref.name).toLowerCase()
}

type Told = Pick<ListedPool, 'mode' | 'versionDeclared' | 'versionObserved' | 'nodeImage' | 'vmSize' | 'os'>

const toldBy = ({ facts }: Member): Told => ({
  ...facts.pool,
  ...defined({ versionDeclared: facts.versionDeclared, versionObserved: facts.versionObserved }),
})

function workerPool(family: Family, one: DeclaredPool, listings: Listings, controlPlane: string | null): NodePool {
  const { worker, behind } = one
  const key = poolKeyOf(one)
  const azure = listings.arm.get(key)
  const operator = listings.operator.get(key)
  // Azure knows what it runs; of the objects, the farthest from the worker is the nearest to the machines.
  const objects = behind.toReversed().map(toldBy)
  const repeated = [...objects, operator?.pool]
  const first = <K extends keyof Told>(told: readonly (Told | undefined)[], field: K) =>
    told.find((one) => one?.[field] !== undefined)?.[field] ?? null
  const pick = <K extends keyof Told>(field: K) => first([azure?.pool, ...repeated], field)
  // Machineless pools make their counters up, and their versions are the kubelets': the provider's word comes first.
  const observed = runningVersionOf(
    azure?.pool.versionObserved ?? null,
    azure?.teller.fresh === true,
    first(repeated, 'versionObserved') ?? worker.facts.versionObserved ?? versionOfMachines(family, worker),
  )
  const isAutoscaled = [worker, ...behind].some(({ facts }) => facts.pool?.autoscaled === true)
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
    autoscaled: isAutoscaled || azure?.pool.autoscaled === true,
    replicas: countsOf(worker.facts.replicas),
    health: worstOf([worker, ...behind, ...(azure ? [witnessOf(azure)] : [])]),
  }
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

/** Objects of part `pool` behind a worker, near to far: by owner, by the worker's reference, by a child's name. */
export function providersOf(family: Family, worker: Member): readonly Member[] {
  const found: Member[] = []
  const referenced = worker.facts.refs?.infrastructure
  const queue = [...family.childrenOf(worker), ...(referenced ? [family.named(referenced)] : [])]
  for (const member of queue) {
    if (!member || found.includes(member) || family.partOf(member) !== 'pool') continue
    found.push(member)
    queue.push(...family.childrenOf(member))
    for (const child of member.facts.children ?? [])
      queue.push(family.named({ ...child, namespace: member.ref.namespace }))
  }
  return found
}

/** The lowest kubelet among the machines under a worker. */
function versionOfMachines(family: Family, worker: Member): string | null {
  const sets = family.childrenOf(worker)
  const machines = [...sets, ...sets.flatMap((set) => family.childrenOf(set))].filter(
    (m) => family.partOf(m) === 'machine',
  )
  return lowestVersion(machines.map((machine) => machine.facts.versionObserved))
}
