import { hash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sourceSubjectId } from '../../db/claim.ts'
import { rowsOf, type Store } from '../../db/client.ts'
import { markAllDue, markDue } from '../../db/judge/due.ts'
import { judge } from '../../db/judge.ts'
import { registerPolicies } from '../../db/policy.ts'
import { createWaiver } from '../../db/waiver.ts'
import { defaultConventions } from '../../fleet/convention.ts'
import type { Drift } from '../../fleet/drift/difference.ts'
import type { Rule } from '../../fleet/policy/policy.ts'
import { uuidOf } from '../../fleet/reference.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { buryCluster, findingLines, idOf, owned, policyOf, putClusters, subjectOf } from './judged-cluster.ts'
import {
  aboutOf,
  driftOf,
  driftRuleOf,
  putSources,
  removeSource,
  sourceSubjectOf,
  suspendedOf,
} from './judged-drift.ts'
import { at } from './wire.ts'

const hourMs = 3_600_000
const suspended = driftRuleOf('suspended')

describe.each(engines)('judge of drift on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(async () => {
    await clear(store)
    await store.db.execute(sql`truncate drift`)
  })
  afterAll(() => store.close())

  const rows = (statement: ReturnType<typeof sql>) => rowsOf<Record<string, unknown>>(store.db, statement)
  const register = (minute: number, rules: readonly Rule[], version = '1') =>
    registerPolicies(
      store.db,
      { policies: [policyOf('drift', rules, { version })], waivers: [], calendar: [] },
      at(minute),
      [],
    )
  /** One cluster with this drift, judged. */
  const put = async (minute: number, drift: Drift, source = 'weu') => {
    await putClusters(store.db, [subjectOf('one', { drift, source })], at(minute))
    await judge(store.db, at(minute))
  }
  /** Every finding in a line: rule, object, outcome, cause, and the minute since which it is violated. */
  const lines = async () => {
    const found = await rows(sql`select rule, about ->> 'name' as name, outcome, cause, violated_since from finding
      order by rule, name nulls first`)
    return found.map(({ rule, name, outcome, cause, violated_since: since }) => {
      const minute = since === null ? '-' : (new Date(String(since)).getTime() - at(0).getTime()) / 60_000
      return [rule, name ?? '*', outcome, cause, minute].join(' ')
    })
  }
  const history = () =>
    rows(sql`select what, facts #>> '{about,0,name}' as was, facts #>> '{about,1,name}' as is,
      facts #>> '{outcome,0}' as before, facts #>> '{outcome,1}' as after from change where subject = 'finding' order by cursor`)

  it('stores each difference as a finding that says what differs', async () => {
    await register(0, [suspended, owned()])
    await put(1, driftOf([suspendedOf('weu', 'apps', { likely: true })]))
    const [finding] = await rows(sql`select * from finding where code is not null`)
    expect(finding).toMatchObject({
      scope: 'cluster',
      rule: 'suspended',
      type: 'drift',
      code: 'suspended',
      dimension: 'gitops',
      about_id: aboutOf('weu', 'apps').id,
      about: aboutOf('weu', 'apps').ref,
      field: 'spec.suspend',
      expected: 'false',
      actual: 'true',
      likely: true,
      suppressed_by: null,
      outcome: 'Fail',
    })
    expect(await rows(sql`select scope, code, dimension, about, likely from finding where rule = 'owner'`)).toEqual([
      { scope: 'cluster', code: null, dimension: null, about: null, likely: false },
    ])
  })

  it('tells in history what a finding was about, for readers who come when the object is gone', async () => {
    await register(0, [suspended, owned()])
    await put(1, driftOf([suspendedOf('weu', 'apps')]))
    await put(2, driftOf([]))
    const { id, ref } = aboutOf('weu', 'apps')
    const changes = await rows(
      sql`select what, facts from change where facts -> 'rule' @> '["suspended"]' order by cursor`,
    )
    expect(changes).toMatchObject([
      {
        what: 'appeared',
        facts: {
          outcome: [null, 'Fail'],
          code: [null, 'suspended'],
          aboutId: [null, id],
          about: [null, ref],
          field: [null, 'spec.suspend'],
        },
      },
      {
        what: 'gone',
        facts: {
          outcome: ['Fail', null],
          code: ['suspended', null],
          about: [ref, null],
          cause: ['cluster', 'cluster'],
        },
      },
    ])
    const [plain] = await rows(sql`select facts from change where facts -> 'rule' @> '["owner"]'`)
    expect(Object.keys(plain?.facts as object).sort()).toEqual(['cause', 'outcome', 'policy', 'rule', 'severity'])
  })

  it('keeps the ids of findings that are on no difference', async () => {
    await register(0, [suspended, owned()])
    await put(
      1,
      driftOf([suspendedOf('weu', 'apps'), suspendedOf('weu', 'infra'), suspendedOf('weu', 'all', { about: null })]),
    )
    const ids = await rows(sql`select id, rule from finding`)
    const idOfRule = (rule: string) => uuidOf(hash('sha256', `finding\0${idOf('one')}\0drift\0${rule}`, 'hex'))
    expect(ids.find(({ rule }) => rule === 'owner')).toMatchObject({ id: idOfRule('owner') })
    expect(new Set(ids.map(({ id }) => id)).size).toBe(4)
    expect(ids.map(({ id }) => id)).not.toContain(idOfRule('suspended'))
  })

  it('lets the grace of each difference run by itself, and ends each by itself', async () => {
    await register(0, [driftRuleOf('suspended', { graceMs: hourMs })])
    const [apps, infra] = [suspendedOf('weu', 'apps'), suspendedOf('weu', 'infra')]
    await put(1, driftOf([apps], { looked: ['suspended'] }))
    await put(31, driftOf([apps, infra], { looked: ['suspended'] }))
    expect(await lines()).toEqual(['suspended apps Pass cluster 1', 'suspended infra Pass cluster 31'])
    await judge(store.db, at(61))
    expect(await lines()).toEqual(['suspended apps Fail clock 1', 'suspended infra Pass cluster 31'])
    await put(62, driftOf([infra], { looked: ['suspended'] }))
    expect(await lines()).toEqual(['suspended infra Pass cluster 31'])
    await put(63, driftOf([], { looked: ['suspended'] }))
    expect(await lines()).toEqual(['suspended * Pass cluster -'])
    await put(64, driftOf([], { gaps: [{ code: 'suspended', message: 'nobody may read them', evidence: [] }] }))
    expect(await lines()).toEqual(['suspended * Unknown cluster -'])
    expect((await history()).map(({ what, is, was }) => `${what} ${is ?? was ?? '*'}`)).toEqual([
      ...['appeared apps', 'appeared infra', 'changed apps', 'gone apps', 'appeared *', 'gone infra', 'changed *'],
    ])
  })

  it('writes no finding that did not change', async () => {
    await register(0, [suspended])
    await put(1, driftOf([suspendedOf('weu', 'apps')]))
    const versions = () => rows(sql`select id, xmin::text from finding`)
    const before = await versions()
    await store.db.transaction((tx) => markAllDue(tx, at(2)))
    expect(await judge(store.db, at(2))).toMatchObject({ judged: 1 })
    expect(await versions()).toEqual(before)
    await put(3, driftOf([suspendedOf('weu', 'apps', { actual: 'yes' })]))
    expect(await rows(sql`select actual from finding`)).toEqual([{ actual: 'yes' }])
    expect(await history()).toHaveLength(1)
  })

  it('waives what is ignored by whoever says so, and what is excused by a waiver', async () => {
    await register(0, [suspended])
    await put(1, driftOf([suspendedOf('weu', 'apps'), suspendedOf('weu', 'infra')]))
    const ignore = [{ id: 'demo', reason: 'a demo', names: ['app*'] }]
    await register(2, [driftRuleOf('suspended', { ignore })], '2')
    await judge(store.db, at(2))
    expect(await lines()).toEqual(['suspended apps Waived policy 1', 'suspended infra Fail cluster 1'])
    const granted = { selector: {}, owner: 'team-a', reason: 'the freeze', approvedBy: null, expiresAt: at(60) }
    const waiver = await createWaiver(store.db, { policy: 'drift', rule: 'suspended', ...granted }, at(3))
    await judge(store.db, at(3))
    expect(await rows(sql`select about ->> 'name' as name, waiver_id, suppressed_by from finding order by 1`)).toEqual([
      { name: 'apps', waiver_id: null, suppressed_by: 'demo' },
      { name: 'infra', waiver_id: waiver.id, suppressed_by: null },
    ])
    await judge(store.db, at(60))
    expect(await lines()).toEqual(['suspended apps Waived policy 1', 'suspended infra Fail waiver 1'])
    await register(61, [suspended], '3')
    await judge(store.db, at(61))
    expect(await lines()).toEqual(['suspended apps Fail policy 1', 'suspended infra Fail waiver 1'])
  })

  it('follows objects that move along with their cluster, and those that stay where they are', async () => {
    await register(0, [driftRuleOf('suspended', { graceMs: hourMs })])
    const argo = suspendedOf('argo', 'shop')
    await put(1, driftOf([suspendedOf('weu', 'apps'), argo]))
    await judge(store.db, at(61))
    const since = () => rows(sql`select about ->> 'name' as name, source_id, since, cause from finding order by 1`)
    const before = await since()
    await put(70, driftOf([suspendedOf('neu', 'apps'), argo]), 'neu')
    expect(await lines()).toEqual(['suspended apps Fail clock 1', 'suspended shop Fail clock 1'])
    expect(await since()).toEqual(before.map((each) => ({ ...each, source_id: 'neu' })))
    expect(await rows(sql`select about_id from finding where about ->> 'name' = 'apps'`)).toEqual([
      { about_id: aboutOf('neu', 'apps').id },
    ])
    // The object is another one there: its finding has another id, and whoever reads history must not count the old one.
    expect((await history()).slice(4)).toEqual([
      { what: 'gone', was: 'apps', is: null, before: 'Fail', after: null },
      { what: 'appeared', was: null, is: 'apps', before: null, after: 'Fail' },
    ])
  })

  it('tells two objects of one name at two homes apart when their cluster moves', async () => {
    await register(0, [suspended])
    await put(1, driftOf([suspendedOf('weu', 'apps'), suspendedOf('neu', 'apps')]))
    await put(2, driftOf([suspendedOf('neu', 'apps')]), 'neu')
    expect(await lines()).toEqual(['suspended apps Fail cluster 1'])
    expect(await rows(sql`select source_id, about_id from finding`)).toEqual([
      { source_id: 'neu', about_id: aboutOf('neu', 'apps').id },
    ])
  })

  it('leaves nothing of a gone cluster', async () => {
    await register(0, [suspended])
    await put(1, driftOf([suspendedOf('weu', 'apps')]))
    await buryCluster(store.db, 'one', at(2))
    await judge(store.db, at(2))
    expect(await findingLines(store.db)).toEqual([])
    expect((await history()).at(-1)).toMatchObject({ what: 'gone', was: 'apps' })
  })

  describe('of a management cluster itself', () => {
    const mgmt = (over: Parameters<typeof sourceSubjectOf>[1] = {}) =>
      sourceSubjectOf('mgmt', { drift: driftOf([suspendedOf('mgmt', 'capi')]), ...over })

    it('judges it by rules over drift, and never as a cluster', async () => {
      await register(0, [suspended, owned()])
      await putSources(store.db, [mgmt()], at(1))
      expect(await judge(store.db, at(1))).toEqual({ judged: 1, left: 0 })
      expect(await lines()).toEqual(['suspended capi Fail cluster 1'])
      expect(await rows(sql`select scope, cluster_id, source_id from finding`)).toEqual([
        { scope: 'source', cluster_id: sourceSubjectId('mgmt'), source_id: 'mgmt' },
      ])
      expect(await rows(sql`select phase, calendar, due_at from assessment`)).toMatchObject([
        { phase: 'Unknown', due_at: null },
      ])
    })

    it('is judged again when its drift or the rules change', async () => {
      await register(0, [suspended])
      await putSources(store.db, [mgmt()], at(1))
      await judge(store.db, at(1))
      await putSources(store.db, [mgmt({ drift: driftOf([], { looked: ['suspended'] }) })], at(2))
      await judge(store.db, at(2))
      expect(await lines()).toEqual(['suspended * Pass cluster -'])
      await register(3, [], '2')
      await judge(store.db, at(3))
      expect(await lines()).toEqual([])
    })

    it('ends its findings when it leaves the fleet file, and begins anew when it comes back', async () => {
      await register(0, [suspended])
      await putSources(store.db, [mgmt()], at(1))
      await judge(store.db, at(1))
      await removeSource(store.db, 'mgmt', at(2))
      await judge(store.db, at(2))
      expect(await lines()).toEqual([])
      expect(await rows(sql`select from assessment`)).toEqual([])
      // Nothing that judges everything again brings it back.
      await store.db.transaction((tx) => markAllDue(tx, at(3)))
      await judge(store.db, at(3))
      expect(await lines()).toEqual([])
      await putSources(store.db, [mgmt()], at(4))
      await judge(store.db, at(4))
      expect(await lines()).toEqual(['suspended capi Fail cluster 4'])
    })

    it('ends its findings when nothing is known of it any more', async () => {
      await register(0, [suspended])
      await putSources(store.db, [mgmt()], at(1))
      await judge(store.db, at(1))
      await store.db.execute(sql`truncate drift`)
      await store.db.transaction((tx) => markDue(tx, [sourceSubjectId('mgmt')], at(2)))
      await judge(store.db, at(2))
      expect(await lines()).toEqual([])
    })

    it('is selected by what its labels say, as the fleet reads them', async () => {
      const policy = policyOf('drift', [suspended], { selector: { environment: ['prod'], geography: ['EU'] } })
      await registerPolicies(store.db, { policies: [policy], waivers: [], calendar: [] }, at(0), [])
      const subject = { ...mgmt({ region: 'westeurope' }), labels: { stage: 'prod' } }
      await putSources(store.db, [subject], at(1))
      await judge(store.db, at(1))
      expect(await lines()).toEqual([])
      await store.db.transaction((tx) => markAllDue(tx, at(2)))
      await judge(store.db, at(2), { conventions: { ...defaultConventions, environment: ['stage'] } })
      expect(await lines()).toHaveLength(1)
    })
  })
})
