import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { foundSource, recordChildPoll, registerChildren } from '../../db/found-source.ts'
import { dueSources, finishPoll, registerSources, takeLease } from '../../db/source.ts'
import { clusterIdOf } from '../../fleet/azure/cluster-id.ts'
import { accountSources, managementClusterSource, subscriptionSource } from '../../fleet/azure-source.ts'
import { parseFleet } from '../../fleet/configuration.ts'
import type { SourceDeclaration } from '../../fleet/source.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { at } from './wire.ts'

const [one, two, three] = ['1', '2', '3'].map((n) => n.repeat(8).concat('-0000-4000-8000-000000000000')) as [
  string,
  string,
  string,
]
const [corp] = parseFleet({ azure: [{ name: 'corp', subscriptions: [one, two] }] }).accounts
if (!corp) throw new Error('no account')
const clusterId = (subscription: string, name: string) =>
  `/subscriptions/${subscription}/resourceGroups/RG/providers/Microsoft.ContainerService/managedClusters/${name}`
const found = (subscription: string, name: string): SourceDeclaration => {
  const id = clusterIdOf(clusterId(subscription, name))
  if (id === null) throw new Error('no managed cluster')
  return managementClusterSource(corp, id, 'westeurope')
}
const named = (id: string, armId: string | null): SourceDeclaration => ({
  ...found(one, 'x'),
  id,
  parentId: null,
  armId,
})

describe.each(engines)('sources that others find, on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(async () => {
    await clear(store)
    await registerSources(store.db, accountSources(corp), at(0))
  })
  afterAll(() => store.close())

  const living = async () =>
    (await rowsOf<{ id: string }>(store.db, sql`select id from source where removed_at is null order by id`)).map(
      ({ id }) => id,
    )
  const row = async (id: string) =>
    (await rowsOf<Record<string, unknown>>(store.db, sql`select * from source where id = ${id}`))[0] ?? {}
  const [subOne, subTwo, subThree] = [`corp/${one}`, `corp/${two}`, `corp/${three}`]
  const mgmt = `${subOne}/rg/mgmt`

  it('are neither due nor polled while their parent reads them', async () => {
    expect(await dueSources(store.db, at(0))).toEqual(['corp'])
    expect(await takeLease(store.db, subOne, 'one', at(0), 1000)).toBeNull()
    expect(await takeLease(store.db, 'corp', 'one', at(0), 1000)).not.toBeNull()
  })

  it('stay when the fleet file is read again, as long as who found them is declared', async () => {
    const children = [one, two, three].map((id) => subscriptionSource(corp, id))
    expect(await registerChildren(store.db, 'corp', children, at(1))).toEqual([subOne, subTwo, subThree])
    expect(
      await registerChildren(store.db, subThree, [found(three, 'mgmt'), found(three, 'MGMT')], at(1)),
    ).toHaveLength(1)
    const before = await living()
    expect(before).toEqual(['corp', subOne, subTwo, subThree, `${subThree}/rg/mgmt`])
    await registerSources(store.db, accountSources(corp), at(2))
    expect(await living()).toEqual(before)
    await registerSources(store.db, [named('weu', null)], at(3))
    expect(await living()).toEqual(['weu'])
  })

  it('leave when a complete reading lacks them, with what they found themselves', async () => {
    const children = (...ids: string[]) => ids.map((id) => subscriptionSource(corp, id))
    await registerChildren(store.db, 'corp', children(one, two, three), at(1))
    await registerChildren(store.db, subThree, [found(three, 'mgmt')], at(1))
    await registerChildren(store.db, subOne, [found(one, 'mgmt')], at(1))
    await registerChildren(store.db, 'corp', children(one, two), at(2))
    expect(await living()).toEqual(['corp', subOne, mgmt, subTwo])
    await registerChildren(store.db, subOne, [], at(3))
    expect(await living()).toEqual(['corp', subOne, subTwo])
    expect(await dueSources(store.db, at(3))).toEqual(['corp'])
    // A tag that is set again brings it back, to be pinned anew.
    await registerChildren(store.db, subOne, [found(one, 'mgmt')], at(4))
    expect(await row(mgmt)).toMatchObject({ removed_at: null, server_uid: null, parent_id: subOne })
  })

  it('count for nothing once their finder is no longer declared', async () => {
    await registerSources(store.db, [], at(1))
    expect(await registerChildren(store.db, 'corp', [subscriptionSource(corp, three)], at(2))).toEqual([])
    expect(await living()).toEqual([])
  })

  it('are left to whoever reads them already, whichever came first', async () => {
    const armId = clusterId(one, 'mgmt').toLowerCase()
    await registerSources(store.db, [...accountSources(corp), named('weu', armId)], at(1))
    expect(await registerChildren(store.db, subOne, [found(one, 'mgmt'), found(one, 'other')], at(1))).toEqual([
      `${subOne}/rg/other`,
    ])
    // Found first, named in the fleet file later.
    await registerSources(
      store.db,
      [...accountSources(corp), named('weu', armId), named('neu', clusterId(one, 'other').toLowerCase())],
      at(2),
    )
    expect(await living()).toEqual(['corp', subOne, subTwo, 'neu', 'weu'])
  })

  it('are polled by themselves when they are management clusters, and say where they are', async () => {
    await registerChildren(store.db, subOne, [found(one, 'mgmt')], at(1))
    expect(await dueSources(store.db, at(1))).toEqual(['corp', mgmt])
    expect(await foundSource(store.db, mgmt)).toEqual({ parent: subOne, armId: clusterId(one, 'mgmt').toLowerCase() })
    expect(await foundSource(store.db, subOne)).toBeNull()
    expect(await foundSource(store.db, 'weu')).toBeNull()
    // Found again by every reading, they keep their beat and what is known of them.
    const lease = await takeLease(store.db, mgmt, 'one', at(1), 1000)
    if (!lease) throw new Error('no lease')
    await finishPoll(store.db, lease, { trouble: null, unfinished: false }, at(1))
    const before = await row(mgmt)
    await registerChildren(store.db, subOne, [found(one, 'mgmt')], at(2))
    expect(await row(mgmt)).toEqual(before)
  })

  it('have success and trouble of their own, though another poll reads them', async () => {
    const trouble = { code: 'Forbidden', message: 'no' } as const
    expect(await recordChildPoll(store.db, subOne, trouble, at(1))).toBe(0)
    expect(await recordChildPoll(store.db, subOne, trouble, at(2))).toBe(1)
    expect(await row(subOne)).toMatchObject({
      consecutive_failures: 2,
      trouble_code: 'Forbidden',
      trouble_message: 'no',
      last_success_at: null,
    })
    expect(await recordChildPoll(store.db, subOne, null, at(3))).toBe(2)
    expect(await recordChildPoll(store.db, subOne, null, at(4))).toBe(0)
    expect(await row(subOne)).toMatchObject({ consecutive_failures: 0, trouble_code: null, trouble_at: null })
    expect(new Date(String((await row(subOne)).last_success_at))).toEqual(at(4))
    expect(await row(subTwo)).toMatchObject({ last_attempt_at: null })
    // Who has polls of its own, or is gone, is not spoken for.
    expect(await recordChildPoll(store.db, 'corp', null, at(5))).toBeNull()
    await registerChildren(store.db, 'corp', [], at(5))
    expect(await recordChildPoll(store.db, subOne, null, at(6))).toBeNull()
  })

  it('become sources of their own, and children again, as the fleet file says', async () => {
    await recordChildPoll(store.db, subOne, null, at(1))
    await registerSources(store.db, accountSources({ ...corp, subscriptions: [one] }), at(2))
    expect(await living()).toEqual([subOne])
    expect(await dueSources(store.db, at(2))).toEqual([subOne])
    await registerSources(store.db, accountSources(corp), at(3))
    expect(await living()).toEqual(['corp', subOne, subTwo])
    expect(await dueSources(store.db, at(3))).toEqual(['corp'])
  })
})
