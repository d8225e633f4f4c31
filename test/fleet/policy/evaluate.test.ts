import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../fleet/policy/evaluate.ts'
import type { Policy, Rule, Verdict, Waiver } from '../../../fleet/policy/policy.ts'
import { compileRules, supportOfSubject } from '../../../fleet/policy/rules-in-force.ts'
import type { Subject } from '../../../fleet/policy/subject.ts'
import { base, emptyCalendar, memoryOf, policyOf, poolOf, subjectOf, waiverOf } from './ask.ts'

const dayMs = 86_400_000
const minimum: Rule = { ...base, id: 'minimum', type: 'minimumVersion', version: '1.34' }
const images: Rule = { ...base, id: 'images', type: 'nodeImageAge', linuxMs: 30 * dayMs, windowsMs: 30 * dayMs }
const old = subjectOf({ versionObserved: '1.33.4' })
const never = () => null

/** Verdicts at `now`, with what the last ones told of violations given back, as the store does. */
function verdicts(
  subject: Subject,
  given: { policies?: readonly Policy[]; waivers?: readonly Waiver[] },
  now: string,
  last: readonly Verdict[] = [],
): readonly Verdict[] {
  const rules = compileRules(given.policies ?? [policyOf([minimum])], given.waivers ?? [], emptyCalendar)
  return evaluate(subject, rules, new Date(now), memoryOf(last))
}

describe('evaluate', () => {
  it('gives one verdict for every rule that applies, of every policy that selects', () => {
    const owner: Rule = { ...base, id: 'owner', type: 'owner', contactRequired: false }
    const policies = [
      policyOf([minimum, images, owner]),
      policyOf([owner], { name: 'elsewhere', selector: { environment: ['dev'] } }),
      policyOf([owner], { name: 'europe', version: '7', selector: { geography: ['eu'] } }),
    ]
    const found = verdicts(old, { policies }, '2026-07-01T00:00:00Z')
    expect(found.map(({ policy, policyVersion, rule, outcome }) => [policy, policyVersion, rule, outcome])).toEqual([
      ['baseline', '1', 'minimum', 'Fail'],
      ['baseline', '1', 'owner', 'Pass'],
      ['europe', '7', 'owner', 'Pass'],
    ])
    expect(found[0]).toEqual({
      policy: 'baseline',
      policyVersion: '1',
      rule: 'minimum',
      type: 'minimumVersion',
      severity: 'high',
      outcome: 'Fail',
      message: '1.33.4 runs, and at least 1.34 is asked for',
      evidence: [
        { field: 'kubernetes.observed', expected: '>= 1.34', actual: '1.33.4', from: 'corp/1111', asOf: null },
      ],
      violatedSince: '2026-07-01T00:00:00.000Z',
      graceUntil: null,
      waiverId: null,
      drift: null,
      holdsUntil: null,
    })
  })

  it('answers for the clusters it was compiled for, and for the calendar it was given', () => {
    const rules = compileRules([], [], emptyCalendar)
    expect(supportOfSubject(subjectOf({ versionObserved: null }), rules, new Date(0))).toMatchObject({
      phase: 'Unknown',
    })
    expect(evaluate(old, rules, new Date(), never)).toEqual([])
  })
})

describe('grace', () => {
  const policies = [policyOf([{ ...minimum, graceMs: 7 * dayMs }])]

  it('tolerates a violation from its first sight on, and then fails', () => {
    const [first] = verdicts(old, { policies }, '2026-07-01T12:00:00Z')
    expect(first).toMatchObject({
      outcome: 'Pass',
      violatedSince: '2026-07-01T12:00:00.000Z',
      graceUntil: '2026-07-08T12:00:00.000Z',
      holdsUntil: '2026-07-08T12:00:00.000Z',
    })
    const last = first ? [first] : []
    expect(verdicts(old, { policies }, '2026-07-08T11:59:59.999Z', last)).toEqual(last)
    expect(verdicts(old, { policies }, '2026-07-08T12:00:00Z', last)).toMatchObject([
      { outcome: 'Fail', violatedSince: '2026-07-01T12:00:00.000Z', graceUntil: null, holdsUntil: null },
    ])
  })

  it('is counted from the day that the facts tell, where they do', () => {
    const subject = subjectOf({ pools: [poolOf('p', { nodeImage: 'AKSUbuntu-2204gen2containerd-202606.01.0' })] })
    const graceful = [policyOf([{ ...images, graceMs: 7 * dayMs }])]
    const tolerated = {
      outcome: 'Pass',
      violatedSince: '2026-07-01T00:00:00.000Z',
      graceUntil: '2026-07-08T00:00:00.000Z',
    }
    expect(verdicts(subject, { policies: graceful }, '2026-07-05T00:00:00Z')).toMatchObject([tolerated])
    expect(verdicts(subject, { policies: graceful }, '2026-07-08T00:00:00Z')).toMatchObject([{ outcome: 'Fail' }])
  })

  it('was used up, though the facts date the violation later than it was seen', () => {
    const subject = subjectOf({ pools: [poolOf('p', { nodeImage: 'AKSUbuntu-2204gen2containerd-202606.01.0' })] })
    const before = verdicts(
      subjectOf({ pools: [poolOf('p', { nodeImage: 'AKSUbuntu-2204gen2containerd-202605.01.0' })] }),
      { policies: [policyOf([images])] },
      '2026-07-05T00:00:00Z',
    )
    expect(before).toMatchObject([{ violatedSince: '2026-05-31T00:00:00.000Z' }])
    const graceful = [policyOf([{ ...images, graceMs: 7 * dayMs }])]
    expect(verdicts(subject, { policies: graceful }, '2026-07-05T00:00:00Z', before)).toMatchObject([
      { outcome: 'Fail' },
    ])
  })

  it('does not begin anew because nobody knew for a while, but does once the violation was over', () => {
    const first = verdicts(old, { policies }, '2026-07-01T00:00:00Z')
    const blind = verdicts(subjectOf({ versionObserved: null }), { policies }, '2026-07-05T00:00:00Z', first)
    expect(blind).toMatchObject([{ outcome: 'Unknown', graceUntil: null }])
    expect(verdicts(old, { policies }, '2026-07-08T00:00:00Z', blind)).toMatchObject([{ outcome: 'Fail' }])

    const well = verdicts(subjectOf({ versionObserved: '1.34.1' }), { policies }, '2026-07-05T00:00:00Z', first)
    expect(well).toMatchObject([{ outcome: 'Pass', violatedSince: null, graceUntil: null }])
    expect(verdicts(old, { policies }, '2026-07-08T00:00:00Z', well)).toMatchObject([{ outcome: 'Pass' }])
  })
})

describe('waivers', () => {
  const at = '2026-07-01T00:00:00Z'
  const waived = (waivers: readonly Waiver[], now = at, subject = old) => verdicts(subject, { waivers }, now)[0]

  it.each<[string, Partial<Waiver>, string, string]>([
    ['of the policy', {}, at, 'Waived'],
    ['of the rule', { rule: 'minimum' }, at, 'Waived'],
    ['of every policy', { policy: null }, at, 'Waived'],
    ['of another rule', { rule: 'images' }, at, 'Fail'],
    ['of another policy', { policy: 'other' }, at, 'Fail'],
    ['of this cluster', { selector: { clusterId: old.clusterId } }, at, 'Waived'],
    ['of another cluster', { selector: { clusterId: '00000000-0000-8000-8000-000000000000' } }, at, 'Fail'],
    ['by name', { selector: { name: ['shop'] } }, at, 'Waived'],
    ['by another name', { selector: { name: ['Shop'] } }, at, 'Fail'],
    ['the instant it begins', { createdAt: new Date(at) }, at, 'Waived'],
    ['before it begins', { createdAt: new Date(at) }, '2026-06-30T23:59:59.999Z', 'Fail'],
    ['the last instant of it', { expiresAt: new Date(at) }, '2026-06-30T23:59:59.999Z', 'Waived'],
    ['expired', { expiresAt: new Date(at) }, at, 'Fail'],
    ['revoked', { revokedAt: new Date(at) }, at, 'Fail'],
    ['not revoked yet', { revokedAt: new Date(at) }, '2026-06-30T23:59:59.999Z', 'Waived'],
  ])('%s', (_name, over, now, outcome) => {
    expect(waived([waiverOf(over)], now)?.outcome).toBe(outcome)
  })

  it('holds until the longest one ends, which is named', () => {
    const short = waiverOf({ id: '00000000-0000-8000-8000-000000000001', expiresAt: new Date('2026-08-01T00:00:00Z') })
    const long = waiverOf({ expiresAt: new Date('2026-09-01T00:00:00Z') })
    const verdict = { outcome: 'Waived', waiverId: long.id, holdsUntil: '2026-09-01T00:00:00.000Z' }
    expect(waived([short, long])).toMatchObject(verdict)
    expect(waived([long, short])).toMatchObject(verdict)
  })

  it('begins later: the failure holds until then', () => {
    const later = waiverOf({ createdAt: new Date('2026-08-01T00:00:00Z') })
    expect(waived([later])).toMatchObject({ outcome: 'Fail', holdsUntil: '2026-08-01T00:00:00.000Z' })
  })

  it('excuses a violation, and hides neither what is unknown nor what is well', () => {
    const waivers = [waiverOf()]
    expect(waived(waivers, at, subjectOf({ versionObserved: null }))).toMatchObject({
      outcome: 'Unknown',
      waiverId: null,
    })
    expect(waived(waivers, at, subjectOf({ versionObserved: '1.34.0' }))).toMatchObject({
      outcome: 'Pass',
      waiverId: null,
    })
  })

  it('is not used up by grace', () => {
    const given = { policies: [policyOf([{ ...minimum, graceMs: dayMs }])], waivers: [waiverOf()] }
    const first = verdicts(old, given, at)
    expect(first).toMatchObject([{ outcome: 'Pass', waiverId: null, holdsUntil: '2026-07-02T00:00:00.000Z' }])
    expect(verdicts(old, given, '2026-07-02T00:00:00Z', first)).toMatchObject([{ outcome: 'Waived' }])
  })
})
