import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  expectedClusters,
  knownSubscriptions,
  recordAbsences,
  recordNotifications,
  recordRegion,
  recordRegionTrouble,
  regionReadings,
} from '../../db/azure.ts'
import { rowsOf, type Store } from '../../db/client.ts'
import { recordChildPoll, registerChildren } from '../../db/found-source.ts'
import { ingest } from '../../db/ingest.ts'
import { registerSources } from '../../db/source.ts'
import { azureClouds } from '../../fleet/azure-account.ts'
import { subscriptionSource } from '../../fleet/azure-source.ts'
import { armClusterKind } from '../../fleet/reference.ts'
import type { CalendarEntry, RegionMinor } from '../../fleet/support/calendar.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { at, listed } from './wire.ts'

const [one, two] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']
const source = `corp/${one}`
const idOf = (name: string, subscription = one) =>
  `/subscriptions/${subscription}/resourceGroups/Fleet/providers/Microsoft.ContainerService/managedClusters/${name}`
const keyOf = (name: string, subscription = one) => idOf(name, subscription).toLowerCase()

describe.each(engines)('what is known beside the clusters of Azure, on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(() => clear(store))
  afterAll(() => store.close())

  const list = (minute: number, ...names: string[]) => {
    const objects = names.map((name) => ({ id: idOf(name), properties: {} }))
    return ingest(store.db, listed(at(minute), objects, { source, kind: armClusterKind }), { receivedAt: at(minute) })
  }

  async function claim(armId: string, goneAt: Date | null = null) {
    const id = crypto.randomUUID()
    const day = at(0).toISOString()
    await store.db.execute(sql`insert into cluster (id, source_id, namespace, name, state, reason, message, flags, first_seen_at,
        composed_at, digest, state_since, gone_at)
      values (${id}, 'weu', 'fleet', ${id}, 'Healthy', '', '', '{}', ${day}, ${day}, ${id}, ${day}, ${goneAt?.toISOString() ?? null})`)
    await store.db.execute(sql`insert into binding (claim, cluster_id, source_id, evidence, bound_at)
      values (${`arm:${armId.toLowerCase()}`}, ${id}, 'weu', '{"objectId":null}', ${day})`)
  }

  test('expected are clusters that were listed, and those that living ones claim to be', async () => {
    await list(0, 'a', 'b')
    await list(1, 'a')
    await claim(idOf('a'))
    await claim(idOf('ghost'))
    await claim(idOf('gone'), at(0))
    await claim(idOf('elsewhere', two))
    expect(await expectedClusters(store.db, source, one)).toEqual([
      { key: keyOf('a'), listed: true, absentAt: null },
      { key: keyOf('ghost'), listed: false, absentAt: null },
    ])
  })

  test('an absence is kept with its first and last confirmation until the cluster is there or nobody expects it', async () => {
    const expected = [keyOf('ghost'), keyOf('late')]
    await claim(idOf('ghost'))
    await recordAbsences(store.db, source, { expected, present: [], gone: expected }, at(0))
    await recordAbsences(store.db, source, { expected, present: [], gone: [keyOf('ghost')] }, at(60))
    const rows = () =>
      rowsOf(
        store.db,
        sql`select arm_id as id, extract(epoch from last_confirmed_at - first_confirmed_at)::int as s from absence order by 1`,
      )
    expect(await rows()).toEqual([
      { id: keyOf('ghost'), s: 3600 },
      { id: keyOf('late'), s: 0 },
    ])
    expect(await expectedClusters(store.db, source, one)).toEqual([
      { key: keyOf('ghost'), listed: false, absentAt: at(60) },
    ])
    await recordAbsences(store.db, source, { expected, present: [keyOf('late')], gone: [] }, at(61))
    expect(await rows()).toMatchObject([{ id: keyOf('ghost') }])
    await recordAbsences(store.db, source, { expected: [], present: [], gone: [] }, at(62))
    expect(await rows()).toEqual([])
  })

  test('subscriptions of an account come with whether they hold clusters, longest unread first', async () => {
    const account = {
      name: 'corp',
      subscriptions: [one, two],
      managementGroups: [],
      cloud: azureClouds.public,
      credential: { by: 'default' },
      labels: {},
      everyMs: 1,
      staleAfterMs: 1,
      discover: null,
    } as const
    const parent = { ...subscriptionSource(account, one), id: 'corp', parentId: null, polled: true, armId: null }
    await registerSources(store.db, [parent], at(0))
    const children = [one, two].map((id) => subscriptionSource(account, id))
    await registerChildren(store.db, 'corp', children, at(0))
    await list(1, 'a')
    await recordChildPoll(store.db, source, null, at(1))
    expect(await knownSubscriptions(store.db, 'corp')).toEqual([
      { subscription: two, holdsClusters: false },
      { subscription: one, holdsClusters: true },
    ])
  })

  const minors = (...names: string[]): RegionMinor[] =>
    names.map((minor) => ({ minor, isPreview: false, supportPlans: ['KubernetesOfficial'], patches: [] }))
  const region = 'westeurope'
  const dates = () =>
    rowsOf<{ said: string }>(
      store.db,
      sql`select concat_ws(' ', origin, minor, plan, region, ends_at, as_of) as said from support_calendar order by 1`,
    ).then((rows) => rows.map(({ said }) => said))

  test('a region keeps its last answer through trouble, and the first sight of an end', async () => {
    await recordRegion(store.db, { source, region, minors: minors('1.33', '1.34') }, at(0))
    await recordRegionTrouble(store.db, { source, region, message: 'no' }, at(1))
    expect(await regionReadings(store.db, [source])).toEqual([
      { sourceId: source, region, attemptAt: at(1), troubleMessage: 'no' },
    ])
    const later = (day: number) => new Date(at(0).getTime() + day * 86_400_000)
    await recordRegion(store.db, { source, region, minors: minors('1.34') }, later(2))
    expect(await dates()).toEqual(['observed 1.33 standard westeurope 2026-01-01 2026-01-03'])
    const other = `corp/${two}`
    await recordRegion(store.db, { source: other, region, minors: minors('1.33', '1.34') }, later(2))
    expect(await dates()).toEqual([])
    await recordRegion(store.db, { source: other, region, minors: minors('1.34') }, later(4))
    await recordRegion(store.db, { source, region, minors: minors('1.34') }, later(5))
    expect(await dates()).toEqual(['observed 1.33 standard westeurope 2026-01-03 2026-01-05'])
  })

  test('clusters of a region are judged again when it was read, could not be read any more, or its dates moved', async () => {
    await claim(idOf('a'))
    await store.db.execute(sql`update cluster set region = 'WestEurope'`)
    const due = async () => {
      const rows = await rowsOf<{ n: number }>(
        store.db,
        sql`update assessment set due_at = null where due_at is not null returning 1 as n`,
      )
      return rows.length
    }
    const entry: CalendarEntry = {
      ...{ calendar: 'aks', minor: '1.34', plan: 'lts', region, availableAt: null, endsAt: '2026-03-01' },
      ...{ origin: 'notification', source: 'Azure', asOf: '2026-01-01' },
    }
    await recordRegion(store.db, { source, region, minors: minors('1.34') }, at(0))
    expect(await due()).toBe(1)
    for (const [message, n] of [
      ['no', 1],
      ['no', 0],
      ['never', 1],
    ] as const) {
      await recordRegionTrouble(store.db, { source, region, message }, at(0))
      expect(await due()).toBe(n)
    }
    const unread = { source: `corp/${two}`, region: 'westeurope', message: 'no' }
    await recordRegionTrouble(store.db, unread, at(0))
    expect(await due()).toBe(1)
    await recordRegion(store.db, { source, region, minors: minors('1.34') }, at(0))
    expect(await due()).toBe(1)
    await recordNotifications(store.db, [entry], at(0))
    expect(await due()).toBe(1)
    await recordNotifications(store.db, [{ ...entry, asOf: '2026-01-02' }], at(1))
    expect(await due()).toBe(0)
    await recordNotifications(store.db, [{ ...entry, endsAt: '2026-04-01', asOf: '2026-01-02' }], at(2))
    expect([await due(), await dates()]).toEqual([1, ['notification 1.34 lts westeurope 2026-04-01 2026-01-02']])
  })
})
