import { healthOf } from '../../../fleet/judge.ts'
import { kindOf } from '../../../fleet/kinds/registry.ts'
import { normalise } from '../../../fleet/normalise.ts'

// Objects of the cluster team/prod as API servers and Azure write them, all at rest.

const now = new Date('2026-06-01T12:00:00Z')
export const infra = 'infrastructure.cluster.x-k8s.io'
export const core = 'cluster.x-k8s.io'

export interface Wire {
  readonly apiVersion: string
  readonly kind: string
  readonly at?: string
  readonly owner?: Wire
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly spec?: object
  readonly status?: object
}

const groupOf = ({ apiVersion }: Wire) => apiVersion.slice(0, apiVersion.lastIndexOf('/'))
const refOf = (wire: Wire) => ({ apiGroup: groupOf(wire), kind: wire.kind, name: wire.at ?? 'prod' })
export const condition = (type: string, status = 'True') => ({
  ...{ type, status, reason: type, observedGeneration: 1, lastTransitionTime: '2026-05-02T00:00:00Z' },
})

export function memberOf({ at = 'prod', owner, labels, annotations, ...wire }: Wire) {
  const object = {
    ...wire,
    metadata: {
      ...{ name: at, namespace: 'team', generation: 1, creationTimestamp: '2026-05-01T00:00:00Z', annotations },
      labels: { 'cluster.x-k8s.io/cluster-name': 'prod', ...labels },
      ownerReferences: owner ? [{ ...owner, name: owner.at ?? 'prod', controller: true }] : [],
    },
  }
  return read(object, kindOf(`${groupOf(wire)}/${wire.kind}`))
}

function read(object: object, kind: ReturnType<typeof kindOf>, source = 'weu') {
  const { observation } = normalise(source, object, kind)
  if (observation === null) throw new Error('not an object')
  const health = healthOf(observation.reading, {}, now)
  return { ...observation, source, health, fresh: true }
}

export const armId = '/subscriptions/s/resourcegroups/RG/providers/Microsoft.ContainerService/managedClusters/prod'
const arm = (properties: object) =>
  read(
    { id: armId, name: 'prod', location: 'westeurope', tags: { Team: 'shop' }, properties },
    kindOf('Microsoft.ContainerService/managedClusters'),
    'corp/s',
  )

export const repository: Wire = {
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  spec: { url: 'https://git.example.test/fleet', interval: '1m' },
  status: {
    artifact: { revision: 'main@sha1:4f5e6d7', lastUpdateTime: '2026-05-02T00:00:00Z' },
    conditions: [condition('Ready')],
  },
}
export const kustomization: Wire = {
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  spec: {
    ...{ interval: '10m', path: './apps', sourceRef: { kind: 'GitRepository', name: 'prod' } },
    kubeConfig: { secretRef: { name: 'prod-kubeconfig' } },
  },
  status: {
    lastAppliedRevision: 'main@sha1:4f5e6d7',
    lastAttemptedRevision: 'main@sha1:4f5e6d7',
    conditions: [condition('Ready')],
  },
}

export const cluster = (infrastructure: Wire, controlPlane: Wire, topology?: object): Wire => ({
  apiVersion: `${core}/v1beta2`,
  kind: 'Cluster',
  labels: { 'kustomize.toolkit.fluxcd.io/name': 'clusters', 'kustomize.toolkit.fluxcd.io/namespace': 'team' },
  spec: {
    infrastructureRef: refOf(infrastructure),
    controlPlaneRef: refOf(controlPlane),
    ...(topology ? { topology } : {}),
  },
  status: {
    initialization: { controlPlaneInitialized: true, infrastructureProvisioned: true },
    conditions: [condition('Available'), ...(topology ? [condition('TopologyReconciled')] : [])],
  },
})

export const machinePool = (behind: Wire, version: string, more: Partial<Wire> = {}): Wire => ({
  apiVersion: `${core}/v1beta2`,
  kind: 'MachinePool',
  at: 'np',
  spec: { clusterName: 'prod', replicas: 3, template: { spec: { version, infrastructureRef: refOf(behind) } } },
  status: { phase: 'Running', replicas: 3, readyReplicas: 3 },
  ...more,
})

/** As Azure has it, asked for 1.33 and running 1.33.4. */
export const azure = (more: object = {}, pool: object = {}) =>
  arm({
    ...{
      provisioningState: 'Succeeded',
      powerState: { code: 'Running' },
      kubernetesVersion: '1.33',
      currentKubernetesVersion: '1.33.4',
    },
    ...{ fqdn: 'prod.azmk8s.io', dnsPrefix: 'prod', networkProfile: { networkPlugin: 'Azure', podCidr: '10.0.0.0/8' } },
    agentPoolProfiles: [
      {
        ...{ name: 'np', count: 3, vmSize: 'standard_d4s_v5', mode: 'System', orchestratorVersion: '1.33' },
        ...{ currentOrchestratorVersion: '1.33.4', provisioningState: 'Succeeded', ...pool },
      },
    ],
    ...more,
  })
