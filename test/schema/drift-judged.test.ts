import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { judge } from '../../db/judge.ts'
import { registerPolicies } from '../../db/policy.ts'
import { policyOf, putClusters, subjectOf } from '../db/judged-cluster.ts'
import { driftOf, driftRuleOf, putSources, sourceSubjectOf, suspendedOf } from '../db/judged-drift.ts'
import { at } from '../db/wire.ts'
import { engines, openEngine } from '../engine.ts'
import { type Ask, type Asked, asker } from './ask.ts'

const minuteMs = 60_000

describe.each(engines)('drift as it is judged on %s', (engine) => {
  let store: Store
  let ask: Ask
  let now = at(0)

  beforeAll(async () => {
    store = await openEngine(engine)
    const { db } = store
    const rules = [driftRuleOf('suspended', { graceMs: 10 * minuteMs, severity: 'high' })]
    await registerPolicies(db, { policies: [policyOf('drift', rules)], waivers: [], calendar: [] }, at(0), [])
    await putSources(db, [sourceSubjectOf('weu', { drift: driftOf([suspendedOf('weu', 'clusters')]) })], at(0))
    const two = driftOf([suspendedOf('weu', 'apps'), suspendedOf('weu', 'base')], { looked: ['suspended'] })
    await putClusters(
      db,
      [
        subjectOf('one', { drift: two }),
        subjectOf('clean', { drift: driftOf([], { looked: ['suspended'] }) }),
        subjectOf('bare'),
      ],
      at(0),
    )
    await judge(db, at(0))
    ask = asker(db, () => now).ask
  })
  afterAll(() => store.close())

  const told = async (query: string): Promise<Asked> => {
    const { data, errors } = await ask(query)
    expect(errors).toBeUndefined()
    return data
  }
  const counts = 'total { clusters compliant failing unknown notApplicable }'
  const drift = async () =>
    (
      await told(
        '{ drift(first: 10) { nodes { cluster { name } source { name } subject { name } outcome graceUntil } } }',
      )
    ).drift.nodes.map(
      ({ cluster, source, subject, outcome }: Asked) => `${cluster?.name ?? source.name} ${subject.name} ${outcome}`,
    )

  it('is tolerated for its grace, and complies as long', async () => {
    expect((await drift()).toSorted()).toEqual(['one apps PASS', 'one base PASS', 'weu clusters PASS'])
    const { compliance, clusters } = await told(
      `{ compliance { ${counts} } clusters(first: 10, filter: {drifted: true}) { totalCount } }`,
    )
    expect(compliance.total).toEqual({ clusters: 2, compliant: 2, failing: 0, unknown: 0, notApplicable: 1 })
    expect(clusters.totalCount).toBe(0)
  })

  it('will fail when its grace ends: each difference turns, and its cluster counts once', async () => {
    const { forecast } = await told(
      `{ forecast(at: "2026-01-01T13:00:00Z") { counts { changes now { compliant failing } later { compliant failing } } findings { cluster { name } rule outcomeNow outcomeThen changesAt } } }`,
    )
    expect(forecast.counts).toEqual({
      ...{ changes: 2, now: { compliant: 2, failing: 0 }, later: { compliant: 1, failing: 1 } },
    })
    expect(forecast.findings).toEqual(
      ['apps', 'base'].map(() => ({
        ...{ cluster: { name: 'one' }, rule: 'suspended', outcomeNow: 'PASS', outcomeThen: 'FAIL' },
        changesAt: '2026-01-01T12:10:00.000Z',
      })),
    )
  })

  it('fails after its grace; what it was before is not forgotten', async () => {
    now = at(11)
    await judge(store.db, now)
    expect((await drift()).toSorted()).toEqual(['one apps FAIL', 'one base FAIL', 'weu clusters FAIL'])
    const { current, before, grouped, clusters } = await told(`{
      current: compliance { ${counts} } before: compliance(asOf: "2026-01-01T12:05:00Z") { ${counts} }
      grouped: compliance(groupBy: [RULE, SEVERITY], asOf: "2026-01-01T12:11:00Z") { groups { clusters failing } }
      clusters(first: 10, filter: {drifted: true}) { nodes { name driftCount } } }`)
    expect(current.total).toEqual({ clusters: 2, compliant: 1, failing: 1, unknown: 0, notApplicable: 1 })
    expect(before.total).toEqual({ clusters: 2, compliant: 2, failing: 0, unknown: 0, notApplicable: 1 })
    expect(grouped.groups).toEqual([{ clusters: 2, failing: 1 }])
    expect(clusters.nodes).toEqual([{ name: 'one', driftCount: 2 }])
  })
})
