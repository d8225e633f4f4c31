import type { Disagreement, Member } from '../cluster.ts'
import type { Facts } from '../observation.ts'
import { compared, declaredVersion, disagreement, type Said, said, sameDeclared, sameWord } from './comparison.ts'
import { type DeclaredPool, isAutoscaled } from './declared-pool.ts'
import type { Family } from './family.ts'
import type { Listed, Listings } from './listed-pool.ts'

/**
 * Node pools that are declared and those that Azure has, joined by their names in Azure (domain.md 4.4). Of what is missing on one
 * side, only somebody who lists pools can speak: nothing is said where no pool is declared at all (its kinds may not be read), or
 * where Azure lists none. A pool that Azure lists and that could not be read may be any of those it seems to lack; and one that is
 * declared under a name that nobody can tell, any that nobody seems to declare.
 */
export function poolDisagreements(
  family: Family,
  arm: Member,
  pools: readonly DeclaredPool[],
  { arm: listed }: Listings,
): readonly Disagreement[] {
  const declared = new Map(pools.map((one) => [one.key, one]))
  if (listed.size === 0 || declared.size === 0) return []
  const both = [...declared].flatMap(([key, one]) => {
    const theirs = listed.get(key)
    return theirs ? fieldsOf(one, theirs, arm) : missing(one, key, arm)
  })
  if (pools.some(({ key, isGuessed }) => isGuessed && !listed.has(key))) return both
  return [...both, ...undeclared(family, arm, new Set(declared.keys()))]
}

/** Declared, and not in Azure; unless it is on its way out. */
function missing({ worker, isGuessed }: DeclaredPool, key: string, arm: Member): readonly Disagreement[] {
  if (isGuessed || worker.health.state === 'Deleting' || arm.facts.unreadPools !== undefined) return []
  return [
    disagreement(`nodePools.${key}`, [
      { by: worker, value: key },
      { by: arm, value: null },
    ]),
  ]
}

/** In Azure, and nobody declares it: no object of its own, nor the managed cluster's. */
function undeclared({ cluster, managed }: Family, arm: Member, declared: ReadonlySet<string>): readonly Disagreement[] {
  const by = cluster ?? managed
  if (!by) return []
  const listedToo = new Set(managed?.facts.declared?.pools?.map((name) => name.toLowerCase()))
  return (arm.facts.pools ?? []).flatMap(({ name }) => {
    const key = name.toLowerCase()
    if (declared.has(key) || listedToo.has(key)) return []
    return [
      disagreement(`nodePools.${key}`, [
        { by, value: null },
        { by: arm, value: name },
      ]),
    ]
  })
}

type Setting = 'vmSize' | 'mode' | 'autoscaled'

/** What a pool's object asks for; one that does not keep it apart from what it found says nothing else. */
const asked = (setting: Setting) => (facts: Facts) => textOf((facts.declared?.pool ?? facts.pool)?.[setting])

type Pair = readonly [
  ours: Said | undefined,
  azure: string | undefined,
  agree: (ours: string, azure: string) => boolean,
]

function fieldsOf(one: DeclaredPool, { pool }: Listed, arm: Member): readonly Disagreement[] {
  const { worker, behind } = one
  const objects = [worker, ...behind]
  const autoscaled = pool.autoscaled === true || isAutoscaled(one)
  const differ = (field: string, [ours, azure, agree]: Pair) => {
    const theirs = azure === undefined ? undefined : { by: arm, value: azure }
    return compared(`nodePools.${pool.name.toLowerCase()}.${field}`, ours, theirs, agree)
  }
  const desired = autoscaled ? undefined : said(objects, ({ replicas }) => textOf(replicas?.desired))
  return [
    ...differ('version', [said(objects, declaredVersion), declaredVersion(pool), sameDeclared(arm)]),
    ...differ('replicas', [desired, textOf(pool.count), sameWord]),
    ...differ('vmSize', [said(behind, asked('vmSize')), pool.vmSize, sameWord]),
    ...differ('mode', [said(behind, asked('mode')), pool.mode, sameWord]),
    // The provider's objects alone: a MachinePool also says so of an autoscaler that Azure knows nothing of.
    ...differ('autoscaled', [said(behind, asked('autoscaled')), textOf(pool.autoscaled), sameWord]),
  ]
}

const textOf = (value: string | number | boolean | undefined): string | undefined =>
  value === undefined ? undefined : String(value)
