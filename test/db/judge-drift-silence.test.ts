import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { judge } from '../../db/judge.ts'
import { registerPolicies } from '../../db/policy.ts'
import { readDrift } from '../../db/read/drift.ts'
import { clusterKind } from '../../fleet/reference.ts'
import { engines, openEngine } from '../engine.ts'
import { driftsOf } from './drift-store.ts'
import { commit, declared, kustomization, kustomizations, repositories, repository } from './drift-wire.ts'
import { policyOf } from './judged-cluster.ts'
import { driftRuleOf } from './judged-drift.ts'
import { at } from './wire.ts'

const next = commit('b')

// The repository has news at minute 2, which are to be applied within ten. Who is not heard for three minutes is silent.
describe.each(engines)('what is tolerated when its source falls silent, on %s,', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  afterAll(() => store.close())
  const { begin, lists, settled, rows } = driftsOf(() => store)

  /** Of a cluster, and of the management cluster itself. */
  const reconcilers = (revision?: string) => [
    kustomization('apps', { secret: 'one-kubeconfig', ...(revision ? { revision } : {}) }),
    kustomization('platform', revision ? { revision } : {}),
  ]
  const hear = async (minute: number, revision?: string) => {
    await lists(minute, clusterKind, [declared('one')])
    await lists(minute, repositories, [repository('infra', { revision: minute < 2 ? commit('a') : next, minute: 2 })])
    await lists(minute, kustomizations, reconcilers(revision))
  }
  const tick = async (minute: number) => {
    await settled(minute)
    return judge(store.db, at(minute))
  }
  /** In a line each: the object, outcome, cause, since which minute, tolerated until, and until when that holds by itself. */
  const lines = async () => {
    const minute = (column: string) =>
      sql.raw(`coalesce((extract(epoch from ${column} - '${at(0).toISOString()}') / 60)::int::text, '-')`)
    const found = await rows<{
      line: string
    }>(sql`select concat_ws(' ', coalesce(about ->> 'name', '*'), outcome, cause,
      ${minute('since')}, ${minute('grace_until')}, ${minute('holds_until')}) as line from finding order by 1`)
    return found.map(({ line }) => line)
  }

  beforeEach(async () => {
    await begin(['weu'])
    const policies = [policyOf('drift', [driftRuleOf('behindSource')])]
    await registerPolicies(store.db, { policies, waivers: [], calendar: [] }, at(0), [])
    for (const minute of [0, 2, 4]) {
      await hear(minute)
      await tick(minute)
    }
    expect(await lines()).toEqual(['apps Pass cluster 2 12 12', 'platform Pass cluster 2 12 12'])
  })

  /** Minute 7 is the first at which it counts as silent. */
  const fallSilent = async () => {
    expect(await tick(7)).toEqual({ judged: 2, left: 0 })
    const waiting = ['apps Pass cluster 2 12 -', 'platform Pass cluster 2 12 -']
    expect(await lines()).toEqual(waiting)
    expect(await tick(13)).toEqual({ judged: 0, left: 0 })
    expect(await lines()).toEqual(waiting)
    const asked = { filter: { stale: true, tolerated: true }, page: { first: 9 }, selection: { nodes: { code: {} } } }
    const { nodes } = await readDrift(store.db, { name: 'jane', scope: 'everything' }, { ...asked, now: at(13) })
    expect(nodes).toHaveLength(2)
  }

  it('stays so past its grace, and fails when it is heard to be there still', async () => {
    await fallSilent()
    await hear(20)
    await tick(20)
    expect(await lines()).toEqual(['apps Fail cluster 20 - -', 'platform Fail cluster 20 - -'])
    const since = await rows(sql`select distinct violated_since from finding`)
    expect(since.map(({ violated_since: each }) => new Date(String(each)))).toEqual([at(2)])
  })

  it('ends when it is heard to have been applied meanwhile', async () => {
    await fallSilent()
    await hear(20, next)
    await tick(20)
    expect(await lines()).toEqual(['* Pass cluster 20 - -', '* Pass cluster 20 - -'])
  })

  it('goes on as ever when it is heard before its grace ends', async () => {
    await tick(7)
    await hear(10)
    expect(await tick(10)).toEqual({ judged: 2, left: 0 })
    expect(await lines()).toEqual(['apps Pass cluster 2 12 12', 'platform Pass cluster 2 12 12'])
    await tick(12)
    expect(await lines()).toEqual(['apps Fail clock 12 - -', 'platform Fail clock 12 - -'])
  })

  it('stays failed where its grace ended before silence fell', async () => {
    await hear(11)
    await tick(12)
    const failed = ['apps Fail clock 12 - -', 'platform Fail clock 12 - -']
    expect(await lines()).toEqual(failed)
    await tick(14)
    await registerPolicies(
      store.db,
      { policies: [policyOf('drift', [driftRuleOf('behindSource')], { version: '2' })], waivers: [], calendar: [] },
      at(15),
      [],
    )
    expect(await tick(15)).toEqual({ judged: 2, left: 0 })
    expect(await lines()).toEqual(failed)
  })

  it('puts down to a policy what a policy changes meanwhile', async () => {
    await fallSilent()
    const ignore = [{ id: 'platform', reason: 'a demo', names: ['platform'] }]
    const policies = [policyOf('drift', [driftRuleOf('behindSource', { ignore })], { version: '2' })]
    await registerPolicies(store.db, { policies, waivers: [], calendar: [] }, at(15), [])
    await tick(15)
    expect(await lines()).toEqual(['apps Pass cluster 2 12 -', 'platform Waived policy 15 - -'])
  })

  it('is no matter of others of the same source', async () => {
    await hear(5, next)
    await tick(5)
    // The cluster's own health is stale now; of the management cluster nothing waits for anybody.
    expect(await tick(8)).toEqual({ judged: 1, left: 0 })
  })
})
