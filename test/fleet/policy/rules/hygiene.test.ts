import { describe, expect, it } from 'vitest'
import type { Subject } from '../../../../fleet/policy/subject.ts'
import { ask, subjectOf } from '../ask.ts'

describe('autoUpgrade', () => {
  const both = { channels: ['patch', 'stable'], nodeOsChannels: ['NodeImage'] }

  it.each<[string, typeof both, Partial<Subject>, string]>([
    ['both as asked', both, { upgradeChannel: 'patch', nodeOsUpgradeChannel: 'NodeImage' }, 'ok'],
    ['in another case', both, { upgradeChannel: 'Patch', nodeOsUpgradeChannel: 'nodeimage' }, 'ok'],
    ['another channel', both, { upgradeChannel: 'rapid', nodeOsUpgradeChannel: 'NodeImage' }, 'violated'],
    ['another channel for nodes', both, { upgradeChannel: 'patch', nodeOsUpgradeChannel: 'Unmanaged' }, 'violated'],
    ['Azure tells none', both, { nodeOsUpgradeChannel: 'NodeImage' }, 'violated'],
    ['none, where none is asked', { channels: ['none'], nodeOsChannels: [] }, {}, 'ok'],
    ['only one is asked', { ...both, nodeOsChannels: [] }, { upgradeChannel: 'patch' }, 'ok'],
    ['Azure was not read', both, { azure: null }, 'unknown'],
    ['Azure was not read, but one is declared', both, { azure: null, upgradeChannel: 'rapid' }, 'violated'],
    ['not AKS', both, { provider: 'eks' }, 'notApplicable'],
    ['nobody knows whose', both, { provider: null }, 'notApplicable'],
  ])('%s', (_name, parameters, over, state) => {
    expect(ask('autoUpgrade', parameters, subjectOf(over)).state).toBe(state)
  })

  it('says what is there instead', () => {
    const ruling = ask('autoUpgrade', both, subjectOf({ nodeOsUpgradeChannel: 'NodeImage' }))
    expect(ruling.message).toBe('autoUpgradeChannel is none, not patch or stable')
  })
})

describe('owner', () => {
  it.each<[string, boolean, Partial<Subject>, string, string]>([
    ['owned', false, {}, 'ok', 'its owner is team-a'],
    ['owned by nobody', false, { owner: null }, 'violated', 'no label or tag tells its owner'],
    ['no contact', true, {}, 'violated', 'no label or tag tells its contact'],
    ['neither', true, { owner: null }, 'violated', 'no label or tag tells its owner and its contact'],
    ['both', true, { contact: '#team-a' }, 'ok', 'its owner is team-a, its contact is #team-a'],
  ])('%s', (_name, contactRequired, over, state, message) => {
    expect(ask('owner', { contactRequired }, subjectOf(over))).toMatchObject({ state, message })
  })
})

describe('labels', () => {
  it.each<[string, Record<string, string>, string]>([
    ['there', { 'cost-center': '4711' }, 'ok'],
    ['in another case', { 'Cost-Center': '4711' }, 'ok'],
    ['with a prefix', { 'example.com/cost-center': '4711' }, 'ok'],
    ['empty', { 'cost-center': '' }, 'violated'],
    ['a longer word', { 'old-cost-center': '4711' }, 'violated'],
    ['absent', {}, 'violated'],
  ])('%s', (_name, labels, state) => {
    expect(ask('labels', { required: ['cost-center'] }, subjectOf({ labels })).state).toBe(state)
  })

  it('names all that are missing', () => {
    const ruling = ask('labels', { required: ['cost-center', 'tier', 'team'] }, subjectOf())
    expect(ruling.message).toBe('has no cost-center, no team')
    expect(ruling.evidence.map(({ field, actual }) => [field, actual])).toEqual([
      ['labels.cost-center', null],
      ['labels.tier', 'gold'],
      ['labels.team', null],
    ])
  })
})
