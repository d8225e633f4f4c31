import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rowsOf, type Store } from '../../db/client.ts'
import { parseFleet } from '../../fleet/configuration.ts'
import { type LocalHost, startHost } from '../../functions/local/host.ts'
import { type OpenQueue, storageQueues } from '../../functions/local/queue.ts'
import { encode } from '../../functions/local/queue-listener.ts'
import { provide } from '../../functions/wiring/dependencies.ts'
import { openIntake } from '../../functions/wiring/intake.ts'
import { openLog } from '../../functions/wiring/log.ts'
import { readSettings } from '../../functions/wiring/settings.ts'
import { openEngine } from '../engine.ts'
import { hasAzurite, startAzurite } from './local/azurite.ts'

/** The real `tick`, `poll`, `graphql` and `health` on a real queue; only the reading of a source is replaced, at the wiring. */
describe.runIf(hasAzurite())('the triggers on Azurite', () => {
  let azurite: Awaited<ReturnType<typeof startAzurite>>
  let store: Store
  let host: LocalHost
  let openQueue: OpenQueue
  const polled: string[] = []
  const troubles: string[] = []

  beforeAll(async () => {
    ;[azurite, store] = await Promise.all([startAzurite(), openEngine('pglite')])
    openQueue = storageQueues(azurite.connection, () => {})
    const fleet = parseFleet({
      managementClusters: ['weu', 'neu', 'large', 'faulty'].map((name) => ({ name, inCluster: true, every: '1h' })),
    })
    const parts = { store, fleet, now: () => new Date(), log: openLog({ logLevel: 'error' }) }
    provide(async () => ({
      ...parts,
      settings: readSettings({ AzureWebJobsStorage: azurite.connection }),
      viewer: { name: 'local', scope: 'everything' },
      intake: openIntake(parts),
      poll: async (source) => {
        polled.push(source)
        if (source === 'faulty') throw new Error('a fault of ours')
        return { unfinished: source === 'large' && polled.filter((id) => id === source).length < 3 }
      },
      close: () => store.close(),
    }))
    host = await startHost({
      entries: ['tick', 'poll', 'graphql', 'health'].map((name) =>
        join(import.meta.dirname, `../../functions/${name}.ts`),
      ),
      numbers: {
        routePrefix: '',
        queues: {
          batchSize: 4,
          newBatchThreshold: 4,
          maxDequeueCount: 5,
          visibilityTimeoutMs: 0,
          maxPollingIntervalMs: 200,
        },
        functionTimeoutMs: 60_000,
      },
      host: '127.0.0.1',
      port: 0,
      openQueue,
      log: () => {},
      trouble: (what, error) => troubles.push(`${what}: ${String(error)}`),
    })
  })
  afterAll(async () => {
    await host?.stop()
    await azurite?.stop()
  })

  it('tick registers the fleet and enqueues each source once; poll reads each, and a large one until it is done', async () => {
    await expect
      .poll(() => polled.filter((id) => id !== 'faulty').sort(), { timeout: 20_000 })
      .toEqual(['large', 'large', 'large', 'neu', 'weu'])
  })

  it('tick registers by what clusters are judged, too', async () => {
    expect(await rowsOf(store.db, sql`select name from policy where removed_at is null`)).toEqual([
      { name: 'default' },
      { name: 'drift' },
    ])
    expect(await rowsOf(store.db, sql`select count(*) > 0 as seeded from support_calendar`)).toEqual([{ seeded: true }])
  })

  it('a fault of ours is tried five times and then lies in the poison queue', async () => {
    const poison = await openQueue('poll-poison')
    let body = ''
    await expect
      .poll(async () => (body = (await poison.receive({ max: 1, hiddenMs: 60_000 }))[0]?.body ?? ''), {
        timeout: 20_000,
      })
      .not.toBe('')
    expect(JSON.parse(Buffer.from(body, 'base64').toString())).toEqual({ source: 'faulty' })
    expect(polled.filter((id) => id === 'faulty')).toHaveLength(5)
    expect(troubles.filter((line) => line.includes('a fault of ours'))).toHaveLength(5)
  })

  it('a message delivered twice is two polls, which is no harm', async () => {
    const queue = await openQueue('poll')
    const before = polled.length
    for (let i = 0; i < 2; i++) await queue.send(encode(JSON.stringify({ source: 'weu' })))
    await expect.poll(() => polled.length, { timeout: 10_000 }).toBe(before + 2)
  })

  it('a message that names no source goes to the poison queue and stops nothing', async () => {
    const [queue, poison] = await Promise.all([openQueue('poll'), openQueue('poll-poison')])
    await queue.send(encode('{"sauce":"weu"}'))
    await expect
      .poll(async () => (await poison.receive({ max: 1, hiddenMs: 60_000 })).length, { timeout: 10_000 })
      .toBe(1)
  })

  it('the HTTP functions answer beside them', async () => {
    expect(await (await fetch(`${host.url}/healthz`)).json()).toEqual({ status: 'ok' })
    expect(await (await fetch(`${host.url}/readyz`)).json()).toEqual({ status: 'ready' })
    expect((await fetch(host.url, { redirect: 'manual' })).headers.get('location')).toBe('/graphql')
    const asked = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ __typename }"}',
    }
    expect(await (await fetch(`${host.url}/graphql`, asked)).json()).toMatchObject({ data: { __typename: 'Query' } })
  })
})
