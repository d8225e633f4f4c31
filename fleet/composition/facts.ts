import type { ClusterFacts, Counts, Member, NodePool } from '../cluster.ts'
import { clusterNameOf } from '../families/azure-id.ts'
import type { ClusterName, Facts } from '../observation.ts'
import { clusterKind, kindKeyOf } from '../reference.ts'
import { lowestVersion, runningVersionOf } from '../version.ts'
import { componentsOf } from './component.ts'
import { countsOf, sumOf, workersOnCluster } from './counts.ts'
import type { Family } from './family.ts'
import { labelLayersOf, labelsOf } from './label.ts'
import { flavourOf, providerOf } from './nature.ts'

/** What is read of the cluster as a whole, not judged. */
type Read = Omit<
  ClusterFacts,
  | 'name'
  | 'source'
  | 'witnesses'
  | 'disagreements'
  | 'health'
  | 'gitops'
  | 'rootCause'
  | 'pools'
  | 'judgements'
  | 'endpoint'
  | 'managedBy'
  | 'rollouts'
  | 'topology'
  | 'reconcilers'
  | 'drift'
>

export function factsOf(family: Family, pools: readonly NodePool[]): Read {
  const { cluster, controlPlane, infrastructure, managed, arm, centre } = family
  const declarers = present([controlPlane, infrastructure, managed, arm])
  const labelLayers = labelLayersOf(family)
  return {
    kind: centre ? kindKeyOf(centre.ref) : clusterKind,
    objectId: centre?.id ?? null,
    labels: labelsOf(labelLayers),
    labelLayers,
    provider: providerOf(family) ?? first(declarers, ({ provider }) => provider),
    flavour: flavourOf(family),
    // Azure's own word before one that users write, or that is derived from names.
    region: first(present([arm, ...declarers]), ({ region }) => region),
    armId: first(present([arm, managed, ...declarers]), ({ armId }) => armId),
    ...azureFacts(family),
    unreadPools: unreadPoolsOf(family),
    components: componentsOf(family),
    skewMinors: worstSkew(pools),
    phase: cluster?.facts.phase ?? null,
    topologyClass: cluster?.facts.refs?.class?.name ?? null,
    createdAt: centre?.createdAt ?? null,
    // domain.md 4.2, step 2.
    versionDeclared: first(present([cluster, ...declarers]), ({ versionDeclared }) => versionDeclared),
    versionObserved: versionObservedOf(family, arm?.fresh === true),
    controlPlane: countsOf(controlPlane?.facts.replicas ?? cluster?.facts.replicas),
    workers: workersOf(family, pools),
  }
}

/** The cluster's name: that of the object it is composed around, whatever its parts call it. */
export function nameOf({ cluster, arm }: Family, fallback: ClusterName): ClusterName {
  if (cluster) return { namespace: cluster.ref.namespace, name: cluster.ref.name }
  if (!arm) return { namespace: fallback.namespace, name: fallback.name }
  const { armId = arm.ref.name, more } = arm.facts
  return clusterNameOf(armId, typeof more?.name === 'string' ? more.name : undefined)
}

/** `host:port` of the API server, in lower case: by the Cluster, else by Azure, else by what drives it. */
export function endpointOf({ cluster, arm, managed, controlPlane }: Family): string | null {
  return first(present([cluster, arm, managed, controlPlane]), ({ endpoint }) => endpoint)?.toLowerCase() ?? null
}

const present = (members: readonly (Member | null | undefined)[]): readonly Member[] =>
  members.filter((member) => member !== null && member !== undefined)

function first<T>(members: readonly Member[], pick: (facts: Facts) => T | undefined): T | null {
  for (const { facts } of members) {
    const value = pick(facts)
    if (value !== undefined) return value
  }
  return null
}

type AzureFacts = Pick<
  ClusterFacts,
  | 'resourceUid'
  | 'nodeResourceGroup'
  | 'createdBy'
  | 'supportPlan'
  | 'tier'
  | 'powerState'
  | 'upgradeChannel'
  | 'nodeOsUpgradeChannel'
>

/**
 * What Azure has by its own word, however old; else by what the operator repeats of it, else as it is asked for. Where Azure
 * testifies, its silence is an answer (azure.md 2.1), which no wish may fill.
 */
function azureFacts({ controlPlane, managed, arm }: Family): AzureFacts {
  const seers = present([arm, managed])
  const setting = (key: 'supportPlan' | 'tier' | 'upgradeChannel' | 'nodeOsUpgradeChannel') => {
    if (arm) return arm.facts[key] ?? null
    return managed?.facts[key] ?? first(present([controlPlane, managed]), ({ declared }) => declared?.[key])
  }
  return {
    resourceUid: first(seers, ({ resourceUid }) => resourceUid),
    nodeResourceGroup: first(present([...seers, controlPlane]), ({ nodeResourceGroup }) => nodeResourceGroup),
    createdBy: first(seers, ({ createdBy }) => createdBy),
    supportPlan: setting('supportPlan'),
    tier: setting('tier'),
    powerState: first(seers, ({ powerState }) => powerState),
    upgradeChannel: setting('upgradeChannel'),
    nodeOsUpgradeChannel: setting('nodeOsUpgradeChannel'),
  }
}

/** Azure's own list is the whole list, however old; the operator repeats it where Azure does not testify. */
function unreadPoolsOf({ arm, managed }: Family): number | null {
  const { pools, unreadPools } = (arm ?? managed)?.facts ?? {}
  return unreadPools ?? (pools ? 0 : null)
}

/**
 * domain.md 4.2, step 3. Azure tells what it runs now; Cluster API and the operator repeat what they last saw of it.
 * @param isFresh whether Azure's word was heard lately.
 */
export function versionObservedOf(family: Family, isFresh: boolean): string | null {
  const { cluster, controlPlane, managed, arm } = family
  const repeated = first(present([controlPlane, cluster, managed]), ({ versionObserved }) => versionObserved)
  return runningVersionOf(arm?.facts.versionObserved ?? null, isFresh, repeated ?? versionOfMachines(family))
}

/** A self-made control plane that tells no version: the lowest kubelet among its machines. */
function versionOfMachines(family: Family): string | null {
  const machines = family.members.filter((m) => family.partOf(m) === 'machine' && m.facts.more?.controlPlane === true)
  return lowestVersion(machines.map((machine) => machine.facts.versionObserved))
}

/** Nodes ahead of their control plane are worse than any that are behind: nobody allows them (azure.md 4.1). */
function worstSkew(pools: readonly NodePool[]): number | null {
  const skews = pools.flatMap(({ skewMinors }) => skewMinors ?? [])
  if (skews.length === 0) return null
  const newest = Math.min(...skews)
  return newest < 0 ? newest : Math.max(...skews)
}

/**
 * Workers of the whole cluster: the sum over its pools. The Cluster's own counters leave MachinePools out before Cluster
 * API 1.14 (domain.md 2.1), so they serve only where no pool is seen.
 */
function workersOf({ cluster }: Family, pools: readonly NodePool[]): Counts {
  return pools.length === 0
    ? countsOf(workersOnCluster(cluster?.facts.more))
    : sumOf(pools.map((pool) => pool.replicas))
}
