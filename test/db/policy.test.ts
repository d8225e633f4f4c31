import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { judge } from '../../db/judge.ts'
import { type DeclaredRules, registerPolicies } from '../../db/policy.ts'
import type { CalendarOverride } from '../../fleet/policy/calendar-file.ts'
import type { DeclaredWaiver } from '../../fleet/policy/waiver-file.ts'
import type { CalendarEntry } from '../../fleet/support/calendar.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { findingLines, idOf, minimum, owned, policyOf, putClusters, subjectOf } from './judged-cluster.ts'
import { at } from './wire.ts'

const entry: CalendarEntry = {
  calendar: 'aks',
  minor: '1.33',
  plan: 'standard',
  region: null,
  availableAt: '2025-06-01',
  endsAt: '2026-07-31',
  origin: 'seed',
  source: 'the release calendar',
  asOf: '2026-01-01',
}
const override: CalendarOverride = { ...entry, origin: 'operator', source: 'contract 4711', asOf: null }
const waiver: DeclaredWaiver = {
  id: idOf('waiver'),
  policy: 'base',
  rule: null,
  selector: { name: ['one'] },
  owner: 'team-a',
  reason: 'the vendor',
  approvedBy: null,
  expiresAt: at(60),
  origin: 'fleetFile',
}
const base = policyOf('base', [minimum('1.33')])

describe.each(engines)('registering rules on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(() => clear(store))
  afterAll(() => store.close())

  const rows = (statement: ReturnType<typeof sql>) => rowsOf<Record<string, unknown>>(store.db, statement)
  const register = (minute: number, rules: Partial<DeclaredRules>, seed: readonly CalendarEntry[] = []) =>
    registerPolicies(store.db, { policies: [], waivers: [], calendar: [], ...rules }, at(minute), seed)
  const versions = () =>
    rows(sql`select name || xmin::text as row from policy union all select id::text || xmin::text from waiver
      union all select minor || plan || origin || xmin::text from support_calendar
      union all select cluster_id::text || xmin::text from assessment order by 1`)
  const dueNow = async (minute: number) =>
    (await rows(sql`select cluster_id from assessment where due_at <= ${at(minute).toISOString()}`)).length
  const putOne = async () => {
    await putClusters(store.db, [subjectOf('one', { versionObserved: '1.32.1', provider: 'aks' })], at(0))
    await judge(store.db, at(0))
  }

  it('writes nothing, and judges nothing again, when nothing changed', async () => {
    await putOne()
    const all = { policies: [base, policyOf('own', [owned()])], waivers: [waiver], calendar: [override] }
    await register(1, all, [entry])
    expect(await dueNow(1)).toBe(1)
    await judge(store.db, at(1))
    const before = await versions()
    await register(2, all, [entry])
    expect(await versions()).toEqual(before)
    // Another day, too: an override without a day is as of the day it was first seen.
    await register(3 * 24 * 60, all, [entry])
    expect(await versions()).toEqual(before)
    expect(await rows(sql`select as_of::text from support_calendar order by origin`)).toEqual([
      { as_of: '2026-01-01' },
      { as_of: '2026-01-01' },
    ])
  })

  it('knows exactly the policies of the fleet file', async () => {
    await register(0, { policies: [base, policyOf('own', [owned()])] })
    await register(1, { policies: [policyOf('own', [owned()], { version: '2' })] })
    const policies = () =>
      rows(
        sql`select name, position, version, document ->> 'version' as written, removed_at is null as there from policy order by name`,
      )
    expect(await policies()).toEqual([
      { name: 'base', position: 0, version: '1', written: '1', there: false },
      { name: 'own', position: 0, version: '2', written: '2', there: true },
    ])
    await register(2, { policies: [base] })
    expect(await policies()).toMatchObject([
      { name: 'base', there: true },
      { name: 'own', there: false },
    ])
  })

  it.each<[string, Partial<DeclaredRules>]>([
    ['a policy', { policies: [policyOf('base', [minimum('1.32')])] }],
    ['the order of policies', { policies: [policyOf('a', [owned()]), base] }],
    ['a waiver', { policies: [base], waivers: [waiver] }],
    ['the calendar', { policies: [base], calendar: [override] }],
  ])('has clusters judged again when %s changed', async (_, changed) => {
    await putOne()
    await register(1, { policies: [base] })
    await judge(store.db, at(1))
    expect(await dueNow(2)).toBe(0)
    await register(2, changed)
    expect(await dueNow(2)).toBe(1)
  })

  it('grants and revokes what the fleet file waives', async () => {
    await putOne()
    await register(1, { policies: [base], waivers: [waiver] })
    await judge(store.db, at(1))
    expect(await findingLines(store.db)).toEqual(['one base/minimum Waived policy weu 1'])
    await register(2, { policies: [base], waivers: [{ ...waiver, reason: 'the freeze' }] })
    expect(await rows(sql`select reason, created_at, origin from waiver`)).toEqual([
      { reason: 'the freeze', created_at: expect.stringContaining('12:01:00'), origin: 'fleetFile' },
    ])
    await register(3, { policies: [base] })
    await judge(store.db, at(3))
    expect(await findingLines(store.db)).toEqual(['one base/minimum Fail waiver weu 3'])
    expect(await rows(sql`select revoked_at, revoked_by from waiver`)).toEqual([
      { revoked_at: expect.stringContaining('12:03:00'), revoked_by: 'fleet file' },
    ])
    // Back in the file, back in force; and one that has run out is not said to have been revoked.
    await register(4, { policies: [base], waivers: [waiver] })
    await register(60, { policies: [base] })
    expect(await rows(sql`select revoked_at, revoked_by from waiver`)).toEqual([{ revoked_at: null, revoked_by: null }])
  })

  const calendar = () =>
    rows(
      sql`select minor, origin, region, ends_at::text, as_of::text from support_calendar order by minor, origin, region`,
    )

  it('knows exactly the operator’s overrides', async () => {
    const regional = { ...override, region: 'westeurope', endsAt: '2027-01-31' }
    await register(0, { calendar: [override, regional, { ...override, minor: '1.34', asOf: '2025-12-24' }] }, [entry])
    await register(24 * 60, { calendar: [{ ...override, endsAt: '2026-08-31' }, regional] }, [entry])
    expect(await calendar()).toEqual([
      { minor: '1.33', origin: 'operator', region: '', ends_at: '2026-08-31', as_of: '2026-01-02' },
      { minor: '1.33', origin: 'operator', region: 'westeurope', ends_at: '2027-01-31', as_of: '2026-01-01' },
      { minor: '1.33', origin: 'seed', region: '', ends_at: '2026-07-31', as_of: '2026-01-01' },
    ])
  })

  it('lets the newer of two releases decide what Rollcall brings along', async () => {
    const old = [entry, { ...entry, minor: '1.30' }, { ...entry, minor: '1.31' }]
    const newer = [
      { ...entry, endsAt: '2026-08-31', asOf: '2026-02-01' },
      { ...entry, minor: '1.31' },
      { ...entry, minor: '1.34', asOf: '2026-02-01' },
    ]
    await register(0, {}, old)
    await register(1, {}, newer)
    const decided = [
      { minor: '1.31', origin: 'seed', region: '', ends_at: '2026-07-31', as_of: '2026-01-01' },
      { minor: '1.33', origin: 'seed', region: '', ends_at: '2026-08-31', as_of: '2026-02-01' },
      { minor: '1.34', origin: 'seed', region: '', ends_at: '2026-07-31', as_of: '2026-02-01' },
    ]
    expect(await calendar()).toEqual(decided)
    const before = await versions()
    await register(2, {}, old)
    await register(3, {}, newer)
    // The one row that only the older release has came and went; nothing of the newer one's moved.
    expect((await versions()).length).toBe(before.length)
    expect(await calendar()).toEqual(decided)
  })

  it('leaves alone what polls found', async () => {
    await store.db.execute(
      sql`insert into support_calendar (calendar, minor, plan, origin, source, as_of) values ('aks', '1.33', 'standard', 'observed', 'a poll', '2026-01-01')`,
    )
    await register(0, {}, [])
    expect(await calendar()).toMatchObject([{ origin: 'observed' }])
  })
})
