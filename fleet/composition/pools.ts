import type { Member, NodePool } from '../cluster.ts'
import { lowestVersion } from '../version.ts'
import { countsOf } from './facts.ts'
import type { Family } from './family.ts'
import { worstOf } from './roll-up.ts'

/** The node pools: each MachineDeployment and MachinePool, with what its provider's pools add. */
export function poolsOf(family: Family): readonly NodePool[] {
  const workers = family.members.filter((member) => family.partOf(member) === 'workers')
  return workers.map((worker) => poolOf(family, worker))
}

function poolOf(family: Family, worker: Member): NodePool {
  const behind = providersOf(family, worker)
  // The farthest from the worker is the nearest to the machines: it knows what runs.
  const nearest = behind.toReversed()
  const pick = <T>(read: (member: Member) => T | undefined): T | null => {
    for (const member of nearest) {
      const value = read(member)
      if (value !== undefined) return value
    }
    return null
  }
  return {
    id: worker.id,
    name: worker.ref.name,
    kind: worker.ref.kind,
    mode: pick(({ facts }) => facts.pool?.mode),
    versionDeclared: worker.facts.versionDeclared ?? pick(({ facts }) => facts.versionDeclared),
    // Machineless pools make their counters up, and their versions are the kubelets': the provider's word comes first.
    versionObserved:
      pick(({ facts }) => facts.versionObserved) ?? worker.facts.versionObserved ?? versionOfMachines(family, worker),
    nodeImage: pick(({ facts }) => facts.pool?.nodeImage),
    vmSize: pick(({ facts }) => facts.pool?.vmSize),
    autoscaled: [worker, ...behind].some(({ facts }) => facts.pool?.autoscaled === true),
    replicas: countsOf(worker.facts.replicas),
    health: worstOf([worker, ...behind]),
  }
}

/** Objects of part `pool` behind a worker, near to far: by owner, by the worker's reference, by a child's name. */
function providersOf(family: Family, worker: Member): readonly Member[] {
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
