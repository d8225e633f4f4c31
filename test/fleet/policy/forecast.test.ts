import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foresee } from '../../../fleet/policy/forecast.ts'
import { compileRules } from '../../../fleet/policy/rules-in-force.ts'
import { base, emptyCalendar, memoryOf, policyOf, poolOf, subjectOf } from './ask.ts'
import { aboutOf, differenceOf, driftOf, ruleOf } from './drift-ask.ts'
import { calendar, instant, policies, subject, waivers } from './random-fleet.ts'

const dayMs = 86_400_000

describe('a forecast', () => {
  it('is the same in one go as by way of any instant between', () => {
    fc.assert(
      fc.property(
        subject,
        fc.record({ policies, waivers, calendar }),
        fc.tuple(instant, instant, instant),
        (of, given, instants) => {
          const [now, mid, at] = instants.toSorted((a, b) => a.getTime() - b.getTime()) as [Date, Date, Date]
          const rules = compileRules(given.policies, given.waivers, { ...given.calendar, foreseenFrom: now })
          const whole = foresee(of, rules, { now, at }, () => null)
          const half = foresee(of, rules, { now, at: mid }, () => null)
          const rest = foresee(of, rules, { now: mid, at }, memoryOf(half.after))
          expect(rest.after).toEqual(whole.after)
          for (const { before, after, at: turnedAt } of whole.turns) {
            expect(after.outcome).not.toBe(before.outcome)
            // Who is silent holds back what the clock has done already.
            const areHeard = of.silent.length === 0
            expect(Date.parse(turnedAt)).toBeGreaterThanOrEqual(now.getTime() + (areHeard ? 1 : 0))
            expect(Date.parse(turnedAt)).toBeLessThanOrEqual(at.getTime())
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('gives a violation that begins on the way its grace from then on', () => {
    const rule = { ...base, id: 'images', type: 'nodeImageAge', linuxMs: 30 * dayMs, windowsMs: 60 * dayMs } as const
    const of = subjectOf({ pools: [poolOf('batch', { nodeImage: 'AKSUbuntu-2204gen2containerd-202601.01.0' })] })
    const turnsAt = (graceMs: number, at: string) =>
      foresee(
        of,
        compileRules([policyOf([{ ...rule, graceMs }])], [], emptyCalendar),
        { now: new Date('2026-01-10T12:00:00Z'), at: new Date(at) },
        () => null,
      ).turns.map((turn) => [turn.before.outcome, turn.after.outcome, turn.at])
    expect(turnsAt(0, '2026-01-30T23:59:59Z')).toEqual([])
    expect(turnsAt(0, '2026-01-31T00:00:00Z')).toEqual([['Pass', 'Fail', '2026-01-31T00:00:00.000Z']])
    expect(turnsAt(7 * dayMs, '2026-02-06T23:59:59Z')).toEqual([])
    expect(turnsAt(7 * dayMs, '2026-03-01T00:00:00Z')).toEqual([['Pass', 'Fail', '2026-02-07T00:00:00.000Z']])
  })

  it('foresees as if everybody were heard what waits for somebody who is silent', () => {
    const behind = (name: string, since: string) => differenceOf({ about: aboutOf(name), since, graceMs: dayMs })
    const of = subjectOf({
      drift: driftOf([behind('apps', '2026-01-08T00:00:00Z'), behind('infra', '2026-01-10T00:00:00Z')]),
      silent: [
        { source: 'mgmt-weu', kind: 'kustomize.toolkit.fluxcd.io/Kustomization', since: '2026-01-09T00:00:00Z' },
      ],
    })
    const rules = compileRules([policyOf([ruleOf('behindSource')])], [], emptyCalendar)
    const clock = { now: new Date('2026-01-10T12:00:00Z'), at: new Date('2026-01-20T00:00:00Z') }
    const { before, turns } = foresee(of, rules, clock, () => null)
    expect(before.map(({ outcome }) => outcome)).toEqual(['Pass', 'Pass'])
    expect(turns.map((turn) => [turn.after.drift?.about?.ref.name, turn.after.outcome, turn.at])).toEqual([
      ['apps', 'Fail', '2026-01-10T12:00:00.000Z'],
      ['infra', 'Fail', '2026-01-11T00:00:00.000Z'],
    ])
  })
})
