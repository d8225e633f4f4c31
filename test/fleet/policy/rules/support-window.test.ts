import { describe, expect, it } from 'vitest'
import type { RuleOf } from '../../../../fleet/policy/ruling.ts'
import type { Support } from '../../../../fleet/support/calendar.ts'
import { ask, instants, subjectOf } from '../ask.ts'

const dayMs = 86_400_000
const support: Support = {
  calendar: 'aks',
  minor: '1.33',
  plan: 'standard',
  phase: 'Supported',
  reason: 'Supported',
  message: 'AKS supports 1.33.',
  endsAt: '2026-07-31',
  standardEnd: '2026-07-31',
  extendedEnd: '2027-07-31',
  ltsOnly: false,
  source: 'aks-docs',
  asOf: '2026-06-01',
  phaseBy: { source: 'listKubernetesVersions of westeurope', asOf: '2026-06-20' },
  standardBy: { source: 'aks-calendar', asOf: '2026-06-02' },
  latestPatch: '1.33.6',
  upgradeTargets: [],
  holdsUntil: '2026-08-01T00:00:00.000Z',
}
const plain = { leadMs: 0, allowPlatformSupport: false, allowExtended: true }
const ahead = { ...plain, leadMs: 30 * dayMs }
const lts = {
  plan: 'lts',
  phase: 'SupportedLts',
  reason: 'SupportedLts',
  endsAt: '2027-07-31',
  holdsUntil: null,
} as const

type Row = [string, Partial<RuleOf<'supportWindow'>>, Partial<Support>, string, string, string | null, string | null]

describe('supportWindow', () => {
  it.each<Row>([
    // name, rule, support, now, state, since, holdsUntil
    ['supported', plain, {}, '2026-07-31T23:59:59.999Z', 'ok', null, '2026-08-01T00:00:00.000Z'],
    ['long before its end', ahead, {}, '2026-07-01T00:00:00Z', 'ok', null, '2026-07-02T00:00:00.000Z'],
    ['the last instant before the lead', ahead, {}, '2026-07-01T23:59:59.999Z', 'ok', null, '2026-07-02T00:00:00.000Z'],
    [
      'the lead begins',
      ahead,
      {},
      '2026-07-02T00:00:00Z',
      'violated',
      '2026-07-02T00:00:00.000Z',
      '2026-08-01T00:00:00.000Z',
    ],
    [
      'the last day',
      ahead,
      {},
      '2026-07-31T00:00:00Z',
      'violated',
      '2026-07-02T00:00:00.000Z',
      '2026-08-01T00:00:00.000Z',
    ],
    [
      'no date, none asked',
      plain,
      { endsAt: null, standardEnd: null },
      '2026-07-31T00:00:00Z',
      'ok',
      null,
      '2026-08-01T00:00:00.000Z',
    ],
    [
      'no date, though one is asked',
      ahead,
      { endsAt: null, holdsUntil: null },
      '2026-07-31T00:00:00Z',
      'unknown',
      null,
      null,
    ],
    [
      'out of support',
      plain,
      { phase: 'OutOfSupport', holdsUntil: null },
      '2026-08-05T00:00:00Z',
      'violated',
      '2026-08-01T00:00:00.000Z',
      null,
    ],
    [
      'out of support, dated by the lead',
      ahead,
      { phase: 'OutOfSupport', holdsUntil: null },
      '2026-08-05T00:00:00Z',
      'violated',
      '2026-07-02T00:00:00.000Z',
      null,
    ],
    [
      'out of support before its date',
      plain,
      { phase: 'OutOfSupport', holdsUntil: null },
      '2026-07-20T00:00:00Z',
      'violated',
      null,
      null,
    ],
    [
      'out of support, undated',
      plain,
      { phase: 'OutOfSupport', endsAt: null, holdsUntil: null },
      '2026-08-05T00:00:00Z',
      'violated',
      null,
      null,
    ],
    [
      'an unknown phase',
      ahead,
      { phase: 'Unknown', reason: 'RegionStale', holdsUntil: null },
      '2026-08-05T00:00:00Z',
      'unknown',
      null,
      null,
    ],
    [
      'platform support',
      plain,
      { phase: 'PlatformSupport', holdsUntil: null },
      '2026-08-05T00:00:00Z',
      'violated',
      '2026-08-01T00:00:00.000Z',
      null,
    ],
    [
      'platform support, allowed',
      { ...ahead, allowPlatformSupport: true },
      { phase: 'PlatformSupport', holdsUntil: null },
      '2026-08-05T00:00:00Z',
      'ok',
      null,
      null,
    ],
    [
      'a preview',
      plain,
      { phase: 'Preview', reason: 'Preview', endsAt: null, holdsUntil: null },
      '2026-08-05T00:00:00Z',
      'violated',
      null,
      null,
    ],
    ['long-term support', ahead, lts, '2026-08-05T00:00:00Z', 'ok', null, '2027-07-02T00:00:00.000Z'],
    [
      'long-term support near its end',
      ahead,
      lts,
      '2027-07-02T00:00:00Z',
      'violated',
      '2027-07-02T00:00:00.000Z',
      null,
    ],
    [
      'long-term support that does not count',
      { ...plain, allowExtended: false },
      { ...lts, ltsOnly: true },
      '2026-08-05T00:00:00Z',
      'violated',
      '2026-08-01T00:00:00.000Z',
      null,
    ],
    [
      'long-term support beside standard support',
      { ...ahead, allowExtended: false },
      lts,
      '2026-06-05T00:00:00Z',
      'ok',
      null,
      '2026-07-02T00:00:00.000Z',
    ],
    [
      'long-term support, standard support unknown',
      { ...plain, allowExtended: false },
      { ...lts, standardEnd: null },
      '2026-06-05T00:00:00Z',
      'unknown',
      null,
      null,
    ],
    [
      'extended support that does not count',
      { ...plain, allowExtended: false },
      { ...lts, plan: 'extended', phase: 'SupportedExtended' },
      '2026-08-05T00:00:00Z',
      'violated',
      '2026-08-01T00:00:00.000Z',
      null,
    ],
    [
      'too old a patch for long-term support',
      plain,
      { ...lts, reason: 'LtsPatchTooOld' },
      '2026-06-05T00:00:00Z',
      'violated',
      null,
      null,
    ],
    [
      'a retired patch within a lead as long as its grace',
      ahead,
      { reason: 'PatchRetired', holdsUntil: null },
      '2026-06-05T00:00:00Z',
      'violated',
      null,
      null,
    ],
    [
      'a retired patch, retired nobody knows when',
      plain,
      { reason: 'PatchRetired', holdsUntil: null },
      '2026-06-05T00:00:00Z',
      'unknown',
      null,
      null,
    ],
  ])('%s', (_name, rule, over, now, state, since, holdsUntil) => {
    const ruling = ask('supportWindow', { ...plain, ...rule }, subjectOf(), { now, support: { ...support, ...over } })
    expect({ state: ruling.state, ...instants(ruling) }).toEqual({ state, since, holdsUntil })
  })

  it('says what it rests on, and on whose word', () => {
    const ruling = ask('supportWindow', ahead, subjectOf(), { now: '2026-07-02T00:00:00Z', support })
    expect(ruling.message).toBe(
      'the last day of standard support of Kubernetes 1.33 is 2026-07-31, and the policy asks for 30 days ahead',
    )
    expect(ruling.evidence).toEqual([
      { field: 'kubernetes.observed', expected: null, actual: '1.33.4', from: 'corp/1111', asOf: null },
      {
        field: 'support.phase',
        expected: 'in support',
        actual: 'Supported',
        from: 'listKubernetesVersions of westeurope',
        asOf: '2026-06-20',
      },
      {
        field: 'support.endsAt',
        expected: '30 days ahead',
        actual: '2026-07-31',
        from: 'aks-docs',
        asOf: '2026-06-01',
      },
    ])
  })

  it('names the plan and the tier where they decide', () => {
    const subject = subjectOf({ supportPlan: 'AKSLongTermSupport', tier: null })
    const unread = { ...support, phase: 'Unknown', reason: 'TierUnread', ltsOnly: true } as const
    const { state, evidence } = ask('supportWindow', plain, subject, { support: unread })
    expect(state).toBe('unknown')
    expect(evidence.map(({ field, expected, actual, from }) => [field, expected, actual, from])).toEqual([
      ['kubernetes.observed', null, '1.33.4', 'corp/1111'],
      ['supportPlan', 'AKSLongTermSupport', 'AKSLongTermSupport', 'corp/1111'],
      ['tier', 'Premium', null, 'corp/1111'],
      ['support.phase', 'in support', 'Unknown', 'listKubernetesVersions of westeurope'],
      ['support.endsAt', 'not past', '2026-07-31', 'aks-docs'],
    ])
  })

  it.each<[string, Partial<Support>, string]>([
    ['long-term support', lts, 'supportPlan,tier'],
    ['what only it would cover', { phase: 'OutOfSupport', reason: 'LtsOnly', ltsOnly: true }, 'supportPlan,tier'],
    ['extended support', { calendar: 'eks', plan: 'extended', phase: 'SupportedExtended' }, 'supportPlan'],
    ['a channel nobody read', { calendar: 'gke', phase: 'Unknown', reason: 'ChannelUnread' }, 'supportPlan'],
    ['standard support', {}, ''],
  ])('names for %s what the cluster is set to', (_name, over, fields) => {
    const { evidence } = ask('supportWindow', plain, subjectOf(), { support: { ...support, ...over } })
    const all = evidence.map(({ field }) => field)
    expect(all.filter((field) => !field.startsWith('support.') && !field.startsWith('kubernetes')).join()).toBe(fields)
    expect(evidence.filter(({ field, expected }) => field.startsWith('support.') && expected === null)).toEqual([])
  })

  it('says whose standard support, and what else counts, by the policy', () => {
    const rule = { ...plain, allowExtended: false, allowPlatformSupport: true }
    const { evidence } = ask('supportWindow', rule, subjectOf(), { support: { ...support, ...lts } })
    expect(evidence.slice(-2)).toMatchObject([
      { field: 'support.phase', expected: 'in standard support, or platform support' },
      { field: 'support.endsAt', actual: '2026-07-31', from: 'aks-calendar', asOf: '2026-06-02' },
    ])
    expect(evidence.map(({ field, expected }) => [field, expected])).toContainEqual(['tier', null])
  })

  it('speaks of standard support where the plan is set but covers another', () => {
    const over = { plan: 'lts', phase: 'Supported', reason: 'Supported' } as const
    const { message } = ask('supportWindow', ahead, subjectOf(), { support: { ...support, ...over } })
    expect(message).toBe('Kubernetes 1.33 has standard support until 2026-07-31')
  })
})
