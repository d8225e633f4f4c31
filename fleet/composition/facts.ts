import type { ClusterFacts, Counts, Member } from '../cluster.ts'
import type { Facts, Replicas } from '../observation.ts'
import { lowestVersion } from '../version.ts'
import type { Family } from './family.ts'

/** Everything of a cluster that is read, not judged. */
type Read = Omit<ClusterFacts, 'name' | 'health' | 'gitops' | 'rootCause' | 'pools' | 'judgements'>

export function factsOf(family: Family): Read {
  const { cluster, controlPlane, infrastructure } = family
  const managed = behind(family)
  const witnesses = [controlPlane, infrastructure, managed].filter((member) => member !== undefined)
  const first = <T>(pick: (facts: Facts) => T | undefined): T | null => {
    for (const { facts } of witnesses) {
      const value = pick(facts)
      if (value !== undefined) return value
    }
    return null
  }
  return {
    objectId: cluster?.id ?? null,
    labels: cluster?.labels ?? {},
    provider: providerOf(family) ?? first((facts) => facts.provider),
    flavour: flavourOf(family),
    region: first((facts) => facts.region),
    // Azure's own word before one derived from names.
    armId: managed?.facts.armId ?? first((facts) => facts.armId),
    phase: cluster?.facts.phase ?? null,
    topologyClass: cluster?.facts.refs?.class?.name ?? null,
    createdAt: cluster?.createdAt ?? null,
    // domain.md 4.2, steps 2 and 3.
    versionDeclared: cluster?.facts.versionDeclared ?? first((facts) => facts.versionDeclared),
    versionObserved:
      controlPlane?.facts.versionObserved ??
      cluster?.facts.versionObserved ??
      managed?.facts.versionObserved ??
      versionOfMachines(family) ??
      null,
    controlPlane: countsOf(controlPlane?.facts.replicas ?? cluster?.facts.replicas),
    workers: workersOf(family),
  }
}

/** The Azure Service Operator's managed cluster behind an AKS control plane. */
function behind(family: Family): Member | undefined {
  return family.members.find(({ ref }) => ref.group === 'containerservice.azure.com' && ref.kind === 'ManagedCluster')
}

/** A self-made control plane that tells no version: the lowest kubelet among its machines. */
function versionOfMachines(family: Family): string | null {
  const machines = family.members.filter((m) => family.partOf(m) === 'machine' && m.facts.more?.controlPlane === true)
  return lowestVersion(machines.map((machine) => machine.facts.versionObserved))
}

const controlPlaneProviders: Readonly<Record<string, string>> = {
  AzureManagedControlPlane: 'aks',
  AzureASOManagedControlPlane: 'aks',
  AWSManagedControlPlane: 'eks',
  ROSAControlPlane: 'rosa',
  GCPManagedControlPlane: 'gke',
}

/** Who runs the control plane: by the kinds the Cluster refers to, seen or not. */
function providerOf(family: Family): string | undefined {
  const { controlPlane, infrastructure } = rolesOf(family)
  const managed = controlPlane === undefined ? undefined : controlPlaneProviders[controlPlane]
  return managed ?? (infrastructure === undefined ? undefined : cloudOf(infrastructure).toLowerCase())
}

function rolesOf({ cluster, controlPlane, infrastructure }: Family): {
  controlPlane?: string | undefined
  infrastructure?: string | undefined
} {
  const refs = cluster?.facts.refs
  return {
    controlPlane: refs?.controlPlane?.kind ?? controlPlane?.ref.kind,
    infrastructure: refs?.infrastructure?.kind ?? infrastructure?.ref.kind,
  }
}

/** `AzureCluster` → `Azure`, `AzureASOManagedCluster` → `Azure`, `DockerCluster` → `Docker`. */
function cloudOf(kind: string): string {
  return kind.replace(/Cluster$/, '').replace(/(?:ASO)?Managed$/, '') || kind
}

/** `AzureASOManaged`, `AzureManaged`, `AWSManaged`; with machines of one's own `AzureSelfManaged`, `DockerSelfManaged`. */
function flavourOf(family: Family): string | null {
  const { controlPlane, infrastructure } = rolesOf(family)
  if (controlPlane?.includes('Managed')) return controlPlane.replace(/ControlPlane$/, '')
  if (infrastructure === undefined) return null
  return infrastructure.includes('Managed')
    ? infrastructure.replace(/Cluster$/, '')
    : `${cloudOf(infrastructure)}SelfManaged`
}

/** Counters as columns: null is "not reported". */
export function countsOf(replicas: Replicas | undefined): Counts {
  return {
    desired: replicas?.desired ?? null,
    current: replicas?.current ?? null,
    ready: replicas?.ready ?? null,
    available: replicas?.available ?? null,
    upToDate: replicas?.upToDate ?? null,
  }
}

const counters = ['desired', 'current', 'ready', 'available', 'upToDate'] as const

/**
 * Workers of the whole cluster: the sum over its pools. The Cluster's own counters leave MachinePools out before Cluster
 * API 1.14 (domain.md 2.1), so they serve only where no pool is seen.
 */
function workersOf(family: Family): Counts {
  const pools = family.members.filter((member) => family.partOf(member) === 'workers')
  if (pools.length === 0) return countsOf(workersOnCluster(family.cluster?.facts.more))
  const sums = { ...countsOf(undefined) } as { -readonly [K in keyof Counts]: Counts[K] } // a fresh copy may be written
  for (const { facts } of pools) {
    for (const counter of counters) {
      const value = facts.replicas?.[counter]
      if (value !== undefined) sums[counter] = (sums[counter] ?? 0) + value
    }
  }
  return sums
}

function workersOnCluster(more: Facts['more']): Replicas {
  const replicas: { -readonly [K in keyof Replicas]: Replicas[K] } = {}
  for (const counter of counters) {
    const value = more?.[`workers${counter.charAt(0).toUpperCase()}${counter.slice(1)}`]
    if (typeof value === 'number') replicas[counter] = value
  }
  return replicas
}
