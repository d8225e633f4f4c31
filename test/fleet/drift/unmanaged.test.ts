import { describe, expect, it } from 'vitest'
import type { Member } from '../../../fleet/cluster.ts'
import type { Facts } from '../../../fleet/observation.ts'
import { composeAmid, member, refOf, selfManaged, surroundedBy } from '../members.ts'
import { answer, unreadable } from './of.ts'

describe('unmanagedByGit', () => {
  const by = (managedBy: Facts['managedBy'], labels = {}) =>
    selfManaged('Healthy', { labels, facts: { ...selfManaged().facts, ...(managedBy ? { managedBy } : {}) } })
  const shop = member('Application', 'Healthy', { at: 'shop' })
  const hint = by({ tool: 'argocd', ref: null, name: 'shop', hint: true }, { 'app.kubernetes.io/instance': 'shop' })
  it.each<readonly [string, Member, readonly Member[], ReturnType<typeof answer>]>([
    ['by nothing', by(undefined), [], 'differs'],
    ['by a Kustomization, seen or not', by({ tool: 'flux', ref: refOf('Kustomization'), name: 'prod' }), [], 'same'],
    ['by its topology', by({ tool: 'topology', ref: null, name: 'prod' }), [], 'same'],
    ['by a tracking annotation', by({ tool: 'argocd', ref: null, name: 'shop' }), [], 'same'],
    ['by the label of an Application that is there', hint, [shop], 'same'],
    ['by the label alone', hint, [], 'differs'],
  ])('%s', (_name, cluster, around, expected) => {
    expect(answer(composeAmid(surroundedBy(around), cluster), 'unmanagedByGit')).toBe(expected)
  })

  it('is likely where a label hints at something, and not known where Applications cannot be read', () => {
    expect(composeAmid(surroundedBy([]), hint).drift.differences).toMatchObject([{ likely: true, actual: 'shop' }])
    const facts = composeAmid(surroundedBy([], unreadable('argoproj.io/Application')), hint)
    expect(answer(facts, 'unmanagedByGit')).toBe('gap')
  })
})
