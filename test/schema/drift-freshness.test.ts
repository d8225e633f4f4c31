import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { armClusterKind, clusterKind, type KindKey } from '../../fleet/reference.ts'
import { at } from '../db/wire.ts'
import { engines } from '../engine.ts'
import type { Ask, Asked } from './ask.ts'
import { type DriftingFleet, everything, kustomization, machine, openDriftingFleet } from './drifting-fleet.ts'
import { staleAfterMs } from './fill.ts'
import { putDrift, refOf } from './fill-drift.ts'

describe.each(engines)('how old drift is on %s', (engine) => {
  let fleet: DriftingFleet
  let ask: Ask
  const drift: DriftingFleet['drift'] = (...given) => fleet.drift(...given)
  const lines: DriftingFleet['lines'] = (filter) => fleet.lines(filter)

  beforeAll(async () => {
    fleet = await openDriftingFleet(engine)
    ask = fleet.ask
  })
  afterAll(() => fleet.store.close())

  it('is as old as the reading of what differs: others go stale without it', async () => {
    const read = (source: string, kind: KindKey, when: Date) =>
      fleet.store.db.execute(
        sql`update reading set last_success_at = ${when.toISOString()}, verified_at = ${when.toISOString()} where source_id = ${source} and kind = ${kind}`,
      )
    fleet.now = new Date(at(0).getTime() + staleAfterMs)
    // Only Kustomizations of weu are still read.
    await fleet.store.db.execute(sql`update source set last_success_at = ${fleet.now.toISOString()} where id = 'weu'`)
    await read('weu', kustomization, fleet.now)
    const fields = 'stale freshness { state observedAt lagSeconds source { name } }'
    const stale = async () =>
      Object.fromEntries(
        (await drift({}, fields)).nodes.map((one: Asked) => [
          one.code,
          [one.stale, one.freshness.state, one.freshness.source.name],
        ]),
      )
    expect(await stale()).toEqual({
      BEHIND_SOURCE: [false, 'FRESH', 'weu'],
      MACHINE_NOT_UP_TO_DATE: [true, 'STALE', 'weu'],
      SETTING_VS_SPEC: [true, 'STALE', expect.any(String)],
      REPLICAS_DRIFT: [true, 'STALE', 'weu'],
      CP_BEHIND_SPEC: [true, 'STALE', 'weu'],
      HELM_DRIFT: [true, 'STALE', 'weu'],
      ORPHAN_MACHINE: [true, 'STALE', 'neu'],
      GONE_SINCE_LAST_POLL: [true, 'STALE', 'neu'],
    })
    await read('weu', kustomization, at(0))
    await read('weu', clusterKind, fleet.now)
    await read('neu', clusterKind, fleet.now)
    expect(await stale()).toEqual({
      BEHIND_SOURCE: [true, 'STALE', 'weu'],
      MACHINE_NOT_UP_TO_DATE: [true, 'STALE', 'weu'],
      // Azure is silent yet, and it says what is.
      SETTING_VS_SPEC: [true, 'STALE', 'corp'],
      REPLICAS_DRIFT: [false, 'FRESH', 'weu'],
      CP_BEHIND_SPEC: [false, 'FRESH', 'weu'],
      HELM_DRIFT: [false, 'FRESH', 'weu'],
      ORPHAN_MACHINE: [true, 'STALE', 'neu'],
      // That its object is gone is what it tells.
      GONE_SINCE_LAST_POLL: [false, 'FRESH', 'neu'],
    })
    expect(await lines({ stale: true })).toEqual([
      ...['lagging BEHIND_SOURCE', 'lagging MACHINE_NOT_UP_TO_DATE', 'lagging SETTING_VS_SPEC', 'neu ORPHAN_MACHINE'],
    ])
    const { data } = await ask('{ findings(first: 100, filter: {stale: true}) { nodes { code freshness { state } } } }')
    expect(data.findings.nodes.map(({ code }: Asked) => code)).toEqual([
      'BEHIND_SOURCE',
      'MACHINE_NOT_UP_TO_DATE',
      'SETTING_VS_SPEC',
    ])
    // It stands as it was, however old: only marked.
    expect(await lines({})).toEqual(everything)
    const counted = await ask('{ driftAggregate(by: [], filter: {stale: true}) { totalCount buckets { count } } }')
    expect(counted.data.driftAggregate).toEqual({ totalCount: 4, buckets: [{ count: 4 }] })
  })

  it('rests on another management cluster where its evidence names one', async () => {
    await putDrift(fleet.store.db, { cluster: 'bare' }, 'duplicateManaged', {
      // Of an ARM id people say the last segment only.
      ref: refOf(armClusterKind, '/subscriptions/s/resourcegroups/g/providers/p/managedclusters/bare-1', ''),
      evidence: [
        { field: 'armId', expected: null, actual: 'x', from: 'weu', asOf: null },
        { field: 'armId', expected: null, actual: 'x', from: 'neu', asOf: null },
      ],
    })
    const told = async () =>
      (await drift({ code: { eq: 'DUPLICATE_MANAGED' } }, 'freshness { state source { name } }')).nodes[0].freshness
    const { nodes } = await drift({ subjectName: { eq: 'bare-1' } }, 'subject { name }')
    expect(nodes).toMatchObject([{ code: 'DUPLICATE_MANAGED', subject: { name: 'bare-1' } }])
    expect(await told()).toMatchObject({ state: 'FRESH' })
    await fleet.store.db.execute(
      sql`update reading set last_success_at = ${new Date(fleet.now.getTime() - staleAfterMs).toISOString()} where source_id = 'neu' and kind = ${clusterKind}`,
    )
    expect(await told()).toEqual({ state: 'STALE', source: { name: 'neu' } })
  })

  it('a source whose GitOps kinds cannot be read leaves the answer incomplete', async () => {
    fleet.now = at(0)
    await fleet.store.db.execute(sql`update reading set last_success_at = ${at(0).toISOString()}`)
    expect((await drift({})).coverage).toEqual({ complete: true, expectedSources: 3, staleSources: [] })
    await fleet.store.db.execute(
      sql`update reading set trouble_code = 'Forbidden', trouble_message = 'no', last_success_at = null where source_id = 'neu' and kind = ${kustomization}`,
    )
    const staleSources = [{ name: 'neu', state: 'UNREADABLE' }]
    for (const filter of [{}, { dimension: { eq: 'GITOPS' } }, { code: { in: ['SUSPENDED', 'BLOCKED'] } }])
      expect((await drift(filter)).coverage).toMatchObject({ complete: false, staleSources })
    expect((await drift({ source: { eq: 'weu' } })).coverage).toMatchObject({ complete: true, expectedSources: 1 })
    const { data } = await ask(
      '{ clusters(first: 0) { coverage { complete } } gitops(first: 0) { coverage { complete } } }',
    )
    expect(data).toEqual({ clusters: { coverage: { complete: true } }, gitops: { coverage: { complete: false } } })
    // What has nothing to do with Git does not matter where only Git is asked for.
    await fleet.store.db.execute(
      sql`update reading set trouble_code = null, last_success_at = ${at(0).toISOString()} where source_id = 'neu'`,
    )
    await fleet.store.db.execute(
      sql`update reading set trouble_code = 'Forbidden' where source_id = 'neu' and kind = ${machine}`,
    )
    expect((await drift({})).coverage.complete).toBe(false)
    expect((await drift({ dimension: { eq: 'GITOPS' } })).coverage.complete).toBe(true)
    const refused = await ask('{ drift(filter: {source: {eq: "nope"}}) { totalCount } }')
    expect(refused.errors?.[0]?.message).toContain('no source "nope"')
  })
})
