import { expect, it } from 'vitest'
import { isCluster } from '../../../fleet/composition/claimant.ts'
import { kindByKey, kindOf } from '../../../fleet/kinds/registry.ts'
import type { Facts } from '../../../fleet/observation.ts'
import { aks, arm, compose, composeAmid, member, refOf, selfManaged, surroundedBy } from '../members.ts'

it('rollouts are the objects that say so, the oldest first, those that nobody dates last', () => {
  const rolling = (facts: Facts) => ({ replicas: { desired: 3, upToDate: 1 }, ...facts })
  const facts = compose(
    selfManaged(),
    member('MachineDeployment', 'Progressing', { at: 'undated', facts: rolling({ rollout: {} }) }),
    member('MachineDeployment', 'Progressing', {
      at: 'b',
      facts: rolling({ rollout: { startedAt: '2026-11-22T08:00:00Z' } }),
    }),
    member('KubeadmControlPlane', 'Progressing', {
      facts: rolling({
        versionDeclared: 'v1.34.0',
        versionObserved: 'v1.33.4',
        rollout: { startedAt: '2026-11-22T07:00:00Z', blockedBy: 'machines are not ready' },
      }),
    }),
    member('MachineDeployment', 'Healthy', { at: 'at-rest' }),
  )
  expect(facts.rollouts.map(({ name, from, to }) => [name, from, to])).toEqual([
    ['prod', 'v1.33.4', 'v1.34.0'],
    ['b', null, null],
    ['undated', null, null],
  ])
  expect(facts.rollouts[0]).toMatchObject({ upToDate: 1, desired: 3, blockedBy: 'machines are not ready' })
})

it.each<readonly [string, readonly Parameters<typeof compose>[0][], string | null]>([
  [
    'by the Cluster',
    [
      aks('Healthy', { facts: { endpoint: 'API.Example.test:6443' } }),
      arm('Healthy', { facts: { endpoint: 'a:443' } }),
    ],
    'api.example.test:6443',
  ],
  ['else by Azure', [aks(), arm('Healthy', { facts: { endpoint: 'Prod.azmk8s.io:443' } })], 'prod.azmk8s.io:443'],
  ['else nobody knows', [aks()], null],
])('the endpoint is told %s', (_name, members, endpoint) => {
  expect(compose(...members).endpoint).toBe(endpoint)
})

it('who applied the Cluster is told with what it applied last, where it is seen', () => {
  const by = refOf('Kustomization', 'clusters')
  const kustomization = member('Kustomization', 'Healthy', {
    at: 'clusters',
    facts: { revision: { applied: 'main@sha1:4f5e6d7' } },
  })
  const cluster = selfManaged('Healthy', { facts: { managedBy: { tool: 'flux', ref: by, name: 'clusters' } } })
  const told = { tool: 'flux', kind: 'Kustomization', namespace: 'team', name: 'clusters' }
  expect(composeAmid(surroundedBy([kustomization]), cluster).managedBy).toEqual({
    ...told,
    revision: 'main@sha1:4f5e6d7',
  })
  expect(compose(cluster).managedBy).toEqual({ ...told, revision: null })
  expect(compose(selfManaged()).managedBy).toBeNull()
})

it('kinds that operators declare take part as they say', () => {
  const widget = { ...member('Cluster', 'Healthy'), ref: { ...refOf('Widget', 'w'), group: 'example.test' }, id: 'w' }
  const declared = { ...kindOf('example.test/Widget'), part: 'workers' as const }
  const kinds = (key: Parameters<typeof kindOf>[0]) => (key === 'example.test/Widget' ? declared : kindOf(key))
  expect(kindByKey.has('example.test/Widget')).toBe(false)
  expect(compose(selfManaged(), widget).pools).toEqual([])
  expect(composeAmid(surroundedBy([], { kinds }), selfManaged(), widget).pools).toMatchObject([{ name: 'w' }])
})

it('objects that only act on a cluster make none', () => {
  const acts = member('HelmRelease', 'Healthy', { facts: { actsOn: { namespace: 'team', name: 'prod' } } })
  expect(isCluster([acts], kindOf)).toBe(false)
  expect(isCluster([], kindOf)).toBe(false)
  expect(isCluster([acts, member('Machine', 'Healthy')], kindOf)).toBe(true)
  expect(compose(acts)).toMatchObject({ objectId: null, witnesses: [], gitops: { state: 'Healthy' } })
})
