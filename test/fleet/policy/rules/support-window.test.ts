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
      { field: 'support.phase', expected: null, actual: 'Supported', from: 'aks-docs', asOf: '2026-06-01' },
      {
        field: 'support.endsAt',
        expected: '30 days ahead',
        actual: '2026-07-31',
        from: 'aks-docs',
        asOf: '2026-06-01',
      },
    ])
  })
})
