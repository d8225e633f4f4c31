import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../../fleet/policy/evaluate.ts'
import type { Rule } from '../../../../fleet/policy/policy.ts'
import { compileRules } from '../../../../fleet/policy/rules-in-force.ts'
import type { Subject } from '../../../../fleet/policy/subject.ts'
import { seedCalendar } from '../../../../fleet/support/seed.ts'
import { base, policyOf, poolOf, subjectOf } from '../ask.ts'

const now = new Date('2026-11-22T12:00:00Z')
const window: Rule = {
  ...base,
  type: 'supportWindow',
  leadMs: 0,
  allowPlatformSupport: false,
  allowExtended: true,
}
const skew: Rule = { ...base, type: 'versionSkew', max: 3 }
const age: Rule = { ...base, type: 'nodeImageAge', linuxMs: 60 * 86_400_000, windowsMs: 90 * 86_400_000 }

function askOf(rule: Rule, over: Partial<Subject>) {
  const rules = compileRules([policyOf([rule])], [], { entries: seedCalendar, regions: new Map() })
  const [verdict] = evaluate(subjectOf({ versionObserved: '1.35.2', ...over }), rules, now, () => null)
  return verdict
}

const pool = (name: string, versionObserved: string | null) => poolOf(name, { versionObserved })
const young = poolOf('system', { versionObserved: '1.35.2', nodeImage: 'AKSUbuntu-2204gen2containerd-202611.04.0' })

describe('the oldest pool decides on support', () => {
  it.each<readonly [readonly string[], string, string]>([
    [[], 'Pass', 'kubernetes.observed'],
    [['1.35.2', '1.34.1'], 'Pass', 'kubernetes.observed'],
    [['1.35.2', '1.32.4'], 'Fail', 'pools.p1.version'],
  ])('pools at %o: %s, by %s', (versions, outcome, field) => {
    const verdict = askOf(window, { pools: versions.map((version, n) => pool(`p${n}`, version)) })
    expect(verdict).toMatchObject({ outcome })
    expect(verdict?.evidence[0]?.field).toBe(field)
  })

  it('and answers hold until the first of them changes', () => {
    // 1.34 leaves support after 2026-11-30, months before 1.35 does.
    expect(askOf(window, { pools: [pool('p', '1.34.1')] })?.holdsUntil).toBe('2026-12-01T00:00:00.000Z')
  })
})

describe('where Azure lists pools that could not be read', () => {
  it.each<readonly [string, Rule, Partial<Subject>, string]>([
    ['nothing else is known', skew, { unreadPools: 1 }, 'Unknown'],
    ['all others are well', skew, { unreadPools: 1, pools: [young] }, 'Unknown'],
    ['all others are well', age, { unreadPools: 2, pools: [young] }, 'Unknown'],
    ['all others are well', window, { unreadPools: 1, pools: [young] }, 'Unknown'],
    ['one of the others violates', skew, { unreadPools: 1, pools: [pool('p', '1.31.1')] }, 'Fail'],
    ['all were read', skew, { unreadPools: 0, pools: [young] }, 'Pass'],
  ])('%s: %o', (_, rule, over, outcome) => {
    expect(askOf(rule, over)?.outcome).toBe(outcome)
  })
})
