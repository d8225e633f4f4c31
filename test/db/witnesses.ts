import { type SQL, sql } from 'drizzle-orm'
import { rowsOf, type Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { settle } from '../../db/settle.ts'
import type { Delivery } from '../../fleet/delivery.ts'
import { armClusterKind, clusterKind, type KindKey } from '../../fleet/reference.ts'
import { at, cluster, listed } from './wire.ts'

export const controlPlaneKind: KindKey = 'infrastructure.cluster.x-k8s.io/AzureManagedControlPlane'
export const managedClusterKind: KindKey = 'containerservice.azure.com/ManagedCluster'
const subscription = '11111111-1111-4111-8111-111111111111'
export const azure = `corp/${subscription}`
export const armIdOf = (name: string) =>
  `/subscriptions/${subscription}/resourceGroups/rg-${name}/providers/Microsoft.ContainerService/managedClusters/${name}`
export const armClaimOf = (name: string) => `arm:${armIdOf(name).toLowerCase()}`

export const sourceOf = (id: string) => ({
  id,
  type: id === azure ? ('azure' as const) : ('managementCluster' as const),
  region: null,
  labels: {},
  everyMs: 60_000,
  staleAfterMs: 180_000,
  parentId: null,
  polled: true,
  armId: null,
})

/** ARM ids are case-insensitive, and no two APIs spell one alike. */
export const spellings = ['documented', 'lower', 'mixed'] as const
export type Spelling = (typeof spellings)[number]

const spelled: Record<Spelling, (id: string) => string> = {
  documented: (id) => id,
  lower: (id) => id.toLowerCase(),
  mixed: (id) => id.replace('/resourceGroups/', '/resourcegroups/'),
}

/** An AKS cluster as Azure lists it. */
export const inAzure = (
  name: string,
  given: { uid?: string; state?: string; spelling?: Spelling; pools?: readonly string[] } = {},
) => {
  const { uid = 'uid-1', state = 'Succeeded', spelling = 'mixed', pools = [] } = given
  return {
    id: spelled[spelling](armIdOf(name)),
    name,
    type: 'Microsoft.ContainerService/ManagedClusters',
    location: 'westeurope',
    tags: { environment: 'prod' },
    sku: { name: 'Base', tier: 'Standard' },
    properties: {
      provisioningState: state,
      powerState: { code: 'Running' },
      kubernetesVersion: '1.33.4',
      currentKubernetesVersion: '1.33.4',
      resourceUID: uid,
      agentPoolProfiles: pools.map((pool) => ({
        name: pool,
        count: 2,
        mode: 'System',
        provisioningState: 'Succeeded',
        powerState: { code: 'Running' },
        orchestratorVersion: '1.33.4',
        currentOrchestratorVersion: '1.33.4',
      })),
    },
  }
}

/** What a management cluster declares: a Cluster, and the AKS cluster it stands for. */
export interface Declaration {
  readonly name: string
  readonly namespace?: string
  /** The AKS cluster's name; else the Cluster's. */
  readonly aks?: string
  /** Its resource group; else `rg-` and its name. */
  readonly group?: string
  readonly paused?: boolean
  readonly spelling?: Spelling
  /** Which Cluster object of that name: a deleted one that is declared again is another. */
  readonly born?: number
}

// Follows from the content, as a server's resourceVersion moves with it.
const versionOf = (declaration: Declaration) => JSON.stringify(declaration)

export const declared = (declaration: Declaration) => {
  const { name, namespace = 'fleet', aks = name, paused = false, born = 0 } = declaration
  const { metadata, ...made } = cluster(name)
  return {
    ...made,
    metadata: {
      ...metadata,
      namespace,
      uid: `uid-${name}-${born}`,
      creationTimestamp: at(born).toISOString(),
      resourceVersion: versionOf(declaration),
    },
    spec: {
      controlPlaneRef: { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'AzureManagedControlPlane', name: aks },
      ...(paused ? { paused } : {}),
    },
  }
}

export const controlPlane = (declaration: Declaration) => {
  const { name, namespace = 'fleet', aks = name, group = `rg-${aks}`, spelling = 'documented' } = declaration
  return {
    apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1',
    kind: 'AzureManagedControlPlane',
    metadata: {
      name: aks,
      namespace,
      uid: `cp-${name}-${aks}`,
      resourceVersion: versionOf(declaration),
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { 'cluster.x-k8s.io/cluster-name': name },
    },
    spec: {
      subscriptionID: subscription,
      resourceGroupName: spelling === 'mixed' ? group.toUpperCase() : group,
      version: 'v1.33.4',
      location: 'westeurope',
    },
    status: { ready: true, initialized: true, version: 'v1.33.4' },
  }
}

/** The Azure Service Operator's object for the AKS cluster behind a Cluster; it repeats what ARM answered last. */
export const managedCluster = (name: string, aks: string, uid?: string) => ({
  apiVersion: 'containerservice.azure.com/v1api20240901',
  kind: 'ManagedCluster',
  metadata: {
    name: `aks-${name}`,
    namespace: 'fleet',
    uid: `aks-${name}`,
    resourceVersion: `aks-${name}`,
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { 'cluster.x-k8s.io/cluster-name': name },
  },
  spec: { azureName: aks, kubernetesVersion: '1.33.4' },
  status: {
    id: armIdOf(aks),
    ...(uid === undefined ? {} : { resourceUID: uid }),
    currentKubernetesVersion: '1.33.4',
    conditions: [],
  },
})

/** Lets witnesses speak to a store, minute by minute, and asks what came of it. */
export function witnessesOf(store: () => Store) {
  const take = (delivery: Delivery) => ingest(store().db, delivery, { receivedAt: delivery.observedAt })
  const rows = (statement: SQL) => rowsOf<Record<string, unknown>>(store().db, statement)
  return {
    take,
    rows,
    clusters: () =>
      rows(sql`select id, source_id, kind, name, witnesses, gone_at is not null as gone from cluster
        order by gone_at nulls first, name`),
    claims: async () => (await rows(sql`select claim from binding order by claim`)).map(({ claim }) => String(claim)),
    inCluster: async (minute: number, source: string, names: readonly string[], given: { paused?: boolean } = {}) => {
      const declarations = names.map((name) => ({ name, ...given }))
      await take(listed(at(minute), declarations.map(declared), { kind: clusterKind, source }))
      const controlPlanes = names.map((name) => controlPlane({ name }))
      await take(listed(at(minute), controlPlanes, { kind: controlPlaneKind, source }))
    },
    inArm: (minute: number, objects: readonly unknown[]) =>
      take(listed(at(minute), objects, { kind: armClusterKind, source: azure })),
    settled: (minute: number) => settle(store().db, at(minute)),
  }
}
