// A cluster whose workers are short of a node, a Kustomization that fails, and an object of a kind that only operators declare.
import type { Writer } from './writer.ts'

const capi = '/apis/cluster.x-k8s.io/v1beta2/namespaces/default'
const clusters = `${capi}/clusters`
const pools = `${capi}/machinedeployments`
const kustomizations = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/default/kustomizations'
const generators = '/apis/source.extensions.fluxcd.io/v1beta1/namespaces/default/artifactgenerators'

/** As an operator declares it in the fleet file. */
export const declared = {
  ...{ group: 'source.extensions.fluxcd.io', kind: 'ArtifactGenerator', versions: ['v1beta1'], owner: 'none' },
  phase: '.spec.artifacts[0].name',
}

const failing = (type: string, reason: string, message: string) => ({
  ...{ type, status: 'False', reason, message },
  lastTransitionTime: '2026-01-01T00:00:00Z',
})

/** Says how the workers are: the cluster's health follows. */
export const sayOfWorkers = (writer: Writer, message: string): Promise<void> =>
  writer.patch(`${pools}/workers/status`, {
    status: {
      ...{ replicas: 3, readyReplicas: 2, availableReplicas: 2 },
      conditions: [failing('Available', 'NotAvailable', message)],
    },
  })

export async function makeCluster(writer: Writer, name: string): Promise<void> {
  await writer.create(clusters, {
    ...{ apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster' },
    metadata: { name, labels: { 'cluster.x-k8s.io/cluster-name': name } },
    spec: { controlPlaneEndpoint: { host: `${name}.example`, port: 6443 } },
  })
}

export const deleteCluster = (writer: Writer, name: string): Promise<void> => writer.delete(`${clusters}/${name}`)

export async function makeObjects(writer: Writer): Promise<void> {
  await makeCluster(writer, 'prod')
  const infrastructureRef = {
    apiGroup: 'infrastructure.cluster.x-k8s.io',
    kind: 'AzureMachineTemplate',
    name: 'workers',
  }
  const machine = { clusterName: 'prod', version: 'v1.33.0', bootstrap: { dataSecretName: 'x' }, infrastructureRef }
  await writer.create(pools, {
    ...{ apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'MachineDeployment' },
    metadata: { name: 'workers', labels: { 'cluster.x-k8s.io/cluster-name': 'prod' } },
    spec: {
      ...{ clusterName: 'prod', replicas: 3, selector: { matchLabels: { a: 'b' } } },
      template: { metadata: { labels: { a: 'b' } }, spec: machine },
    },
  })
  await sayOfWorkers(writer, '2 of 3 nodes')
  await writer.create(kustomizations, {
    ...{ apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', metadata: { name: 'apps' } },
    spec: { interval: '1m', prune: true, sourceRef: { kind: 'GitRepository', name: 'fleet' } },
  })
  await writer.patch(`${kustomizations}/apps/status`, {
    status: {
      ...{ lastAttemptedRevision: 'main@sha1:b', lastAppliedRevision: 'main@sha1:a', observedGeneration: 1 },
      conditions: [failing('Ready', 'BuildFailed', 'no such path')],
    },
  })
  const artifacts = [{ name: 'apps', originRevision: '@fleet', copy: [{ from: '@fleet/apps/**', to: '@artifact/' }] }]
  await writer.create(generators, {
    ...{ apiVersion: 'source.extensions.fluxcd.io/v1beta1', kind: 'ArtifactGenerator', metadata: { name: 'apps' } },
    spec: { sources: [{ alias: 'fleet', kind: 'GitRepository', name: 'fleet' }], artifacts },
  })
}

/** Lets whoever is known read the declared kind, as a ClusterRole beside that of infra/agent would. */
export async function allowDeclared(writer: Writer): Promise<void> {
  const at = '/apis/rbac.authorization.k8s.io/v1'
  const apiGroup = 'rbac.authorization.k8s.io'
  const metadata = { name: 'rollcall-agent-declared' }
  const rules = [{ apiGroups: [declared.group], resources: ['artifactgenerators'], verbs: ['get', 'list', 'watch'] }]
  await writer.create(`${at}/clusterroles`, { metadata, rules })
  await writer.create(`${at}/clusterrolebindings`, {
    ...{ metadata, roleRef: { apiGroup, kind: 'ClusterRole', name: metadata.name } },
    subjects: [{ kind: 'ServiceAccount', name: 'rollcall-agent', namespace: 'rollcall-agent' }],
  })
}
