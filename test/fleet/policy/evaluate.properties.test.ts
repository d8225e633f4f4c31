import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../fleet/policy/evaluate.ts'
import type { Policy, Rule, RuleType, Verdict, Waiver } from '../../../fleet/policy/policy.ts'
import { compileRules } from '../../../fleet/policy/rules-in-force.ts'
import type { Subject } from '../../../fleet/policy/subject.ts'
import { keyOfVerdict } from '../../../fleet/policy/verdict-key.ts'
import type { Calendar } from '../../../fleet/support/calendar.ts'
import { memoryOf, policyOf } from './ask.ts'
import { calendar, instant, policies, rule, subject, waivers } from './random-fleet.ts'

const byKey = (all: readonly Verdict[]) => new Map(all.map((verdict) => [keyOfVerdict(verdict), verdict]))

interface Given {
  readonly policies: readonly Policy[]
  readonly waivers: readonly Waiver[]
  readonly calendar: Calendar
}

/** Judged afresh, with nothing remembered but what the store keeps of the verdicts before. */
function judge(of: Subject, given: Given, now: Date, before: readonly Verdict[] = []): readonly Verdict[] {
  const rules = compileRules(given.policies, given.waivers, given.calendar)
  return evaluate(of, rules, now, memoryOf(before))
}

const given = fc.record({ policies, waivers, calendar })
/** Far beyond every date of the calendar. */
const farMs = Date.UTC(2040, 0, 1)

describe('every verdict', () => {
  it('holds until it says, and is the same whenever it is asked for before', () => {
    const within = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(subject, given, instant, within, (of, rules, now, share) => {
        const verdicts = judge(of, rules, now)
        for (const verdict of verdicts) {
          const untilMs = verdict.holdsUntil === null ? farMs : Date.parse(verdict.holdsUntil)
          expect(untilMs).toBeGreaterThan(now.getTime())
          for (const ms of [now.getTime() + Math.floor(share * (untilMs - now.getTime())), untilMs - 1]) {
            const later = byKey(judge(of, rules, new Date(ms), verdicts)).get(keyOfVerdict(verdict))
            expect(later).toEqual(verdict)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('is the same whether clusters are judged one by one or many in one go, at any clock before', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(subject, instant), { maxLength: 8 }), given, (asked, rules) => {
        const shared = compileRules(rules.policies, rules.waivers, rules.calendar)
        for (const [of, now] of asked) expect(evaluate(of, shared, now, () => null)).toEqual(judge(of, rules, now))
      }),
    )
  })

  it('does not depend on the order of policies, rules, waivers, labels, pools or components', () => {
    fc.assert(
      fc.property(subject, given, instant, (of, rules, now) => {
        const turned: Subject = {
          ...of,
          labels: Object.fromEntries(Object.entries(of.labels).toReversed()),
          pools: of.pools.toReversed(),
          components: of.components.toReversed(),
        }
        const backwards: Given = {
          ...rules,
          policies: rules.policies.map((policy) => ({ ...policy, rules: policy.rules.toReversed() })).toReversed(),
          waivers: rules.waivers.toReversed(),
        }
        // Sentences and evidence may name equals in another order.
        const plain = (all: readonly Verdict[]) =>
          new Map([...byKey(all)].map(([key, { message: _, evidence: __, ...verdict }]) => [key, verdict]))
        expect(plain(judge(turned, backwards, now))).toEqual(plain(judge(of, rules, now)))
      }),
    )
  })

  it('is another than all others on the cluster', () => {
    fc.assert(
      fc.property(subject, given, instant, (of, rules, now) => {
        const verdicts = judge(of, rules, now)
        expect(byKey(verdicts).size).toBe(verdicts.length)
      }),
    )
  })

  it('says Waived only with a waiver in force or by what is ignored, and names the grace that lets a violation pass', () => {
    fc.assert(
      fc.property(subject, given, instant, (of, rules, now) => {
        for (const { outcome, waiverId, graceUntil, violatedSince, drift } of judge(of, rules, now)) {
          const isIgnored = drift?.suppressedBy != null
          const waiver = rules.waivers.find(({ id }) => id === waiverId)
          const inForce =
            waiver &&
            waiver.createdAt <= now &&
            now < waiver.expiresAt &&
            !(waiver.revokedAt && waiver.revokedAt <= now)
          expect(outcome === 'Waived').toBe(inForce === true || isIgnored)
          if (isIgnored) expect([waiverId, graceUntil]).toEqual([null, null])
          expect(outcome === 'Pass' && violatedSince !== null).toBe(graceUntil !== null)
          if (violatedSince) expect(Date.parse(violatedSince)).toBeLessThanOrEqual(now.getTime())
        }
      }),
    )
  })
})

describe('what nobody knows', () => {
  const unknown: Partial<Record<RuleType, Partial<Subject>>> = {
    supportWindow: { versionObserved: null },
    minimumVersion: { versionObserved: null },
    versionSkew: { versionObserved: null },
    patchAge: { versionObserved: null },
    autoUpgrade: { azure: null, upgradeChannel: null, nodeOsUpgradeChannel: null },
  }
  const blind = (of: Subject, { type }: Rule): Subject => ({
    ...of,
    ...unknown[type],
    pools: of.pools.map((pool) => ({ ...pool, versionObserved: null, nodeImage: null })),
    components: of.components.map((component) => ({ ...component, version: null })),
  })

  it('neither passes nor fails', () => {
    // A missing label, owner or required chart is a fact.
    const needsFacts = rule.filter((each) => !['owner', 'labels', 'componentVersion'].includes(each.type))
    fc.assert(
      fc.property(subject, needsFacts, calendar, instant, (of, each, known, now) => {
        const verdicts = judge(blind(of, each), { policies: [policyOf([each])], waivers: [], calendar: known }, now)
        for (const verdict of verdicts) expect(verdict.outcome).toBe('Unknown')
      }),
    )
  })
})
