import { describe, expect, it } from 'vitest'
import { defaultConventions } from '../../../fleet/convention.ts'
import { kindsOf } from '../../../fleet/kinds/declared.ts'
import { Clusters, type Explained, explainOne } from '../../../functions/local/explanation.ts'

const now = new Date('2026-06-01T12:00:00Z')
const core = 'cluster.x-k8s.io/v1beta2'
const labels = { 'cluster.x-k8s.io/cluster-name': 'prod' }
const name = { namespace: 'team', name: 'prod' }
const ready = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-06-01T11:00:00Z' }]

interface Part {
  readonly apiVersion: string
  readonly kind: string
  readonly name?: string
  readonly spec: object
  readonly status?: object
}

/** The cluster that these objects make: a Cluster, what it refers to, and a MachinePool with its provider's pool. */
function composed(parts: readonly Part[]) {
  const all = parts.map(({ name: at = 'prod', ...part }): Explained => {
    const metadata = { name: at, namespace: 'team', generation: 1, creationTimestamp: '2026-05-01T00:00:00Z', labels }
    const one = explainOne({ ...part, metadata }, {}, now)
    if (typeof one === 'string') throw new Error(one)
    return one
  })
  return new Clusters(all, { kinds: kindsOf([]), conventions: defaultConventions }).factsOf(name)
}

const refOf = ({ apiVersion, kind, name: at = 'prod' }: Part) => ({
  apiGroup: apiVersion.slice(0, apiVersion.lastIndexOf('/')),
  kind,
  name: at,
})
const healthy = { type: 'Available', status: 'True', reason: 'Available', observedGeneration: 1 }
const cluster = (infrastructure: Part, controlPlane: Part): Part => ({
  apiVersion: core,
  kind: 'Cluster',
  spec: { infrastructureRef: refOf(infrastructure), controlPlaneRef: refOf(controlPlane) },
  status: {
    phase: 'Provisioned',
    initialization: { controlPlaneInitialized: true, infrastructureProvisioned: true },
    conditions: [healthy],
  },
})
const machinePool = (behind: Part, version: string): Part => ({
  apiVersion: core,
  kind: 'MachinePool',
  name: 'prod-pool-0',
  spec: { clusterName: 'prod', replicas: 3, template: { spec: { version, infrastructureRef: refOf(behind) } } },
  status: { phase: 'Running', replicas: 3, readyReplicas: 3, deprecated: { v1beta1: { conditions: ready } } },
})

const eks = { apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta2' }
const gke = { apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1' }

describe('a cluster of EKS', () => {
  const infrastructure = { ...eks, kind: 'AWSManagedCluster', spec: {}, status: { ready: true } }
  const controlPlane = {
    apiVersion: 'controlplane.cluster.x-k8s.io/v1beta2',
    kind: 'AWSManagedControlPlane',
    name: 'prod-control-plane',
    spec: { region: 'eu-west-1', version: 'v1.33', eksClusterName: 'team_prod' },
    status: { ready: true, initialized: true, version: '1.32', conditions: ready },
  }
  const pool = (status: object): Part => ({
    ...eks,
    kind: 'AWSManagedMachinePool',
    name: 'prod-pool-0',
    spec: { eksNodegroupName: 'blue', instanceType: 'm6i.large' },
    status,
  })
  const all = (status: object) => {
    const behind = pool(status)
    return composed([
      cluster(infrastructure, controlPlane),
      infrastructure,
      controlPlane,
      machinePool(behind, 'v1.32.3'),
      behind,
    ])
  }

  it('has its provider, flavour, region and versions, and one pool', () => {
    expect(all({ ready: true, replicas: 3, conditions: ready })).toMatchObject({
      provider: 'eks',
      flavour: 'AWSManaged',
      region: 'eu-west-1',
      versionDeclared: 'v1.33',
      versionObserved: '1.32',
      health: { state: 'Healthy' },
      workers: { desired: 3 },
      pools: [{ name: 'prod-pool-0', kind: 'MachinePool', vmSize: 'm6i.large', versionDeclared: 'v1.32.3' }],
    })
  })

  it("is ill by its provider's pool, whatever the MachinePool's counters say", () => {
    const failed = all({ ready: false, failureReason: 'NodeCreationFailure', failureMessage: 'no capacity' })
    expect(failed).toMatchObject({ health: { state: 'Failed' }, pools: [{ health: { state: 'Failed' } }] })
    expect(failed.rootCause?.path.at(-1)?.ref.kind).toBe('AWSManagedMachinePool')
  })

  it('has the charts of Helm add-ons as components', () => {
    const addon = {
      apiVersion: 'addons.cluster.x-k8s.io/v1alpha1',
      kind: 'HelmReleaseProxy',
      name: 'calico-prod-x',
      spec: { clusterRef: { kind: 'Cluster', name: 'prod' }, chartName: 'tigera-operator', version: 'v3.29.0' },
      status: {
        observedGeneration: 1,
        conditions: ['Ready', 'HelmReleaseReady', 'ClusterAvailable'].map((type) => ({
          ...healthy,
          type,
          lastTransitionTime: '2026-06-01T11:00:00Z',
        })),
      },
    }
    const facts = composed([cluster(infrastructure, controlPlane), infrastructure, controlPlane, addon])
    expect(facts.components).toEqual([{ type: 'chart', name: 'tigera-operator', version: 'v3.29.0' }])
    expect(facts.gitops).toMatchObject({ state: 'Healthy' })
  })
})

describe('a cluster of GKE', () => {
  const infrastructure = {
    ...gke,
    kind: 'GCPManagedCluster',
    spec: { project: 'shop', region: 'europe-west1' },
    status: { ready: true },
  }
  const controlPlane = (conditions: readonly object[]): Part => ({
    ...gke,
    kind: 'GCPManagedControlPlane',
    name: 'prod-control-plane',
    spec: { project: 'shop', location: 'europe-west1', version: '1.33.5', releaseChannel: 'regular' },
    status: { ready: true, initialized: true, version: '1.33.5', conditions },
  })
  const pool = {
    ...gke,
    kind: 'GCPManagedMachinePool',
    name: 'prod-pool-0',
    spec: { machineType: 'n2-standard-4', scaling: { minCount: 1, maxCount: 5 } },
    status: { ready: true, replicas: 3, conditions: ready },
  }
  const all = (conditions: readonly object[]) => {
    const made = controlPlane(conditions)
    return composed([cluster(infrastructure, made), infrastructure, made, machinePool(pool, '1.33.5'), pool])
  }

  it('has its provider, flavour, region and versions, and one pool', () => {
    expect(all(ready)).toMatchObject({
      provider: 'gke',
      flavour: 'GCPManaged',
      region: 'europe-west1',
      versionDeclared: '1.33.5',
      versionObserved: '1.33.5',
      health: { state: 'Healthy' },
      pools: [{ name: 'prod-pool-0', vmSize: 'n2-standard-4', autoscaled: true, health: { state: 'Healthy' } }],
    })
  })

  it('is ill when GKE says so, though Ready and the Cluster do not', () => {
    const broken = { type: 'GKEControlPlaneReady', status: 'False', reason: 'GKEControlPlaneError', severity: 'Error' }
    expect(all([...ready, broken]).health).toMatchObject({ state: 'Degraded', reason: 'GKEControlPlaneError' })
  })
})
