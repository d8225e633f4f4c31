import type { Member } from '../cluster.ts'
import type { Family } from './family.ts'

/** An object that declares a pool, the provider's objects behind it, near to far, and the pool's name there in lower case. */
export interface DeclaredPool {
  readonly worker: Member
  readonly behind: readonly Member[]
  readonly key: string
  /** The name is a guess by the worker's own: what it refers to is not seen, and may be called anything. */
  readonly isGuessed: boolean
}

/** Every MachineDeployment and MachinePool of the cluster. */
export function declaredPoolsOf(family: Family): readonly DeclaredPool[] {
  const workers = family.members.filter((member) => family.partOf(member) === 'workers')
  return workers.map((worker) => {
    const behind = providersOf(family, worker)
    const isGuessed = behind.length === 0 && worker.facts.refs?.infrastructure !== undefined
    return { worker, behind, key: keyOf(worker, behind), isGuessed }
  })
}

function keyOf(worker: Member, behind: readonly Member[]): string {
  const named = behind.findLast(({ facts }) => facts.pool?.name !== undefined)
  return (named?.facts.pool?.name ?? worker.ref.name).toLowerCase()
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

/** Somebody else sets its replicas: they are nobody's declaration (azure.md 2.1), whoever the autoscaler belongs to. */
export const isAutoscaled = ({ worker, behind }: DeclaredPool): boolean =>
  [worker, ...behind].some(({ facts }) => facts.pool?.autoscaled === true)
