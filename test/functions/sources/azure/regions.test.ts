import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { rowsOf } from '../../../../db/client.ts'
import { armError, managedCluster, minor, other, subscription } from './fake-arm.ts'
import { arm, logged, pass, poll, put, store } from './polled-account.ts'

const isVersions = (path: string) => path.includes('/kubernetesVersions')
const regionsIn = (asked: readonly string[]) =>
  asked.flatMap((path) => /locations\/(\w+)\/kubernetesVersions/.exec(path)?.[1] ?? []).sort()

const regions = () =>
  rowsOf<{ region: string; source: string; minors: string[]; trouble: string | null; readAt: string | null }>(
    store.db,
    sql`select region, source_id as source, trouble_message as trouble, read_at as "readAt",
      coalesce((select json_agg(m ->> 'minor') from jsonb_array_elements(minors) m), '[]') as minors
      from region_versions order by region, source_id`,
  )

const calendar = () =>
  rowsOf(
    store.db,
    sql`select minor, plan, region, ends_at::text as "endsAt", origin, as_of::text as "asOf" from support_calendar order by minor, plan, region`,
  )

function putIn(name: string, location: string, of = subscription) {
  const cluster = { ...managedCluster(name, {}, of), location }
  arm.clusters.set(cluster.id, cluster)
}

const day = 24 * 60

describe('what regions offer', () => {
  test('is read for each region in use in the first poll, and again, a few per poll, after six hours', async () => {
    for (const [n, location] of ['westeurope', 'West Europe', 'eastus', 'uksouth', 'japaneast'].entries())
      putIn(`c${n}`, location)
    const seen = [regionsIn((await poll()).asked), regionsIn((await poll()).asked), regionsIn((await poll()).asked)]
    expect(seen.map((each) => each.length)).toEqual([4, 0, 0])
    expect(seen.flat().sort()).toEqual(['eastus', 'japaneast', 'uksouth', 'westeurope'])
    expect((await regions())[0]).toMatchObject({ minors: ['1.33', '1.34', '1.35', '1.36'], trouble: null })
    pass(4 * 60)
    expect(regionsIn((await poll()).asked)).toEqual([])
    pass(3 * 60)
    const again = [...regionsIn((await poll()).asked), ...regionsIn((await poll()).asked)]
    expect(again).toHaveLength(4)
  })

  test('is asked for of so many regions at once, and no further where Azure throttles', async () => {
    for (let n = 0; n < 25; n++) putIn(`c${n}`, `region${n}`)
    arm.say = ({ path }) => (isVersions(path) ? armError(429, 'Throttled') : undefined)
    expect(regionsIn((await poll()).asked)).toHaveLength(1)
    arm.say = () => undefined
    expect(regionsIn((await poll()).asked)).toHaveLength(20)
    expect(regionsIn((await poll()).asked)).toHaveLength(5)
    expect((await regions()).every(({ trouble }) => trouble === null)).toBe(true)
  })

  test('is read by one subscription of those that use it, and by another where that one may not', async () => {
    putIn('a', 'westeurope')
    putIn('b', 'westeurope', other)
    const account = arm.account({ subscriptions: [subscription, other] })
    arm.say = ({ path }) =>
      isVersions(path) && path.includes(subscription) ? armError(403, 'AuthorizationFailed') : undefined
    expect((await poll(account)).trouble).toBeNull()
    await poll(account)
    expect(regionsIn((await poll(account)).asked)).toEqual([])
    expect(await regions()).toMatchObject([
      { source: `corp/${subscription}`, minors: [], trouble: expect.stringContaining('Reader'), readAt: null },
      { source: `corp/${other}`, minors: ['1.33', '1.34', '1.35', '1.36'], trouble: null },
    ])
  })

  test.each<[string, () => unknown]>([
    ['empty', () => ({ values: [] })],
    ['of something else', () => ({ value: [] })],
    ['odd in one place', () => ({ values: [minor('1.36'), { version: 136 }] })],
  ])('stays as it was when an answer is %s', async (_name, told) => {
    put('a')
    await poll()
    arm.versions = told()
    pass(7 * 60)
    expect((await poll()).trouble).toBeNull()
    expect(await regions()).toMatchObject([
      { minors: ['1.33', '1.34', '1.35', '1.36'], trouble: expect.stringContaining('westeurope') },
    ])
    expect(await calendar()).toEqual([])
    expect(logged.filter(({ level }) => level === 'warn')).toHaveLength(1)
    expect(regionsIn((await poll()).asked)).toEqual([])
    pass(30)
    expect(regionsIn((await poll()).asked)).toEqual(['westeurope'])
  })
})

describe('the end of support', () => {
  test('is the last day on which a region listed a minor under its plan', async () => {
    put('a')
    await poll()
    arm.versions = { values: [minor('1.34', ['AKSLongTermSupport']), minor('1.35'), minor('1.36')] }
    pass(3 * day)
    await poll()
    const observed = { region: 'westeurope', endsAt: '2026-11-22', origin: 'observed', asOf: '2026-11-25' }
    expect(await calendar()).toEqual([
      { minor: '1.33', plan: 'lts', ...observed },
      { minor: '1.34', plan: 'standard', ...observed },
    ])
    // Azure may extend it.
    arm.versions = { values: [minor('1.34'), minor('1.35'), minor('1.36')] }
    pass(day)
    await poll()
    expect(await calendar()).toMatchObject([{ minor: '1.33', plan: 'lts' }])
  })

  test('is not seen where the newest is withdrawn, or a preview ends', async () => {
    arm.versions = { values: [{ ...minor('1.32'), isPreview: true }, minor('1.35'), minor('1.36')] }
    put('a')
    await poll()
    arm.versions = { values: [minor('1.35')] }
    pass(day)
    await poll()
    expect(await calendar()).toEqual([])
  })

  test('is what Azure announces, also where it comes as a text', async () => {
    put('a')
    const eventDetails = {
      kubernetesVersion: '1.34.2',
      eolDate: '2026-11-30T00:00:00Z',
      supportType: 'Community',
      daysUntilEOL: 8,
      region: 'westeurope',
    }
    const event = (details: unknown, eventSource = 'EOLNotification') => ({
      id: subscription,
      location: 'westeurope',
      properties: { eventSource, eventDetails: details },
    })
    arm.events.push(
      event(eventDetails),
      event(JSON.stringify({ ...eventDetails, supportType: 'LTS', eolDate: '2027-11-30', region: 'West Europe' })),
      event({ ...eventDetails, kubernetesVersion: '1.30.1', eolDate: 'soon' }),
      event('{'),
      event(eventDetails, 'NodeOSUpgrade'),
      null,
    )
    await poll()
    const told = { minor: '1.34', region: 'westeurope', origin: 'notification', asOf: '2026-11-22' }
    expect(await calendar()).toEqual([
      { ...told, plan: 'lts', endsAt: '2027-11-30' },
      { ...told, plan: 'standard', endsAt: '2026-11-30' },
    ])
    arm.events[0] = event({ ...eventDetails, eolDate: '2026-12-31T00:00:00Z' })
    pass(day)
    await poll()
    expect(await calendar()).toMatchObject([{ asOf: '2026-11-23' }, { endsAt: '2026-12-31' }])
  })

  test('needs no Resource Graph', async () => {
    put('a')
    arm.say = ({ path }) => (path.includes('ResourceGraph') ? { status: 404, body: '' } : undefined)
    expect((await poll()).trouble).toBeNull()
    expect(await regions()).toHaveLength(1)
  })
})
