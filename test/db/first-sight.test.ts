import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { settle } from '../../db/settle.ts'
import { armClusterKind } from '../../fleet/reference.ts'
import { clear, engines, openEngine } from '../engine.ts'
import { at, listed } from './wire.ts'

/** An AKS cluster that was changed last at `modified`; Azure does not move that when it upgrades by itself. */
const managed = (state: string, modified: Date) => ({
  id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/one',
  name: 'one',
  type: 'Microsoft.ContainerService/managedClusters',
  location: 'westeurope',
  properties: { provisioningState: state, powerState: { code: 'Running' } },
  systemData: { lastModifiedAt: modified.toISOString() },
})

describe.each(engines)('an operation in Azure on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await openEngine(engine)
  })
  beforeEach(() => clear(store))
  afterAll(() => store.close())

  const seen = async (minute: number, state: string, modified: number) => {
    const told = { kind: armClusterKind, source: 'corp/s' }
    await ingest(store.db, listed(at(minute), [managed(state, at(modified))], told), { receivedAt: at(minute) })
    return stateAt(minute)
  }
  const stateAt = async (minute: number) => {
    await settle(store.db, at(minute))
    const [row] = await rowsOf<{ answer: string }>(store.db, sql`select state || ' ' || reason as answer from object`)
    return row?.answer
  }

  it('that began before the first look began when Azure says', async () => {
    expect(await seen(0, 'Upgrading', -170)).toBe('Progressing Upgrading')
    expect(await stateAt(9)).toBe('Progressing Upgrading')
    expect(await stateAt(10)).toBe('Degraded Stuck')
  })

  it('that we saw begin began then, whatever was changed last', async () => {
    expect(await seen(0, 'Succeeded', -10_000)).toBe('Healthy Succeeded')
    expect(await seen(5, 'Upgrading', -10_000)).toBe('Progressing Upgrading')
    expect(await seen(184, 'Upgrading', -10_000)).toBe('Progressing Upgrading')
    expect(await stateAt(185)).toBe('Degraded Stuck')
    expect(await seen(190, 'Succeeded', -10_000)).toBe('Healthy Succeeded')
  })
})
