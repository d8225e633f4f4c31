import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { kindOf } from '../../fleet/kinds/registry.ts'
import { normalise } from '../../fleet/normalise.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { documentsOf } from '../../functions/local/document.ts'
import { explainOne } from '../../functions/local/explanation.ts'

const factsOf = (key: KindKey, wire: object) =>
  normalise('weu', { metadata: { name: 'a', namespace: 'team' }, ...wire }, kindOf(key)).observation?.facts
const core = 'cluster.x-k8s.io'

describe('facts', () => {
  it('Cluster: the same from both API versions', () => {
    const ref = { group: 'infrastructure.cluster.x-k8s.io', kind: 'AzureCluster', namespace: 'team', name: 'i' }
    const standard = { group: core, kind: 'ClusterClass', namespace: 'classes', name: 'std' }
    const facts = {
      versionDeclared: 'v1.33.4',
      phase: 'Provisioned',
      endpoint: 'h:6443',
      refs: { infrastructure: ref, class: standard },
      reliesOn: [standard],
      replicas: { desired: 3, current: 3 },
      controlPlaneInitialized: true,
      infrastructureProvisioned: true,
      more: { workersDesired: 5 },
    }
    const counters = { controlPlane: { desiredReplicas: 3, replicas: 3 }, workers: { desiredReplicas: 5 } }
    const endpoint = { controlPlaneEndpoint: { host: 'h', port: 6443 } }
    const now = {
      apiVersion: `${core}/v1beta2`,
      spec: {
        ...endpoint,
        infrastructureRef: { apiGroup: ref.group, kind: ref.kind, name: ref.name },
        topology: { version: 'v1.33.4', classRef: { name: 'std', namespace: 'classes' } },
      },
      status: {
        phase: 'Provisioned',
        initialization: { controlPlaneInitialized: true, infrastructureProvisioned: true },
        ...counters,
      },
    }
    const before = {
      apiVersion: `${core}/v1beta1`,
      spec: {
        ...endpoint,
        infrastructureRef: { apiVersion: `${ref.group}/v1beta1`, kind: ref.kind, name: ref.name, namespace: 'other' },
        topology: { version: 'v1.33.4', class: 'std', classNamespace: 'classes' },
      },
      status: { phase: 'Provisioned', controlPlaneReady: true, infrastructureReady: true, v1beta2: counters },
    }
    expect(factsOf(`${core}/Cluster`, now)).toEqual(facts)
    expect(factsOf(`${core}/Cluster`, before)).toEqual(facts)
  })

  it('KubeadmControlPlane: the oldest of the versions that run, and available by what is unavailable', () => {
    const key = 'controlplane.cluster.x-k8s.io/KubeadmControlPlane'
    const versions = [
      { version: 'v1.32.9', replicas: 1 },
      { version: 'v1.33.4', replicas: 2 },
    ]
    expect(factsOf(key, { spec: { version: 'v1.33.4', replicas: 3 }, status: { versions } })).toMatchObject({
      versionDeclared: 'v1.33.4',
      versionObserved: 'v1.32.9',
      versions,
    })
    const before = { version: 'v1.32.9', replicas: 3, readyReplicas: 2, unavailableReplicas: 1, updatedReplicas: 3 }
    expect(factsOf(key, { spec: { replicas: 3 }, status: before })).toMatchObject({
      versionObserved: 'v1.32.9',
      replicas: { desired: 3, current: 3, ready: 2, available: 2, upToDate: 3 },
    })
    // Managed control planes count nothing: absent is not zero.
    expect(factsOf(key, { spec: {}, status: {} })).toEqual({})
  })

  it('Machine: kubelet, provider id, role', () => {
    const wire = {
      metadata: { name: 'a', namespace: 'team', labels: { 'cluster.x-k8s.io/control-plane': '' } },
      spec: { version: 'v1.33.4', providerID: 'azure:///x' },
      status: { nodeInfo: { kubeletVersion: 'v1.33.3' }, nodeRef: { name: 'n' }, phase: 'Running' },
    }
    expect(factsOf(`${core}/Machine`, wire)).toMatchObject({
      versionDeclared: 'v1.33.4',
      versionObserved: 'v1.33.3',
      phase: 'Running',
      providerId: 'azure:///x',
      more: { node: 'n', controlPlane: true },
    })
  })

  it('MachinePool: an autoscaled pool says so', () => {
    const metadata = { name: 'a', namespace: 'team', annotations: { 'cluster.x-k8s.io/replicas-managed-by': '' } }
    expect(factsOf(`${core}/MachinePool`, { metadata, spec: { replicas: 3 } })).toMatchObject({
      pool: { autoscaled: true },
    })
  })

  it('AKS: ids, versions with and without v, pools', () => {
    const control = factsOf('infrastructure.cluster.x-k8s.io/AzureManagedControlPlane', {
      spec: { subscriptionID: 's', resourceGroupName: 'rg', version: 'v1.33.4', location: 'weu' },
      status: { version: 'v1.33.3' },
    })
    expect(control).toMatchObject({
      armId: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/a',
      versionDeclared: 'v1.33.4',
      versionObserved: 'v1.33.3',
      region: 'weu',
    })
    const pool = factsOf('containerservice.azure.com/ManagedClustersAgentPool', {
      spec: { azureName: 'np', orchestratorVersion: '1.33' },
      status: { id: '/x', currentOrchestratorVersion: '1.33.4', count: 3, mode: 'System', nodeImageVersion: 'image' },
    })
    expect(pool).toMatchObject({
      armId: '/x',
      versionDeclared: '1.33',
      versionObserved: '1.33.4',
      replicas: { current: 3 },
      pool: { name: 'np', mode: 'System', nodeImage: 'image' },
    })
  })

  it('HelmRelease: the chart that runs beside the one that was tried', () => {
    const spec = { chart: { spec: { chart: 'web', version: '2.x', sourceRef: { kind: 'HelmRepository', name: 'r' } } } }
    const status = { lastAttemptedRevision: '2.1.0', history: [{ chartVersion: '2.0.0', chartName: 'web' }] }
    expect(factsOf('helm.toolkit.fluxcd.io/HelmRelease', { spec, status })).toMatchObject({
      appliesFrom: { group: 'source.toolkit.fluxcd.io', kind: 'HelmChart', namespace: 'team', name: 'team-a' },
      revision: { desired: '2.x', attempted: '2.1.0', applied: '2.0.0' },
    })
  })
})

describe('every fixture', () => {
  const fixtures = join(import.meta.dirname, '../fixtures')
  const all = readdirSync(fixtures).flatMap((kind) => readdirSync(join(fixtures, kind)).map((file) => join(kind, file)))
  const now = new Date('2026-06-01T12:00:00Z')
  const read = (file: string) => {
    const [found] = documentsOf(file, readFileSync(join(fixtures, file), 'utf8')).found
    const one = found ? explainOne(found.object, {}, now) : 'empty'
    if (typeof one === 'string') throw new Error(`${file}: ${one}`)
    return one
  }

  it('R01: ends its ladder with a rung that always holds', () => {
    const open = all.filter((file) => {
      const last = read(file).observation.reading.rungs.at(-1)
      return !last || last.from !== undefined || last.until !== undefined
    })
    expect(open).toEqual([])
  })

  it('R02: gives a reason for every state', () => {
    expect(all.filter((file) => read(file).health.reason === '')).toEqual([])
  })

  it('R03: is never Healthy beside a fresh False of Ready or Available', () => {
    const contradictory = all.filter((file) => {
      const { health, observation } = read(file)
      const unmet = observation.conditions.some(
        ({ type, status, legacy, observedGeneration }) =>
          (type === 'Ready' || type === 'Available') &&
          status === 'False' &&
          !legacy &&
          (observedGeneration ?? observation.generation ?? 0) >= (observation.generation ?? 0),
      )
      return unmet && (health.underlying ?? health.state) === 'Healthy'
    })
    expect(contradictory).toEqual([])
  })

  it('R04: speaks of an underlying state exactly where one is covered', () => {
    const wrong = all.filter((file) => {
      const { health } = read(file)
      return (health.underlying !== null) !== (health.state === 'Suspended')
    })
    expect(wrong).toEqual([])
  })
})
