import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { rowsOf, type Store } from '../../../db/client.ts'
import { registerSources } from '../../../db/source.ts'
import { parseFleet } from '../../../fleet/configuration.ts'
import { problemOf, problemResponse } from '../../../functions/http/problem.ts'
import { openDeliveries } from '../../../functions/push/deliveries.ts'
import { openIntake } from '../../../functions/wiring/intake.ts'
import { engines, openEngine } from '../../engine.ts'
import { declarationOf } from '../../push/receiver.ts'
import { clusters, type FakeCluster, machines, startFakeCluster } from '../sources/fake-cluster.ts'
import { type RunningAgent, startAgent } from './run-agent.ts'

const now = () => new Date()
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

describe.each(engines)('an agent and the store (%s)', (engine) => {
  let store: Store
  let api: FakeCluster
  let front: Server
  let agent: RunningAgent

  beforeEach(async () => {
    store = await openEngine(engine)
    await registerSources(store.db, [declarationOf('weu', { staleAfterMs: 120_000 })], now())
    api = await startFakeCluster()
    for (const name of ['a', 'b', 'c']) api.put(clusters, name)
    api.put(machines, 'm')
    // Only what receives is asked of the log.
    const parts = { store, fleet: parseFleet({}), now, log: log as never }
    const intake = openIntake(parts)
    const deliveries = openDeliveries({ ...parts, intake }, async () => ({ source: 'weu' }))
    const answer = (request: Request) =>
      request.url.endsWith('/sessions') ? deliveries.open(request) : deliveries.take(request)
    front = createServer(
      getRequestListener((request) =>
        answer(request).catch((error: unknown) => problemResponse(problemOf(error, 'id'))),
      ),
    )
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
    // A TCP server's address is an object, never a pipe's name.
    const { port } = front.address() as AddressInfo
    agent = await startAgent({ url: `http://127.0.0.1:${port}`, kubeconfig: api.kubeconfig() })
    return async () => {
      await agent.stop()
      front.closeAllConnections()
      await intake.close()
      await api.server.close()
    }
  })
  afterEach(async () => {
    await store.close()
  })

  const present = async () =>
    (
      await rowsOf<{ name: string }>(
        store.db,
        sql`select name from object where kind = 'cluster.x-k8s.io/Cluster' and gone_at is null order by name`,
      )
    ).map(({ name }) => name)
  const has = (...names: string[]) =>
    vi.waitFor(async () => expect(await present()).toEqual(names), { timeout: 10_000 })
  /** Of every kind that is read. */
  const confirmedSince = (since: Date) =>
    vi.waitFor(
      async () =>
        expect(
          await rowsOf(
            store.db,
            sql`select kind from reading where caught_up_at > ${since.toISOString()} and trouble_code is null order by kind`,
          ),
        ).toEqual([{ kind: 'cluster.x-k8s.io/Cluster' }, { kind: 'cluster.x-k8s.io/Machine' }]),
      { timeout: 10_000 },
    )

  test('a reading, changes, signs of life, and the repair of what the store lost', async () => {
    await has('a', 'b', 'c')
    await confirmedSince(now())
    api.put(clusters, 'd')
    api.storage.delete(clusters, 'default', 'a')
    await has('b', 'c', 'd')
    await confirmedSince(now())
    await store.db.execute(sql`delete from object where name = 'c'`)
    await store.db.execute(sql`update reading set print_digest = null`)
    await has('b', 'c', 'd')
    await confirmedSince(now())
    expect(agent.logged.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([])
  })
})
