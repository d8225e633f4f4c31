import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { markAllDue, markDue } from '../../db/judge/due.ts'
import { judge } from '../../db/judge.ts'
import { registerPolicies } from '../../db/policy.ts'
import { createWaiver, revokeWaiver } from '../../db/waiver.ts'
import type { Policy } from '../../fleet/policy/policy.ts'
import { clear, engines, openEngine } from '../engine.ts'
import {
  buryCluster,
  type Facts,
  findingHistory,
  findingLines,
  idOf,
  minimum,
  owned,
  policyOf,
  putClusters,
  putRegion,
  subjectOf,
} from './judged-cluster.ts'
import { at } from './wire.ts'

const dayMs = 86_400_000
const day = (n: number): Date => new Date(at(0).getTime() + n * dayMs)

describe.each(engines)('judge on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(() => clear(store))
  afterAll(() => store.close())

  const rows = (statement: ReturnType<typeof sql>) => rowsOf<Record<string, unknown>>(store.db, statement)
  const put = (now: Date, name: string, facts: Facts = {}) => putClusters(store.db, [subjectOf(name, facts)], now)
  const register = (now: Date, policies: readonly Policy[]) =>
    registerPolicies(store.db, { policies, waivers: [], calendar: [] }, now, [])
  const lines = () => findingLines(store.db)
  const history = () => findingHistory(store.db)
  const baseline = (version: string, policyVersion = '1') =>
    policyOf('base', [minimum(version), owned()], { version: policyVersion })
  /** Of every row, so that a write that changes nothing shows. */
  const versions = () =>
    rows(sql`select 'a' as t, cluster_id::text || xmin::text as row from assessment
      union all select 'f', id::text || xmin::text from finding union all select 'h', cursor::text from change order by 1, 2`)

  it('judges a new cluster, once', async () => {
    await register(at(0), [baseline('1.32')])
    await put(at(1), 'one', { versionObserved: 'v1.33.4', provider: 'azure' })
    expect(await judge(store.db, at(1))).toEqual({ judged: 1, left: 0 })
    expect(await lines()).toEqual(['one base/minimum Pass cluster weu 1', 'one base/owner Fail cluster weu 1'])
    expect(await history()).toEqual(['appeared base/minimum - > Pass cluster', 'appeared base/owner - > Fail cluster'])
    expect(await rows(sql`select source_id, minor, calendar, due_at from assessment`)).toEqual([
      { source_id: 'weu', minor: '1.33', calendar: 'upstream', due_at: null },
    ])
    const before = await versions()
    expect(await judge(store.db, at(2))).toEqual({ judged: 0, left: 0 })
    expect(await versions()).toEqual(before)
  })

  it('writes no finding that did not change', async () => {
    await register(at(0), [baseline('1.32')])
    await put(at(1), 'one', { versionObserved: 'v1.33.4', owner: 'team-a' })
    await judge(store.db, at(1))
    const findings = () => rows(sql`select id, xmin::text from finding order by id`)
    const before = await findings()
    await store.db.transaction((tx) => markDue(tx, [idOf('one')], at(2)))
    expect(await judge(store.db, at(2))).toMatchObject({ judged: 1 })
    expect(await findings()).toEqual(before)
    expect(await rows(sql`select judged_at from assessment`)).toEqual([
      { judged_at: expect.stringContaining('12:02:00') },
    ])
    // What is said of it changes, the outcome does not: written, but no history, and `since` stays.
    await put(at(3), 'one', { versionObserved: 'v1.33.5', owner: 'team-a' })
    await judge(store.db, at(3))
    expect(await rows(sql`select message from finding where rule = 'minimum'`)).toMatchObject([
      { message: expect.stringContaining('1.33.5') },
    ])
    expect(await lines()).toContain('one base/minimum Pass cluster weu 1')
    expect(await history()).toHaveLength(2)
  })

  it('puts a transition down to the cluster whose facts changed', async () => {
    await register(at(0), [baseline('1.32')])
    await put(at(1), 'one', { versionObserved: 'v1.31.4', owner: 'team-a' })
    await judge(store.db, at(1))
    await put(at(2), 'one', { versionObserved: 'v1.32.1', owner: 'team-a' })
    await judge(store.db, at(2))
    expect(await lines()).toEqual(['one base/minimum Pass cluster weu 2', 'one base/owner Pass cluster weu 1'])
    expect((await history()).at(-1)).toBe('changed base/minimum Fail > Pass cluster')
  })

  it('puts a transition down to the policy that changed, comes and goes', async () => {
    await register(at(0), [])
    await put(at(1), 'one', { versionObserved: 'v1.32.4', owner: 'team-a' })
    await judge(store.db, at(1))
    expect(await lines()).toEqual([])
    await register(at(2), [baseline('1.32')])
    await judge(store.db, at(2))
    expect(await lines()).toEqual(['one base/minimum Pass policy weu 2', 'one base/owner Pass policy weu 2'])
    await register(at(3), [baseline('1.33', '2')])
    await judge(store.db, at(3))
    expect(await lines()).toEqual(['one base/minimum Fail policy weu 3', 'one base/owner Pass policy weu 2'])
    // An operator who changes rules and keeps the version changes the policy all the same.
    await register(at(4), [baseline('1.32', '2')])
    await judge(store.db, at(4))
    expect(await lines()).toContain('one base/minimum Pass policy weu 4')
    await register(at(5), [policyOf('base', [owned({ severity: 'high' })], { version: '3' })])
    await judge(store.db, at(5))
    await register(at(6), [])
    await judge(store.db, at(6))
    expect(await lines()).toEqual([])
    expect((await history()).slice(2)).toEqual([
      'changed base/minimum Pass > Fail policy',
      'changed base/minimum Fail > Pass policy',
      'changed base/owner Pass > Pass policy',
      'gone base/minimum Pass > - policy',
      'gone base/owner Pass > - policy',
    ])
  })

  it('lets a cluster enter and leave a policy by its own facts', async () => {
    await register(at(0), [policyOf('prod', [owned()], { selector: { environment: ['prod'] } })])
    await put(at(1), 'one', { environment: 'dev' })
    await judge(store.db, at(1))
    await put(at(2), 'one', { environment: 'prod' })
    await judge(store.db, at(2))
    await put(at(3), 'one', { environment: 'dev' })
    await judge(store.db, at(3))
    expect(await history()).toEqual(['appeared prod/owner - > Fail cluster', 'gone prod/owner Fail > - cluster'])
  })

  it('waives, and remembers through it when the violation began', async () => {
    await register(at(0), [baseline('1.33')])
    await put(at(1), 'one', { versionObserved: 'v1.32.4', owner: 'team-a' })
    await judge(store.db, at(1))
    const granted = { selector: {}, owner: 'team-a', reason: 'the vendor', approvedBy: null, expiresAt: day(2) }
    await createWaiver(store.db, { policy: 'base', rule: 'minimum', ...granted }, at(2))
    await judge(store.db, at(2))
    expect(await lines()).toContain('one base/minimum Waived waiver weu 2')
    // It runs out by the clock, and that is the waiver's doing.
    expect(await judge(store.db, new Date(day(2).getTime() - 1))).toMatchObject({ judged: 0 })
    expect(await judge(store.db, day(2))).toMatchObject({ judged: 1 })
    expect(await lines()).toContain('one base/minimum Fail waiver weu 2880')
    const { id } = await createWaiver(
      store.db,
      { policy: null, rule: 'minimum', ...granted, expiresAt: day(9) },
      day(3),
    )
    await judge(store.db, day(3))
    expect(await rows(sql`select waiver_id from finding where waiver_id is not null`)).toEqual([{ waiver_id: id }])
    await revokeWaiver(store.db, id, 'jane', day(4))
    await judge(store.db, day(4))
    expect(await rows(sql`select outcome, waiver_id, violated_since from finding where rule = 'minimum'`)).toEqual([
      { outcome: 'Fail', waiver_id: null, violated_since: expect.stringContaining('12:01:00') },
    ])
  })

  it('says since when it is so, not since when somebody looked', async () => {
    await register(at(0), [policyOf('base', [minimum('1.33'), owned({ graceMs: 3 * dayMs })])])
    await put(at(1), 'one', { versionObserved: 'v1.32.4' })
    await judge(store.db, at(1))
    const granted = { selector: {}, owner: 'team-a', reason: 'the vendor', approvedBy: null }
    const request = { policy: 'base', rule: 'minimum', ...granted, expiresAt: day(2) }
    await createWaiver(store.db, request, at(2))
    await judge(store.db, at(2))
    await judge(store.db, day(5))
    expect(await lines()).toEqual([
      `one base/minimum Fail waiver weu ${2 * 24 * 60}`,
      `one base/owner Fail clock weu ${3 * 24 * 60 + 1}`,
    ])
    // Whoever ends it before its time ends it then.
    const { id } = await createWaiver(store.db, { ...request, expiresAt: day(9) }, day(6))
    await judge(store.db, day(6))
    await revokeWaiver(store.db, id, 'jane', day(7))
    await judge(store.db, day(7))
    expect(await lines()).toContain(`one base/minimum Fail waiver weu ${7 * 24 * 60}`)
  })

  it('lets grace run out by the clock', async () => {
    await register(at(0), [policyOf('base', [minimum('1.33', { graceMs: 7 * dayMs })])])
    await put(at(0), 'one', { versionObserved: 'v1.32.4' })
    await judge(store.db, at(0))
    expect(await lines()).toEqual(['one base/minimum Pass cluster weu 0'])
    // A gap in what is known does not begin it anew.
    await put(day(3), 'one', { versionObserved: null })
    await judge(store.db, day(3))
    await put(day(4), 'one', { versionObserved: 'v1.32.4' })
    await judge(store.db, day(4))
    expect(await judge(store.db, new Date(day(7).getTime() - 1))).toMatchObject({ judged: 0 })
    await judge(store.db, day(7))
    expect(await lines()).toEqual(['one base/minimum Fail clock weu 10080'])
    // Healed and violated again: a new violation, with its own grace.
    await put(day(8), 'one', { versionObserved: 'v1.33.4' })
    await judge(store.db, day(8))
    await put(day(9), 'one', { versionObserved: 'v1.32.4' })
    await judge(store.db, day(9))
    expect(await lines()).toEqual([`one base/minimum Pass cluster weu ${8 * 24 * 60}`])
    expect(await rows(sql`select grace_until from finding`)).toEqual([
      { grace_until: expect.stringContaining('2026-01-17') },
    ])
  })

  it('knows a calendar that says something else from one that was read again', async () => {
    const region = (minute: number, patches: readonly string[]) => ({
      region: 'westeurope',
      readAt: at(minute),
      minors: [
        {
          minor: '1.33',
          isPreview: false,
          supportPlans: ['KubernetesOfficial'],
          patches: patches.map((version) => ({ version, upgrades: [] })),
        },
      ],
    })
    const patchAge = { id: 'patch', type: 'patchAge', severity: 'low', graceMs: 0, maxBehind: 0 } as const
    await register(at(0), [policyOf('base', [patchAge])])
    await put(at(0), 'one', { provider: 'aks', region: 'westeurope', versionObserved: '1.33.4' })
    await judge(store.db, at(0))
    expect(await lines()).toEqual(['one base/patch Unknown cluster weu 0'])
    await putRegion(store.db, region(1, ['1.33.4']), at(1))
    await judge(store.db, at(1))
    expect(await lines()).toEqual(['one base/patch Pass policy weu 1'])
    // Nobody reads it for too long, then somebody does.
    await judge(store.db, day(2))
    expect(await lines()).toEqual(['one base/patch Unknown clock weu 1441'])
    await putRegion(store.db, region(2881, ['1.33.4']), at(2881))
    await judge(store.db, at(2881))
    expect(await lines()).toEqual(['one base/patch Pass policy weu 2881'])
    await putRegion(store.db, region(2882, ['1.33.4', '1.33.5']), at(2882))
    await judge(store.db, at(2882))
    expect(await lines()).toEqual(['one base/patch Fail policy weu 2882'])
    expect(await rows(sql`select latest_patch from assessment`)).toEqual([{ latest_patch: '1.33.5' }])
  })

  it('leaves nothing of a gone cluster but its history', async () => {
    await register(at(0), [baseline('1.32')])
    await put(at(1), 'one', { versionObserved: 'v1.33.4' })
    await put(at(1), 'two', { versionObserved: 'v1.33.4' })
    await judge(store.db, at(1))
    await buryCluster(store.db, 'one', at(2))
    await judge(store.db, at(2))
    expect((await lines()).every((line) => line.startsWith('two '))).toBe(true)
    expect(await rows(sql`select cluster_id from assessment`)).toEqual([{ cluster_id: idOf('two') }])
    expect((await history()).slice(4).toSorted()).toEqual([
      'gone base/minimum Pass > - cluster',
      'gone base/owner Fail > - cluster',
    ])
    await put(at(3), 'one', { versionObserved: 'v1.33.4' })
    await judge(store.db, at(3))
    expect(await lines()).toContain('one base/minimum Pass cluster weu 3')
  })

  it('follows a cluster to another source', async () => {
    await register(at(0), [baseline('1.32')])
    await put(at(1), 'one', { versionObserved: 'v1.31.4' })
    await judge(store.db, at(1))
    const before = await history()
    await put(at(2), 'one', { versionObserved: 'v1.31.4', source: 'neu' })
    await judge(store.db, at(2))
    expect(await lines()).toEqual(['one base/minimum Fail cluster neu 1', 'one base/owner Fail cluster neu 1'])
    expect(await rows(sql`select source_id from assessment`)).toEqual([{ source_id: 'neu' }])
    expect(await history()).toEqual(before)
    expect(await rows(sql`select distinct violated_since from finding`)).toMatchObject([
      { violated_since: expect.stringContaining('12:01:00') },
    ])
  })

  it('follows even one that nobody marked at its new home', async () => {
    await register(at(0), [baseline('1.32')])
    await put(at(1), 'one', { versionObserved: 'v1.31.4' })
    await judge(store.db, at(1))
    await store.db.execute(sql`update cluster set source_id = 'neu'`)
    await store.db.execute(sql`update assessment set due_at = ${at(2).toISOString()}`)
    await judge(store.db, at(2))
    expect(await rows(sql`select source_id, count(*)::int as n from finding group by 1`)).toEqual([
      { source_id: 'neu', n: 2 },
    ])
    expect(await rows(sql`select source_id from assessment`)).toEqual([{ source_id: 'neu' }])
  })

  it('stops at its limit and says what is left', async () => {
    await register(at(0), [baseline('1.32')])
    const subjects = Array.from({ length: 12 }, (_, n) => subjectOf(`c${n}`))
    await putClusters(store.db, subjects, at(1))
    expect(await judge(store.db, at(1), { limit: 5 })).toEqual({ judged: 5, left: 7 })
    expect(await judge(store.db, at(1))).toEqual({ judged: 7, left: 0 })
    await store.db.transaction((tx) => markAllDue(tx, at(2)))
    expect(await judge(store.db, at(2))).toEqual({ judged: 12, left: 0 })
  })
})
