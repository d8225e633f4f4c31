import { describe, expect, it } from 'vitest'
import { argoDestination, serverAddress } from '../../../fleet/families/destination.ts'
import { repositoryOf } from '../../../fleet/families/repository.ts'
import { kindOf } from '../../../fleet/kinds/registry.ts'
import { normalise } from '../../../fleet/normalise.ts'
import type { KindKey } from '../../../fleet/reference.ts'
import { factsOf } from './facts-of.ts'

const reconcilers = ['kustomize.toolkit.fluxcd.io/Kustomization', 'helm.toolkit.fluxcd.io/HelmRelease'] as const

/** What is read of an object with that spec, and what cannot be. */
function read(key: KindKey, spec: object) {
  const { observation, rejected } = normalise('weu', { metadata: { name: 'a', namespace: 'team' }, spec }, kindOf(key))
  return { facts: observation?.facts, whys: rejected.map(({ why }) => why) }
}

describe('where Flux acts', () => {
  it.each([
    ['where it runs', undefined, {}],
    [
      'on the cluster whose kubeconfig it names',
      { secretRef: { name: 'prod-kubeconfig' } },
      { actsOn: { namespace: 'team', name: 'prod' } },
    ],
    [
      'through a Secret of an unknown cluster',
      { secretRef: { name: 'elsewhere' } },
      { actsAt: { by: 'secret', value: 'team/elsewhere' } },
    ],
    [
      'through a Secret that only ends like one',
      { secretRef: { name: '-kubeconfig' } },
      { actsAt: { by: 'secret', value: 'team/-kubeconfig' } },
    ],
    ['through a ConfigMap', { configMapRef: { name: 'prod' } }, { actsAt: { by: 'configMap', value: 'team/prod' } }],
    ['where nothing is said', null, {}],
  ])('%s', (_why, kubeConfig, expected) => {
    for (const key of reconcilers) {
      const { actsOn, actsAt } = factsOf(key, { spec: { kubeConfig } })
      expect({ ...(actsOn && { actsOn }), ...(actsAt && { actsAt }) }).toEqual(expected)
    }
  })

  it.each<[unknown, string]>([
    ['prod-kubeconfig', 'spec.kubeConfig is a string, not an object'],
    [{}, 'spec.kubeConfig names neither a Secret nor a ConfigMap'],
    [{ secretRef: 'prod-kubeconfig' }, 'spec.kubeConfig.secretRef is a string, not an object'],
    [{ secretRef: {} }, 'spec.kubeConfig.secretRef.name is missing, not a name'],
    [{ secretRef: { name: '' } }, 'spec.kubeConfig.secretRef.name is empty, not a name'],
    [{ configMapRef: { name: ['prod'] } }, 'spec.kubeConfig.configMapRef.name is a list, not a name'],
  ])('a kubeconfig %j is named, and is of no cluster, not even its own', (kubeConfig, why) => {
    for (const key of reconcilers) {
      const { facts, whys } = read(key, { kubeConfig })
      expect(facts?.actsAt).toEqual({ by: 'secret', value: 'team/' })
      expect(whys).toEqual([why])
    }
  })
})

describe('where Argo CD acts', () => {
  it.each([
    [{ server: 'https://API.example.test' }, { by: 'server', value: 'api.example.test:443' }],
    [{ server: 'https://api.example.test:6443/' }, { by: 'server', value: 'api.example.test:6443' }],
    [{ server: 'https://user:hush@10.0.0.4:6443' }, { by: 'server', value: '10.0.0.4:6443' }],
    [{ server: 'api.example.test:6443' }, { by: 'server', value: 'api.example.test:6443' }],
    [{ server: 'http://api.example.test' }, { by: 'server', value: 'api.example.test:80' }],
    [{ server: 'https://[2001:db8::1]:6443' }, { by: 'server', value: '[2001:db8::1]:6443' }],
    // One proxy, many clusters: the path tells them apart.
    [{ server: 'https://rancher.test/k8s/clusters/c-1' }, { by: 'server', value: 'rancher.test:443/k8s/clusters/c-1' }],
    [{ name: 'prod-1' }, { by: 'name', value: 'prod-1' }],
    [{ server: 'https://kubernetes.default.svc' }, undefined],
    [{ server: 'https://Kubernetes.Default.svc:443/' }, undefined],
    [{ server: 'https://kubernetes.default.svc.cluster.local.' }, undefined],
    [{ server: 'https://kubernetes.default' }, undefined],
    [{ name: 'in-cluster' }, undefined],
    [{ server: '', name: null }, undefined],
    [undefined, undefined],
  ])('%j', (destination, expected) => {
    expect(argoDestination(destination)).toEqual(expected)
    expect(factsOf('argoproj.io/Application', { spec: { destination } }).actsAt).toEqual(expected)
  })

  it.each<[unknown, object, string]>([
    [
      { server: 'https://' },
      { by: 'server', value: '"https://"' },
      'spec.destination.server is "https://", not the address of a server',
    ],
    // Neither who logs in nor an address that some cluster has: quotes are part of none.
    [
      { server: 'https://user:hush@[10.0.0.4:6443?token=hush' },
      { by: 'server', value: '"https://[10.0.0.4:6443"' },
      'spec.destination.server is "https://[10.0.0.4:6443", not the address of a server',
    ],
    [
      { server: `[${'x'.repeat(400)}` },
      { by: 'server', value: `"[${'x'.repeat(99)}"` },
      `spec.destination.server is "[${'x'.repeat(99)}", not the address of a server`,
    ],
    [{ server: 7 }, { by: 'server', value: '' }, 'spec.destination.server is a number, not a text'],
    [{ name: {} }, { by: 'name', value: '' }, 'spec.destination.name is an object, not a text'],
    ['prod', { by: 'server', value: '' }, 'spec.destination is a string, not an object'],
  ])('%j is named, and is of no cluster, not even its own', (destination, actsAt, why) => {
    const { facts, whys } = read('argoproj.io/Application', { destination })
    expect(facts?.actsAt).toEqual(actsAt)
    expect(whys).toEqual([why])
  })

  it('an address that is none', () => {
    expect(serverAddress('https://[')).toBeNull()
  })
})

describe("a cluster's own address is written as a destination is", () => {
  it.each<[unknown, unknown, string | undefined]>([
    ['fd00::1', 6443, 'https://[fd00::1]:6443'],
    ['[FD00:0:0::1]', 6443, 'https://[fd00::1]:6443'],
    ['API.example.test.', undefined, 'https://api.example.test'],
    ['https://ABC.gr7.eks.amazonaws.com', 443, 'https://abc.gr7.eks.amazonaws.com'],
    ['10.0.0.4', 6443, 'https://10.0.0.4:6443'],
    ['', 6443, undefined],
    ['fd00::1::2', 6443, undefined],
    ['not a host', 6443, undefined],
    [7, 6443, undefined],
  ])('%j and %j', (host, port, server) => {
    const { endpoint } = factsOf('cluster.x-k8s.io/Cluster', { spec: { controlPlaneEndpoint: { host, port } } })
    expect(endpoint).toBe(server === undefined ? undefined : argoDestination({ server })?.value)
  })
})

describe('repositories', () => {
  it.each([
    ['https://user:hush@github.com/org/repo.git?ref=main', 'github.com/org/repo.git'],
    ['git@github.com:org/repo.git', 'github.com/org/repo.git'],
    ['ssh://git@github.com:22/org/repo', 'github.com:22/org/repo'],
    ['oci://ghcr.io/org/charts/', 'ghcr.io/org/charts'],
    ['ghcr.io/org/app', 'ghcr.io/org/app'],
    ['', undefined],
    [{ url: 'x' }, undefined],
  ])('%j is %j', (url, repository) => {
    expect(repositoryOf(url)).toBe(repository)
  })
})
