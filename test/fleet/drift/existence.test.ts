import { describe, expect, it } from 'vitest'
import type { OwnDifference } from '../../../fleet/drift/difference.ts'
import { aks, arm, armId, composeAmid, member, refOf, selfManaged, surroundedBy } from '../members.ts'
import { answer, codesOf, only } from './of.ts'

const amid = (more: Parameters<typeof surroundedBy>[1], ...members: Parameters<typeof composeAmid>[1][]) =>
  composeAmid(surroundedBy([], more), ...members)

describe('a cluster that Azure alone knows', () => {
  it('is declared by nobody', () => {
    expect(only(amid({}, arm()), 'aksUnmanaged')).toMatchObject({
      about: { id: arm().id },
      actual: armId,
      message: 'Azure has the cluster prod, which nobody declares.',
      evidence: [{ from: 'corp/s' }],
    })
  })

  it('may have been declared before', () => {
    const declaredUntil = '2026-11-20T08:00:00Z'
    expect(only(amid({ declaredUntil }, arm()), 'aksUnmanaged')).toMatchObject({
      since: declaredUntil,
      message: `Azure has the cluster prod, which nobody declares; its Cluster object went away at ${declaredUntil}.`,
    })
  })

  it('that is a management cluster of the fleet is declared by the fleet file', () => {
    expect(answer(amid({ managementCluster: 'weu' }, arm()), 'aksUnmanaged')).toBe('nothing')
  })

  it.each<readonly [string, readonly string[], ReturnType<typeof answer>]>([
    ['Succeeded', [], 'differs'],
    ['Creating', [], 'nothing'],
    ['Deleting', [], 'nothing'],
    ['Succeeded', ['neu', 'weu'], 'gap'],
    ['Creating', ['weu'], 'nothing'],
  ])('that is %s, while the Clusters of %o cannot be read: %s', (provisioningState, declarersUnread, expected) => {
    const azure = arm('Healthy', { facts: { more: { provisioningState } } })
    expect(answer(amid({ declarersUnread }, azure), 'aksUnmanaged')).toBe(expected)
  })

  it('may be declared where Clusters cannot be read, of which the first is named', () => {
    expect(amid({ declarersUnread: ['neu', 'weu'] }, arm()).drift.gaps.map(({ message }) => message)).toEqual([
      'Not looked at: managedClusters prod: the Clusters of neu, and 1 more cannot be read.',
    ])
    expect(answer(amid({ declarersUnread: ['neu'] }, arm(), aks()), 'aksUnmanaged')).toBe('same')
  })

  it('that something is applied to is declared no more than before; one that has parts is', () => {
    const acts = member('HelmRelease', 'Healthy', { facts: { actsOn: { namespace: 'team', name: 'prod' } } })
    expect(answer(amid({}, arm(), acts), 'aksUnmanaged')).toBe('differs')
    expect(answer(amid({}, arm(), member('MachinePool', 'Healthy')), 'aksUnmanaged')).toBe('same')
    expect(answer(amid({}, arm(), aks()), 'aksUnmanaged')).toBe('same')
  })
})

describe('a declared cluster', () => {
  const plane = member('AzureASOManagedControlPlane', 'Healthy', { facts: { armId } })
  const missing = { since: '2026-11-22T08:00:00Z', source: 'corp' }

  it('that Azure does not have is missing, since Azure was asked', () => {
    expect(only(amid({ missing }, aks(), plane), 'aksMissing')).toMatchObject({
      about: { ref: refOf('Cluster') },
      expected: armId,
      actual: null,
      since: missing.since,
      message: `Cluster team/prod is declared, and Azure does not have ${armId}.`,
      evidence: [{ actual: armId }, { actual: null, from: 'corp' }],
    })
  })

  it('that Azure has is not; of one that nobody asked for, nothing is known', () => {
    expect(answer(amid({ missing }, aks(), plane, arm()), 'aksMissing')).toBe('same')
    expect(answer(amid({}, aks(), plane), 'aksMissing')).toBe('nothing')
  })

  it('on its way out is gone in Azure first', () => {
    expect(answer(amid({ missing }, aks('Deleting'), plane), 'aksMissing')).toBe('nothing')
  })

  it('that several Cluster objects claim is managed twice', () => {
    const facts = amid({}, aks('Healthy', { source: 'neu' }), aks('Suspended', { source: 'weu' }))
    expect(only(facts, 'duplicateManaged')).toMatchObject({
      message: '2 Cluster objects claim this cluster: neu/team/prod, weu/team/prod.',
      evidence: [{ from: 'neu' }, { from: 'weu' }],
    })
    expect(answer(amid({}, aks()), 'duplicateManaged')).toBe('same')
  })

  it('keeps telling the same of its claimants when one of them falls silent', () => {
    const pools = (source: string) =>
      member('MachinePool', 'Healthy', { source, facts: { replicas: { desired: 1, current: 2 } } })
    const at = (source: string, fresh: boolean) => [aks('Healthy', { source, fresh }), { ...pools(source), fresh }]
    const told = amid({}, ...at('neu', true), ...at('weu', true)).drift
    expect(amid({}, ...at('neu', false), ...at('weu', true)).drift).toEqual(told)
    expect(amid({}, ...at('neu', true), ...at('weu', false)).drift).toEqual(told)
  })
})

it('a Machine without a set is an orphan by its own word', () => {
  const own: OwnDifference = {
    code: 'orphanMachine',
    field: 'metadata.ownerReferences',
    expected: 'a controller',
    actual: null,
  }
  const machine = member('Machine', 'Healthy', { at: 'lone', facts: { drift: [own] } })
  expect(answer(amid({}, selfManaged(), machine), 'orphanMachine')).toBe('differs')
  expect(answer(amid({}, selfManaged(), { ...machine, facts: {} }), 'orphanMachine')).toBe('same')
})

it('a cluster known by its parts alone is asked little', () => {
  expect(codesOf(amid({}, member('MachinePool', 'Healthy')))).toEqual([])
})
