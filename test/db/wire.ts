import { hash } from 'node:crypto'
import type { Continuation, Delivery, Proof } from '../../fleet/delivery.ts'
import type { KindKey, ObjectRef } from '../../fleet/reference.ts'

export const at = (minute: number, second = 0): Date => new Date(Date.UTC(2026, 0, 1, 12, minute, second))

export const deploymentKind: KindKey = 'cluster.x-k8s.io/MachineDeployment'

type Status = 'True' | 'False' | 'Unknown'

/** With a resourceVersion that follows from the content, as a server's moves with it. */
function versioned<T extends { readonly metadata: object }>(object: T) {
  const resourceVersion = String(Number.parseInt(hash('sha256', JSON.stringify(object), 'hex').slice(0, 8), 16))
  return { ...object, metadata: { ...object.metadata, resourceVersion } }
}

/** A MachineDeployment as an API server gives it. */
export function deployment(
  name: string,
  given: {
    cluster?: string
    replicas?: number
    ready?: number
    version?: string
    generation?: number
    observed?: number
    available?: Status
    uid?: string
    deleting?: string
    paused?: boolean
    more?: readonly object[]
  } = {},
) {
  const {
    cluster = 'one',
    replicas = 3,
    ready = replicas,
    version = 'v1.33.4',
    generation = 1,
    observed = generation,
  } = given
  const { available = 'True', uid = `uid-${name}`, deleting, more = [] } = given
  return versioned({
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    kind: 'MachineDeployment',
    metadata: {
      name,
      namespace: 'fleet',
      uid,
      generation,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(deleting ? { deletionTimestamp: deleting } : {}),
      labels: { 'cluster.x-k8s.io/cluster-name': cluster },
    },
    spec: { clusterName: cluster, replicas, template: { spec: { version, clusterName: cluster } } },
    status: {
      observedGeneration: observed,
      replicas,
      readyReplicas: ready,
      availableReplicas: ready,
      upToDateReplicas: replicas,
      phase: 'Running',
      conditions: [
        condition('Available', available, available === 'True' ? 'Available' : 'NotAvailable', generation),
        ...more,
      ],
    },
  })
}

export const condition = (type: string, status: Status, reason: string, observedGeneration = 1, message = '') => ({
  type,
  status,
  reason,
  message,
  observedGeneration,
  lastTransitionTime: '2026-01-01T11:00:00Z',
})

export function cluster(name: string, given: { available?: Status; labels?: Record<string, string> } = {}) {
  const { available = 'True', labels = {} } = given
  return versioned({
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    kind: 'Cluster',
    metadata: {
      name,
      namespace: 'fleet',
      uid: `uid-${name}`,
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels,
    },
    spec: {},
    status: { observedGeneration: 1, phase: 'Provisioned', conditions: [condition('Available', available, 'Because')] },
  })
}

/** A ConfigMap-like object of a kind nobody knows, owned by another. */
export const owned = (kind: string, name: string, owner: { kind: string; name: string } | null) => ({
  apiVersion: 'example.org/v1',
  kind,
  metadata: {
    name,
    namespace: 'fleet',
    uid: `uid-${name}`,
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(owner
      ? {
          ownerReferences: [
            {
              apiVersion: owner.kind === 'MachineDeployment' ? 'cluster.x-k8s.io/v1beta2' : 'example.org/v1',
              uid: 'u',
              controller: true,
              ...owner,
            },
          ],
        }
      : {}),
  },
  status: { observedGeneration: 1, conditions: [condition('Ready', 'True', 'Fine')] },
})

export const refOf = (name: string, kind: KindKey = deploymentKind): ObjectRef => {
  const [group = '', type = ''] = kind.split('/')
  return { group, kind: type, namespace: 'fleet', name }
}

type Told = {
  objects?: readonly unknown[]
  kind?: KindKey
  source?: string
  gone?: readonly ObjectRef[]
  rejected?: Delivery['rejected']
}

const delivery = (observedAt: Date, proof: Proof, told: Told): Delivery => ({
  source: told.source ?? 'weu',
  kind: told.kind ?? deploymentKind,
  observedAt,
  objects: told.objects ?? [],
  gone: told.gone ?? [],
  rejected: told.rejected ?? [],
  proof,
})

/** A LIST that fits one page. */
export const listed = (when: Date, objects: readonly unknown[], told: Told = {}): Delivery =>
  delivery(
    when,
    {
      as: 'end',
      run: { id: `run-${when.toISOString()}`, startedAt: when },
      page: 0,
      cursor: `rv-${when.getTime()}`,
      consistent: true,
    },
    { ...told, objects },
  )

const next: Continuation = { token: 'more', limit: 500 }

/** A page of a LIST begun at `startedAt`. */
export const page = (startedAt: Date, n: number, objects: readonly unknown[], told: Told = {}): Delivery =>
  delivery(
    startedAt,
    { as: 'page', run: { id: `run-${startedAt.toISOString()}`, startedAt }, page: n, next },
    { ...told, objects },
  )

export const end = (
  startedAt: Date,
  n: number,
  objects: readonly unknown[],
  told: Told & { consistent?: boolean } = {},
): Delivery =>
  delivery(
    startedAt,
    {
      as: 'end',
      run: { id: `run-${startedAt.toISOString()}`, startedAt },
      page: n,
      cursor: `rv-${startedAt.getTime()}`,
      consistent: told.consistent ?? true,
    },
    { ...told, objects },
  )

export const pushed = (when: Date, objects: readonly unknown[], told: Told = {}): Delivery =>
  delivery(when, { as: 'delta' }, { ...told, objects })

export const caughtUp = (when: Date, objects: readonly unknown[], told: Told = {}): Delivery =>
  delivery(when, { as: 'caughtUp', cursor: `rv-${when.getTime()}` }, { ...told, objects })
