import { bare, tagsOf, type Workload } from '../workload.ts'
import { minorOf } from './offer.ts'
import type { AksPool, AksResource } from './resource.ts'

/** A field, and what is said of it by whoever declares the cluster and by Azure. */
export interface TrueDisagreement {
  readonly field: string
  readonly declared: string
  readonly other: string | null
}

type Compared = readonly [field: string, declared: string, other: string | null]

/** Fields on which Azure has something else than what Cluster API asked it for. */
export function disagreementsOf(workload: Workload, resource: AksResource): readonly TrueDisagreement[] {
  const tags = Object.entries(tagsOf(workload)).map(
    ([key, value]) => [`tags.${key}`, value, resource.tags[key] ?? null] as const,
  )
  const atRest = workload.paused || workload.stage === 'Deleting'
  const compared: readonly Compared[] = [
    ['kubernetes.declared', ...asked(resource, workload.version, resource.version)],
    ['kubernetes.observed', bare(workload.running), resource.running],
    ['supportPlan', workload.supportPlan, resource.supportPlan],
    ['tier', workload.tier, resource.tier],
    ['autoUpgradeChannel', workload.upgradeChannel, resource.upgradeChannel],
    ['nodeOsUpgradeChannel', workload.nodeOsUpgradeChannel, resource.nodeOsUpgradeChannel],
    // Both at rest is an intended freeze.
    ...(atRest ? [] : [['powerState', 'Running', resource.power] as const]),
    ...tags,
    ...resource.pools.flatMap((pool) => poolFields(workload, resource, pool)),
  ]
  return compared
    .filter(([, declared, other]) => declared !== other)
    .map(([field, declared, other]) => ({ field, declared, other }))
}

function poolFields(workload: Workload, resource: AksResource, pool: AksPool): readonly Compared[] {
  const declared = workload.pools.find(({ name }) => name === pool.name)
  if (declared === undefined) return []
  return [
    [`nodePools.${pool.name}.version`, ...asked(resource, declared.version, pool.version)],
    // What the autoscaler decides is nobody's declaration.
    ...(pool.autoscaled
      ? []
      : [[`nodePools.${pool.name}.replicas`, String(declared.replicas), String(pool.count)] as const]),
  ]
}

/** An alias names every patch of its minor; and where AKS upgrades by itself, what was asked for is expected to stay behind. */
function asked({ upgradeChannel }: AksResource, declared: string, other: string): readonly [string, string] {
  const wanted = bare(declared)
  const upgradesItself = upgradeChannel === 'patch' || upgradeChannel === 'stable' || upgradeChannel === 'rapid'
  if (other === minorOf(wanted) || (upgradesItself && isOlder(wanted, other))) return [other, other]
  return [wanted, other]
}

function isOlder(a: string, b: string): boolean {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number))
  const at = [0, 1, 2].find((i) => x?.[i] !== y?.[i])
  return at !== undefined && (x?.[at] ?? 0) < (y?.[at] ?? 0)
}

/** Two management clusters that claim one cluster. */
export function rivalry(
  claims: readonly { readonly truth: { readonly source: string; readonly namespace: string; readonly name: string } }[],
): readonly TrueDisagreement[] {
  const [first, second] = claims.map(({ truth: { source, namespace, name } }) => `${source}/${namespace}/${name}`)
  if (first === undefined || second === undefined) return []
  return [{ field: 'managementCluster', declared: first, other: second }]
}
