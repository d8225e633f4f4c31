import { afterAll, afterEach, describe, expect, test } from 'vitest'
import type { Kind } from '../../../fleet/kinds/kind.ts'
import { discover, discoveryAgeMaxMs } from '../../../functions/sources/discovery.ts'
import { chooseVersion } from '../../../functions/sources/served-version.ts'
import type { Resource } from '../../world/api/object.ts'
import {
  clusters,
  type FakeCluster,
  machines,
  namespaces,
  quietConnections,
  reach,
  startFakeCluster,
} from './fake-cluster.ts'

const at = new Date('2026-11-22T12:00:00Z')
const connections = quietConnections()
const started: FakeCluster[] = []
afterEach(async () => {
  for (const cluster of started.splice(0)) await cluster.server.close()
})
afterAll(() => connections.close())

const docker: Resource = {
  ...clusters,
  group: 'infrastructure.cluster.x-k8s.io',
  kind: 'DockerCluster',
  plural: 'dockerclusters',
}
const template: Resource = { ...docker, kind: 'DockerClusterTemplate', plural: 'dockerclustertemplates' }

const kindFor = (resource: Resource, versions: readonly string[] | 'newest'): Kind => ({
  group: resource.group,
  kind: resource.kind,
  reach: { by: 'kube', plural: resource.plural, versions },
  part: 'none',
  normalise: () => {
    throw new Error('discovery reads no objects')
  },
})
const flux = kindFor(
  { ...clusters, group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', plural: 'kustomizations' },
  ['v1'],
)
const ours = [kindFor(clusters, ['v1beta3', 'v1beta1']), kindFor(machines, ['v1beta2']), flux]

describe.each(['current', '1.20'] as const)('discovery of a %s server', (profile) => {
  test('says what is served, in which version, and leaves out what is not', async () => {
    const cluster = await startFakeCluster({ profile, resources: [namespaces, clusters, machines, docker, template] })
    started.push(cluster)
    const kube = await reach(connections, cluster.kubeconfig())
    const { value } = await discover(kube, ours, null, at)
    expect(value?.troubled).toEqual([])
    expect(value?.served.map(({ kind, version, otherVersions }) => [kind, version, otherVersions])).toEqual([
      ['cluster.x-k8s.io/Cluster', 'v1beta1', ['v1beta2']],
      ['cluster.x-k8s.io/Machine', 'v1beta2', ['v1beta1']],
      ['infrastructure.cluster.x-k8s.io/DockerCluster', 'v1beta2', ['v1beta1']],
    ])
    if (!value?.discovery) throw new Error('nothing to keep')
    const known = { discovery: value.discovery, served: value.served }
    const before = { ...kube.budget }
    const soon = new Date(at.getTime() + discoveryAgeMaxMs - 1)
    expect((await discover(kube, ours, known, soon)).value).toEqual(value)
    expect(kube.budget.requests).toBe(before.requests)
    // Later it is asked again: in a few bytes where the server has ETags.
    const later = new Date(at.getTime() + discoveryAgeMaxMs)
    expect((await discover(kube, ours, known, later)).value).toEqual({
      ...value,
      discovery: { ...value.discovery, at: later },
    })
    expect(kube.budget.requests).toBeGreaterThan(before.requests)
    if (profile === 'current') expect(kube.budget.bytes).toBe(before.bytes)
    // Another release looks for other kinds, and asks at once.
    const other = (await discover(kube, ours.slice(1), known, soon)).value
    expect(other?.served.map(({ kind }) => kind)).not.toContain('cluster.x-k8s.io/Cluster')
  })
})

test('a group that cannot be read is trouble of its kinds, not "not installed"', async () => {
  const cluster = await startFakeCluster({ profile: '1.20' })
  started.push(cluster)
  const kube = await reach(connections, cluster.kubeconfig(), { requestMs: 300 })
  const failing = {
    ...kube,
    get: (path: string, options = {}) =>
      path.includes('cluster.x-k8s.io')
        ? kube.get('/broken/../api/v1/namespaces/none', options)
        : kube.get(path, options),
  }
  cluster.faults.add({ fault: 'error', code: 503, on: 'namespaces' })
  const { value } = await discover(failing, ours, null, at)
  expect(value?.troubled.map(({ kind }) => kind)).toEqual(['cluster.x-k8s.io/Cluster', 'cluster.x-k8s.io/Machine'])
})

test('no discovery at all is trouble of the source', async () => {
  const cluster = await startFakeCluster()
  started.push(cluster)
  const kube = await reach(connections, cluster.kubeconfig({ token: 'unknown' }))
  expect(await discover(kube, ours, null, at)).toMatchObject({ trouble: { code: 'Unauthorized' } })
})

test('of two resources of one kind the one is read whose name is known', async () => {
  const shadow: Resource = { ...clusters, plural: 'aclusters' }
  for (const resources of [
    [namespaces, clusters, shadow],
    [namespaces, shadow, clusters],
  ]) {
    const cluster = await startFakeCluster({ resources })
    started.push(cluster)
    const { value } = await discover(await reach(connections, cluster.kubeconfig()), ours, null, at)
    expect(value?.served.map(({ plural }) => plural)).toEqual(['clusters'])
  }
})

describe('the version of a kind', () => {
  test.each<[string, readonly string[] | 'newest', readonly string[], string | null]>([
    ['the first served of our order', ['v1beta2', 'v1beta1'], ['v1alpha4', 'v1beta1'], 'v1beta1'],
    ['never the server’s own preference before ours', ['v1'], ['v2', 'v1'], 'v1'],
    ['the server’s, where we know none of them', ['v1'], ['v3', 'v2'], 'v3'],
    ['the newest date', 'newest', ['v1api20231001', 'v1api20240901', 'v1api20230201'], 'v1api20240901'],
    [
      'not a storage version',
      'newest',
      ['v1api20240901storage', 'v1api20231001', 'v1api20231001storage'],
      'v1api20231001',
    ],
    ['not a preview', 'newest', ['v1api20250402preview', 'v1api20240901'], 'v1api20240901'],
    [
      'a preview where nothing else is',
      'newest',
      ['v1api20230202preview', 'v1api20230202previewstorage'],
      'v1api20230202preview',
    ],
    ['nothing', 'newest', ['v1api20230202storage'], null],
  ])('%s', (_name, preference, served, version) => {
    expect(chooseVersion(preference, served)).toBe(version)
  })
})
