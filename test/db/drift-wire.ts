import type { KindKey } from '../../fleet/reference.ts'
import { at, condition } from './wire.ts'

// Objects of GitOps tools as an API server gives them; what a test does not care about is well.

export const kustomizations: KindKey = 'kustomize.toolkit.fluxcd.io/Kustomization'
export const repositories: KindKey = 'source.toolkit.fluxcd.io/GitRepository'
export const helmRepositories: KindKey = 'source.toolkit.fluxcd.io/HelmRepository'
export const charts: KindKey = 'source.toolkit.fluxcd.io/HelmChart'
export const releases: KindKey = 'helm.toolkit.fluxcd.io/HelmRelease'
export const applications: KindKey = 'argoproj.io/Application'
export const machines: KindKey = 'cluster.x-k8s.io/Machine'

/** A commit of the branch `main`. */
export const commit = (digit: string): string => `main@sha1:${digit.repeat(40)}`

interface Meta {
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
}

/** Without a resourceVersion it is read whenever it is delivered; equal content is found unchanged all the same. */
function made(kind: KindKey, name: string, version: string, { namespace = 'fleet', labels = {} }: Meta, rest: object) {
  const [group, type] = kind.split('/')
  return {
    apiVersion: `${group}/${version}`,
    kind: type,
    metadata: {
      name,
      namespace,
      labels,
      uid: `uid-${namespace}-${name}`,
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    ...rest,
  }
}

const ready = (isReady = true, reason = 'Why') => [condition('Ready', isReady ? 'True' : 'False', reason)]

interface Offered {
  /** What it offers; minute at which it did so first. */
  readonly revision?: string
  readonly minute?: number
  readonly failing?: boolean
  readonly suspended?: boolean
}

const offer = ({ revision = commit('a'), minute = 0, failing = false }: Offered) => ({
  status: {
    observedGeneration: 1,
    artifact: { revision, lastUpdateTime: at(minute).toISOString() },
    conditions: failing
      ? [condition('FetchFailed', 'True', 'GitOperationFailed'), ...ready(false, 'GitOperationFailed')]
      : ready(),
  },
})

export const repository = (name: string, given: Offered = {}) =>
  made(
    repositories,
    name,
    'v1',
    {},
    {
      spec: { url: `https://git.example.org/${name}`, interval: '1m', suspend: given.suspended ?? false },
      ...offer(given),
    },
  )

export const helmRepository = (name: string, given: Offered = {}) =>
  made(
    helmRepositories,
    name,
    'v1',
    {},
    { spec: { url: 'https://charts.example.org', interval: '1m' }, ...offer(given) },
  )

export const chart = (name: string, from: string, given: Offered = {}) =>
  made(
    charts,
    name,
    'v1',
    {},
    {
      spec: { chart: 'ingress', version: '*', sourceRef: { kind: 'HelmRepository', name: from }, interval: '1m' },
      ...offer({ revision: '1.0.0', ...given }),
    },
  )

interface Applied {
  readonly from?: string
  readonly revision?: string
  readonly attempted?: string
  readonly suspended?: boolean
  /** The Secret with the kubeconfig it uses; none: it acts where it lives. */
  readonly secret?: string | undefined
  readonly namespace?: string
}

const kubeConfig = (secret?: string) => (secret ? { kubeConfig: { secretRef: { name: secret } } } : {})

export function kustomization(name: string, given: Applied = {}) {
  const { from = 'infra', revision = commit('a'), attempted = revision, suspended = false, secret } = given
  return made(kustomizations, name, 'v1', given.namespace ? { namespace: given.namespace } : {}, {
    spec: {
      interval: '5m',
      path: `./${name}`,
      suspend: suspended,
      sourceRef: { kind: 'GitRepository', name: from },
      ...kubeConfig(secret),
    },
    status: {
      observedGeneration: 1,
      lastAppliedRevision: revision,
      lastAttemptedRevision: attempted,
      conditions: ready(),
    },
  })
}

/** A release of `fleet-<name>`, the HelmChart that its template makes. */
export function release(name: string, given: Applied = {}) {
  const { from = 'charts', revision = '1.0.0', secret } = given
  return made(
    releases,
    name,
    'v2',
    {},
    {
      spec: {
        interval: '5m',
        chart: { spec: { chart: 'ingress', version: '*', sourceRef: { kind: 'HelmRepository', name: from } } },
        driftDetection: { mode: 'enabled' },
        ...kubeConfig(secret),
      },
      status: {
        observedGeneration: 1,
        helmChart: `fleet/fleet-${name}`,
        lastAttemptedRevision: revision,
        history: [{ chartName: 'ingress', chartVersion: revision, status: 'deployed' }],
        conditions: [...ready(), condition('Drifted', 'False', 'NoDriftDetected')],
      },
    },
  )
}

export const application = (name: string, destination: object, given: { synced?: boolean } = {}) =>
  made(
    applications,
    name,
    'v1alpha1',
    { namespace: 'argocd' },
    {
      spec: {
        destination,
        source: { repoURL: 'https://git.example.org/apps', path: name, targetRevision: 'main' },
        syncPolicy: { automated: {} },
      },
      status: {
        sync: { status: given.synced === false ? 'OutOfSync' : 'Synced', revision: 'abc' },
        health: { status: 'Healthy' },
        operationState: { phase: 'Succeeded', syncResult: { revision: 'abc' } },
      },
    },
  )

/** A Machine of a set. */
export function machine(name: string, cluster: string) {
  const labels = { 'cluster.x-k8s.io/cluster-name': cluster }
  const object = made(
    machines,
    name,
    'v1beta2',
    { labels },
    {
      spec: { clusterName: cluster, version: 'v1.33.4' },
      status: { observedGeneration: 1, phase: 'Running', conditions: [condition('Ready', 'True', 'Ready')] },
    },
  )
  const set = {
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    kind: 'MachineSet',
    name: `${cluster}-set`,
    uid: 'u',
    controller: true,
  }
  return { ...object, metadata: { ...object.metadata, ownerReferences: [set] } }
}

interface Declared {
  readonly endpoint?: string | undefined
  /** The Kustomization that applied it. */
  readonly by?: string | undefined
  readonly deleting?: boolean
}

/** A Cluster object; one without `by` was made by hand. */
export function declared(name: string, { endpoint, by, deleting = false }: Declared = {}) {
  const [host, port] = endpoint?.split(':') ?? []
  const flux = 'kustomize.toolkit.fluxcd.io'
  const labels = by ? { [`${flux}/name`]: by, [`${flux}/namespace`]: 'fleet' } : {}
  const object = made(
    'cluster.x-k8s.io/Cluster',
    name,
    'v1beta2',
    { labels },
    {
      spec: host ? { controlPlaneEndpoint: { host, port: Number(port) } } : {},
      status: { observedGeneration: 1, phase: 'Provisioned', conditions: [condition('Available', 'True', 'Because')] },
    },
  )
  if (!deleting) return object
  return { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T12:00:00Z' } }
}
