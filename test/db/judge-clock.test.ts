import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { judge } from '../../db/judge.ts'
import { registerPolicies } from '../../db/policy.ts'
import { createWaiver, revokeWaiver } from '../../db/waiver.ts'
import type { Policy } from '../../fleet/policy/policy.ts'
import type { CalendarEntry } from '../../fleet/support/calendar.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { minimum, owned, policyOf, putClusters, putRegion, subjectOf } from './judged-cluster.ts'
import { driftOf, driftRuleOf, putSources, sourceSubjectOf, suspendedOf } from './judged-drift.ts'
import { at } from './wire.ts'

const dayMs = 86_400_000
const day = (n: number): Date => new Date(at(0).getTime() + n * dayMs)
/** Support of 1.32, and with it of all that is older, ends with day 2. */
const entry: CalendarEntry = {
  ...{ calendar: 'upstream', minor: '1.32', plan: 'standard', region: null, availableAt: '2025-01-01' },
  ...{ endsAt: '2026-01-03', origin: 'seed', source: 'eol', asOf: '2025-12-01' },
}

describe.each(engines)('what the clock ends, on %s,', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(() => clear(store))
  afterAll(() => store.close())

  const register = (now: Date, ...policies: Policy[]) =>
    registerPolicies(store.db, { policies, waivers: [], calendar: [] }, now, [entry])
  const waive = (rule: string, now: Date, expiresAt: Date) => {
    const granted = { selector: {}, owner: 'team-a', reason: 'the vendor', approvedBy: null, expiresAt }
    return createWaiver(store.db, { policy: null, rule, ...granted }, now)
  }
  /** Every finding in a line: rule, outcome, cause, and since which day that is so, and violated. */
  const lines = async () => {
    const found = await rowsOf<Record<string, unknown>>(store.db, sql`select * from finding order by policy, rule`)
    const days = (instant: unknown) =>
      instant === null ? '-' : (new Date(String(instant)).getTime() - at(0).getTime()) / dayMs
    return found.map(({ rule, outcome, cause, since, violated_since: violated }) =>
      [rule, outcome, cause, days(since), days(violated)].join(' '),
    )
  }

  describe('when somebody looks late,', () => {
    it('began when it did, where no fact dates it', async () => {
      const window = { type: 'supportWindow', leadMs: 0, allowPlatformSupport: false, allowExtended: true } as const
      const rules = [0, 1].map((n) => ({ id: `window${n}`, severity: 'low', graceMs: n * dayMs, ...window }) as const)
      await register(day(0), policyOf('base', rules))
      await putClusters(store.db, [subjectOf('one', { provider: 'azure', versionObserved: '1.30.2' })], day(0))
      await judge(store.db, day(0))
      expect(await lines()).toEqual(['window0 Unknown cluster 0 -', 'window1 Unknown cluster 0 -'])
      await judge(store.db, day(9))
      expect(await lines()).toEqual(['window0 Fail clock 2.5 2.5', 'window1 Fail clock 3.5 2.5'])
    })

    it('has come to each of its ends in turn', async () => {
      await register(day(0), policyOf('base', [minimum('1.33', { graceMs: 2 * dayMs }), owned({ graceMs: 2 * dayMs })]))
      await putClusters(store.db, [subjectOf('one', { versionObserved: '1.32.1' })], day(0))
      await judge(store.db, day(0))
      await waive('minimum', day(1), day(3))
      await waive('owner', day(1), day(9))
      await judge(store.db, day(5))
      expect(await lines()).toEqual(['minimum Fail waiver 3 0', 'owner Waived waiver 2 0'])
    })

    it('was excused until its waiver was revoked', async () => {
      await register(day(0), policyOf('base', [owned({ graceMs: 2 * dayMs })]))
      await putClusters(store.db, [subjectOf('one')], day(0))
      await judge(store.db, day(0))
      const { id } = await waive('owner', day(1), day(9))
      await revokeWaiver(store.db, id, 'jane', day(4))
      await judge(store.db, day(5))
      expect(await lines()).toEqual(['owner Fail waiver 4 0'])
    })
  })

  it('is put down to a policy that was changed meanwhile, even where it kept its version', async () => {
    const suspended = driftRuleOf('suspended', { graceMs: 2 * dayMs })
    const subject = subjectOf('one', { drift: driftOf([suspendedOf('weu', 'apps')]) })
    await register(day(0), policyOf('drift', [suspended]))
    await putClusters(store.db, [subject], day(0))
    await judge(store.db, day(0))
    await register(day(5), policyOf('drift', [{ ...suspended, ignore: [{ id: 'demo', reason: 'a demo' }] }]))
    await judge(store.db, day(5))
    expect(await lines()).toEqual(['suspended Waived policy 5 0'])
  })

  it('is not put down to policies of others, nor to their order', async () => {
    const base = policyOf('base', [owned({ graceMs: 2 * dayMs })])
    const others = policyOf('others', [owned()], { selector: { environment: ['prod'] } })
    await register(day(0), base, policyOf('more', [minimum('1.32')]))
    await putClusters(store.db, [subjectOf('one', { versionObserved: '1.32.1' })], day(0))
    await judge(store.db, day(0))
    await register(day(5), policyOf('more', [minimum('1.32')]), others, base)
    await judge(store.db, day(5))
    expect(await lines()).toEqual(['owner Fail clock 2 0', 'minimum Pass cluster 0 -'])
  })

  it('of a management cluster, is not put down to what Azure offers in its region', async () => {
    const drift = driftOf([suspendedOf('mgmt', 'capi')])
    await register(day(0), policyOf('drift', [driftRuleOf('suspended', { graceMs: 2 * dayMs })]))
    await putSources(store.db, [sourceSubjectOf('mgmt', { region: 'westeurope', drift })], day(0))
    await judge(store.db, day(0))
    await putRegion(store.db, { region: 'westeurope', readAt: day(1), minors: [] }, day(1))
    await judge(store.db, day(2))
    expect(await lines()).toEqual(['suspended Fail clock 2 0'])
  })
})
