import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Member } from '../../../fleet/cluster.ts'
import { composeSource, type SourceMembers } from '../../../fleet/compose-source.ts'
import type { Surroundings } from '../../../fleet/composition/surroundings.ts'
import type { GitOps } from '../../../fleet/gitops.ts'
import type { Facts } from '../../../fleet/observation.ts'
import type { KindKey } from '../../../fleet/reference.ts'
import { member, type Options, surroundedBy } from '../members.ts'
import { answer, found, only, unreadable } from './of.ts'

const cluster: KindKey = 'cluster.x-k8s.io/Cluster'
const source = (members: Partial<SourceMembers>, more: Partial<Surroundings> = {}) =>
  composeSource({ source: 'weu', unclaimed: [], orphans: [], vanished: [], ...members }, surroundedBy([], more))

const applies: GitOps = { tool: 'flux', role: 'reconciler', suspended: false }
const kustomization = (facts: Facts = {}) =>
  member('Kustomization', 'Healthy', { at: 'apps', facts: { gitops: applies, ...facts } })
const application = (facts: Facts = {}) =>
  member('Application', 'Healthy', { at: 'shop', facts: { gitops: { ...applies, tool: 'argocd' }, ...facts } })
const owned = (one: Member, name = 'gone'): Member => ({ ...one, owner: { namespace: 'team', name } })

describe('reconcilers of a management cluster', () => {
  it('are told with what they apply from, which is among what it holds', () => {
    const repository = member('GitRepository', 'Healthy', {
      at: 'flux',
      facts: {
        gitops: { tool: 'flux', role: 'source', suspended: false },
        revision: { applied: 'v2.0.0@sha1:0a1b2c3d4e' },
      },
    })
    const behind = kustomization({ appliesFrom: repository.ref, revision: { applied: 'v1.0.0@sha1:4f5e6d7c8b' } })
    const facts = source({ unclaimed: [behind, repository] })
    expect(facts.reconcilers).toMatchObject([{ ref: { name: 'apps' }, app: 'apps', behind: true, version: 'v1.0.0' }])
    expect(answer(facts, 'behindSource')).toBe('differs')
  })

  it('that act through a kubeconfig of no known cluster are strangers, with the remedy', () => {
    const facts = source({
      unclaimed: [kustomization({ actsAt: { by: 'secret', value: 'apps/elsewhere' } }), kustomization()],
    })
    expect(only(facts, 'externalReconciler')?.message).toBe(
      'Kustomization team/apps acts on Secret apps/elsewhere, which is no known cluster; `destinations:` in the fleet file can say which it is.',
    )
  })

  it.each(['unclaimed', 'orphans'] as const)('that name a Cluster which is not there, among %s', (where) => {
    const lost = kustomization({ actsOn: { namespace: 'team', name: 'gone' } })
    const facts = source({ [where]: [lost] })
    expect(found(facts, 'externalReconciler')).toEqual(['Kustomization/apps spec.kubeConfig: null → Cluster team/gone'])
    expect(facts.reconcilers).toHaveLength(1)
    expect(answer(facts, 'orphanInfra')).toBe('same')
    expect(answer(source({ [where]: [lost] }, unreadable(cluster)), 'externalReconciler')).toBe('gap')
  })

  it('of Argo CD are matched by destination', () => {
    expect(
      answer(source({ unclaimed: [application({ actsAt: { by: 'name', value: 'far' } })] }), 'argoClusterUnmatched'),
    ).toBe('differs')
    expect(answer(source({ unclaimed: [application()] }), 'argoClusterUnmatched')).toBe('same')
  })

  const at = (by: 'server' | 'name', value: string) => application({ actsAt: { by, value } })
  const unread: Partial<Surroundings> = {
    declarersUnread: ['neu'],
    isPublic: (endpoint) => endpoint.startsWith('api.'),
  }
  it.each<readonly [string, Member, Partial<Surroundings>, ReturnType<typeof answer>]>([
    ['a server', at('server', '10.0.0.4:6443'), {}, 'differs'],
    ['a server, where Clusters cannot be read', at('server', '10.0.0.4:6443'), unreadable(cluster), 'gap'],
    ['a private server, where those of others cannot', at('server', '10.0.0.4:6443'), unread, 'differs'],
    ['a public server, where those of others cannot', at('server', 'api.one.example.org:443'), unread, 'gap'],
    ['a name, where those of others cannot', at('name', 'far'), unread, 'differs'],
    [
      'a server, where there is no Cluster API',
      at('server', '10.0.0.4:6443'),
      { readingOf: () => 'notInstalled' },
      'differs',
    ],
  ])('of Argo CD act on %s: %#', (_name, one, more, expected) => {
    expect(answer(source({ unclaimed: [one] }, more), 'argoClusterUnmatched')).toBe(expected)
  })

  it('are not asked for where their kinds are not installed', () => {
    const nothing = source({}, { readingOf: () => 'notInstalled' })
    expect(nothing).toEqual({ reconcilers: [], drift: { differences: [], gaps: [], looked: [] } })
  })
})

describe('what is left of a Cluster', () => {
  const machine = owned(member('Machine', 'Healthy', { at: 'm' }))
  const infra = owned(member('AzureCluster', 'Healthy'))

  it('is told object by object', () => {
    const facts = source({ orphans: [infra, machine] })
    expect(only(facts, 'orphanMachine')?.message).toBe('Machine team/m is of Cluster team/gone, which is not there.')
    expect(found(facts, 'orphanInfra')).toHaveLength(1)
  })

  it.each<readonly [string, Member, string]>([
    ['its spec, of a kind of Cluster API that must name it', machine, 'spec.clusterName'],
    [
      'its label, where that says the same',
      owned(member('AzureCluster', 'Healthy', { labels: { 'cluster.x-k8s.io/cluster-name': 'gone' } })),
      'metadata.labels[cluster.x-k8s.io/cluster-name]',
    ],
    ['its cluster, where nothing tells how', infra, 'cluster'],
  ])('is told by %s', (_name, orphan, field) => {
    expect(source({ orphans: [orphan] }).drift.differences.map((each) => each.field)).toEqual([field])
  })

  const lists: readonly [string, readonly Member[], Partial<Surroundings>, ReturnType<typeof answer>][] = [
    ['nothing', [], {}, 'same'],
    ['nothing, where Clusters cannot be read', [], unreadable(cluster), 'nothing'],
    ['something, where Clusters cannot be read', [machine], unreadable(cluster), 'gap'],
    ['something, where there is no Cluster API', [machine], { readingOf: () => 'notInstalled' }, 'nothing'],
    ['something on its way out', [owned(member('Machine', 'Deleting', { at: 'm' }))], {}, 'same'],
  ]
  it.each(lists)('%s', (_name, orphans, more, expected) => {
    expect(answer(source({ orphans }, more), 'orphanMachine')).toBe(expected)
  })
})

it('a Cluster object that vanished is told with when', () => {
  const gone = { member: member('Cluster', 'Healthy'), goneAt: '2026-11-22T08:00:00Z' }
  expect(only(source({ vanished: [gone] }), 'goneSinceLastPoll')).toMatchObject({
    since: gone.goneAt,
    expected: 'prod',
  })
  expect(answer(source({}), 'goneSinceLastPoll')).toBe('same')
})

it('the same objects make the same answer, in whatever order they come, heard lately or not', () => {
  const options: readonly Options[] = [{ at: 'a' }, { at: 'b', fresh: false }, { at: 'c' }]
  const unclaimed = options.flatMap((one) => [
    {
      ...kustomization({ actsAt: { by: 'secret', value: 'x/y' } }),
      ...member('Kustomization', 'Healthy', one),
      facts: { gitops: applies },
    },
    member('GitRepository', 'Healthy', { ...one, facts: { gitops: { ...applies, role: 'source', suspended: true } } }),
  ])
  const orphans = options.map((one) => owned(member('Machine', 'Healthy', one)))
  const all = { unclaimed, orphans }
  const told = source(all)
  fc.assert(
    fc.property(
      fc.shuffledSubarray(unclaimed, { minLength: unclaimed.length }),
      fc.shuffledSubarray(orphans, { minLength: orphans.length }),
      (one, other) => {
        expect(source({ unclaimed: one, orphans: other })).toEqual(told)
        const heard = (members: readonly Member[]) => members.map((each) => ({ ...each, fresh: true }))
        expect(source({ unclaimed: heard(one), orphans: heard(other) }).drift).toEqual(told.drift)
      },
    ),
    { numRuns: 30 },
  )
})
