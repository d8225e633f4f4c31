import type { Facts, ListedPool, Pool } from '../observation.ts'
import { parseVersion } from '../version.ts'
import { bool, defined, definedOrNone, int, isRecord, list, record, shapeOf, text, type Wire } from '../wire.ts'
import { settingsOf } from './aks-settings.ts'

/**
 * What Azure says of a managed cluster. `properties` are ARM's, or the status of Azure Service Operator, which has them flat; both
 * use the names of the REST API (azure.md 1.2). Nothing else is taken over: profiles hold keys and client ids.
 */
export function managedClusterFacts(properties: Wire, tier: unknown): Facts {
  const fqdn = text(properties.fqdn) ?? text(properties.privateFQDN)
  const upgrade = record(properties.autoUpgradeProfile)
  return defined({
    provider: 'aks',
    versionObserved: text(properties.currentKubernetesVersion),
    endpoint: fqdn === undefined ? undefined : `${fqdn}:443`,
    resourceUid: text(properties.resourceUID),
    nodeResourceGroup: text(properties.nodeResourceGroup),
    supportPlan: text(properties.supportPlan),
    tier: text(tier),
    powerState: text(record(properties.powerState).code),
    upgradeChannel: text(upgrade.upgradeChannel),
    nodeOsUpgradeChannel: text(upgrade.nodeOSUpgradeChannel),
    settings: settingsOf(properties),
  })
}

/** What an object asks of a managed cluster, in the words of the REST API: Azure Service Operator's spec. */
export function declaredCluster(spec: Wire): Facts['declared'] {
  const upgrade = record(spec.autoUpgradeProfile)
  return definedOrNone({
    tier: text(record(spec.sku).tier),
    supportPlan: text(spec.supportPlan),
    upgradeChannel: text(upgrade.upgradeChannel),
    nodeOsUpgradeChannel: text(upgrade.nodeOSUpgradeChannel),
    tags: tagsOf(spec.tags),
    pools: namesOf(spec.agentPoolProfiles),
    settings: settingsOf(spec),
  })
}

/** Tags, in the order of their keys, so that equal ones are stored as equal; what is no text is left out. */
export function tagsOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isRecord(value)) return undefined
  const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return entries.length === 0 ? undefined : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function namesOf(profiles: unknown): readonly string[] | undefined {
  const names = list(profiles).flatMap((profile) => text(record(profile).name) ?? [])
  return names.length === 0 ? undefined : names
}

/** The same fields of a node pool wherever the REST API has them: in a profile of its cluster, or in an object of its own. */
export function agentPool(profile: Wire): Omit<Pool, 'name'> {
  return defined({
    mode: text(profile.mode),
    nodeImage: text(profile.nodeImageVersion),
    vmSize: text(profile.vmSize) ?? onlySizeOf(profile),
    autoscaled: bool(profile.enableAutoScaling),
    os: text(profile.osType),
  })
}

/** What a list of pools gives, and one sentence for each entry that could not be read. */
export interface PoolList {
  readonly facts: Pick<Facts, 'pools' | 'unreadPools'>
  readonly rejected: readonly string[]
}

/** `agentPoolProfiles`; absent where the cluster has none of its own to show (azure.md 2.1). */
export function listedPools(value: unknown): PoolList {
  if (value === undefined || value === null) return { facts: {}, rejected: [] }
  if (!Array.isArray(value))
    return { facts: { unreadPools: 1 }, rejected: [`agentPoolProfiles is ${shapeOf(value)}, not a list`] }
  const pools: ListedPool[] = []
  const rejected: string[] = []
  for (const [n, profile] of value.entries()) {
    const name = isRecord(profile) ? text(profile.name) : undefined
    if (!isRecord(profile)) rejected.push(`agentPoolProfiles[${n}] is ${shapeOf(profile)}, not an object`)
    else if (name === undefined) rejected.push(`agentPoolProfiles[${n}] has no name`)
    else pools.push(listedPool(name, profile))
  }
  return { facts: { pools, ...(rejected.length === 0 ? {} : { unreadPools: rejected.length }) }, rejected }
}

function listedPool(name: string, profile: Wire): ListedPool {
  const declared = text(profile.orchestratorVersion)
  return {
    name,
    ...agentPool(profile),
    ...defined({
      versionDeclared: declared,
      // What was asked for stands for what runs only where it names a patch (azure.md 4.2).
      versionObserved: text(profile.currentOrchestratorVersion) ?? (hasPatch(declared) ? declared : undefined),
      count: int(profile.count) ?? nodesOf(profile),
      countMin: int(profile.minCount),
      countMax: int(profile.maxCount),
      state: text(profile.provisioningState),
      powerState: text(record(profile.powerState).code),
    }),
  }
}

const hasPatch = (version: string | undefined): boolean =>
  version !== undefined && (parseVersion(version)?.patch ?? null) !== null

/** A pool of single virtual machines has sizes and counts instead of one size and count (azure.md 2.1). */
function nodesOf(profile: Wire): number | undefined {
  const counts = list(profile.virtualMachineNodesStatus).map((size) => int(record(size).count) ?? 0)
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0)
}

function onlySizeOf(profile: Wire): string | undefined {
  const sizes = new Set(list(profile.virtualMachineNodesStatus).flatMap((size) => text(record(size).size) ?? []))
  const [size] = sizes
  return sizes.size === 1 ? size : undefined
}
