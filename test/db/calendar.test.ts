import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { calendarInForce } from '../../db/calendar.ts'
import type { Store } from '../../db/client.ts'
import { registerPolicies } from '../../db/policy.ts'
import { answer } from '../../db/query.ts'
import { regionVersions } from '../../db/verdict-tables.ts'
import { seedCalendar } from '../../fleet/support/seed.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { at } from './wire.ts'

const offered = (minor: string) => [{ minor, isPreview: false, supportPlans: ['KubernetesOfficial'], patches: [] }]

describe.each(engines)('the calendar on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(() => clear(store))
  afterAll(() => store.close())

  it('is empty before anybody told', async () => {
    expect(await answer(store.db, calendarInForce)).toEqual({ entries: [], regions: new Map() })
  })

  it('is what Rollcall brings along, entry for entry', async () => {
    await registerPolicies(store.db, { policies: [], waivers: [], calendar: [] }, at(0))
    const { entries } = await answer(store.db, calendarInForce)
    const byKey = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
    const keyed = (list: readonly (typeof entries)[number][]) =>
      list
        .map(({ calendar, minor, plan, region, availableAt, endsAt, origin, source, asOf }) => {
          return { calendar, minor, plan, region, availableAt, endsAt, origin, source, asOf }
        })
        .sort(byKey)
    expect(keyed(entries)).toEqual(keyed(seedCalendar))
  })

  it('takes of a region what was read last', async () => {
    const row = { region: 'westeurope', attemptAt: at(9) }
    await store.db.insert(regionVersions).values([
      { ...row, sourceId: 'a', minors: [], readAt: null, troubleMessage: 'forbidden' },
      { ...row, sourceId: 'b', minors: offered('1.34'), readAt: at(2) },
      { ...row, sourceId: 'c', minors: offered('1.33'), readAt: at(1) },
      { sourceId: 'a', region: 'northeurope', minors: [], readAt: null, attemptAt: at(9) },
    ])
    const { regions } = await answer(store.db, calendarInForce)
    expect([...regions]).toEqual([
      ['northeurope', { region: 'northeurope', minors: [], readAt: null }],
      ['westeurope', { region: 'westeurope', minors: offered('1.34'), readAt: at(2) }],
    ])
  })
})
