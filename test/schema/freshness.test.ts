import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { readingState } from '../../db/read/freshness.ts'
import { readJson } from '../../db/read/statement.ts'
import { recordTrouble } from '../../db/reading.ts'
import { settle } from '../../db/settle.ts'
import { finishPoll, registerSources, takeLease } from '../../db/source.ts'
import { freshnessOf } from '../../fleet/freshness.ts'
import { engines, openEngine } from '../engine.ts'
import { World } from '../world/world.ts'
import { type Ask, asker } from './ask.ts'
import { everyMs, fill, pollOnce, staleAfterMs } from './fill.ts'

describe.each(engines)('freshness on %s', (engine) => {
  let store: Store
  let ask: Ask
  let now: Date
  const world = new World({ clusters: 12, seed: 'freshness' })
  const later = (ms: number) => {
    now = new Date(now.getTime() + ms)
  }

  beforeAll(async () => {
    store = await openEngine(engine)
    now = world.now
    await fill(store.db, world, now, ['weu-prod', 'neu-prod', 'eus-prod'])
    ask = asker(store.db, () => now).ask
  })
  afterAll(() => store.close())

  const clusters = async (source: string) =>
    (
      await ask(
        'query ($source: String) { clusters(first: 100, filter: {source: {eq: $source}}) { coverage { complete expectedSources } nodes { health { state underlying reason since } gitops { state } freshness { state lagSeconds observedAt source { name } } nodePools { health { state } freshness { state } } objects { health { state } freshness { state } } } } }',
        { source },
      )
    ).data.clusters
  const states = async (source: string) =>
    new Set((await clusters(source)).nodes.map((node: { freshness: { state: string } }) => node.freshness.state))

  it('NEVER_REPORTED: a source that was never read holds nothing, and says so', async () => {
    const { data } = await ask(
      '{ source(id: "sea-dev") { freshness { state observedAt lagSeconds } clusterCount { total lastKnown } } clusters(first: 1) { coverage { complete expectedSources reportingSources staleSources { name state lastSuccessAt } } } }',
    )
    expect(data.source).toEqual({
      freshness: { state: 'NEVER_REPORTED', observedAt: null, lagSeconds: null },
      clusterCount: { total: 0, lastKnown: 0 },
    })
    expect(data.clusters.coverage).toEqual({
      complete: false,
      expectedSources: 4,
      reportingSources: 3,
      staleSources: [{ name: 'sea-dev', state: 'NEVER_REPORTED', lastSuccessAt: null }],
    })
  })

  it('NEVER_REPORTED: clusters that were read, but not composed yet', async () => {
    const query =
      '{ clusters(first: 1, filter: {source: {eq: "sea-dev"}}) { totalCount coverage { complete staleSources { state lastSuccessAt } } } nodePools(first: 1, filter: {source: {eq: "sea-dev"}}) { coverage { complete } } clusterAggregate(groupBy: [], filter: {source: {eq: "sea-dev"}}) { total coverage { reportingSources } } source(id: "sea-dev") { freshness { state } clusterCount { total } } resources(first: 1, filter: {source: {eq: "sea-dev"}, kind: {eq: "Cluster"}}) { coverage { complete } } }'
    await pollOnce(store.db, world, 'sea-dev', now)
    const { data } = await ask(query)
    expect(data).toEqual({
      clusters: {
        totalCount: 0,
        coverage: { complete: false, staleSources: [{ state: 'NEVER_REPORTED', lastSuccessAt: null }] },
      },
      nodePools: { coverage: { complete: false } },
      clusterAggregate: { total: 0, coverage: { reportingSources: 0 } },
      source: { freshness: { state: 'FRESH' }, clusterCount: { total: 0 } },
      resources: { coverage: { complete: true } },
    })
    await settle(store.db, now)
    const settled = (await ask(query)).data
    expect(settled.clusters.coverage).toEqual({ complete: true, staleSources: [] })
    expect(settled.nodePools.coverage.complete).toBe(true)
    expect(settled.clusterAggregate).toEqual({ total: settled.clusters.totalCount, coverage: { reportingSources: 1 } })
  })

  it('FRESH: read within its limit; a filter on the source narrows coverage', async () => {
    expect(await states('weu-prod')).toEqual(new Set(['FRESH']))
    expect((await clusters('weu-prod')).coverage).toEqual({ complete: true, expectedSources: 1 })
  })

  it('UNREADABLE: the newest attempt failed, of the source or of this kind; the last state stands', async () => {
    later(everyMs)
    for (const source of ['weu-prod', 'eus-prod'])
      await pollOnce(store.db, world, source, now, source === 'eus-prod' ? ['cluster.x-k8s.io/Cluster'] : [])
    await recordTrouble(store.db, {
      source: 'eus-prod',
      kind: 'cluster.x-k8s.io/Cluster',
      at: now,
      trouble: { code: 'Forbidden', message: 'may not list clusters' },
    })
    const lease = await takeLease(store.db, 'neu-prod', 'fails', now, 1000)
    if (lease)
      await finishPoll(
        store.db,
        lease,
        { trouble: { code: 'Unreachable', message: 'no route' }, unfinished: false },
        now,
      )
    expect(await states('neu-prod')).toEqual(new Set(['UNREADABLE']))
    expect(await states('eus-prod')).toEqual(new Set(['UNREADABLE']))
    expect(await states('weu-prod')).toEqual(new Set(['FRESH']))
    for (const node of (await clusters('neu-prod')).nodes) expect(node.health.state).not.toBe('STALE')
    const { data } = await ask(
      '{ eus: source(id: "eus-prod") { freshness { state } lastErrorCode clusterCount { total unreadable } readings { kind state trouble { code message } } } neu: source(id: "neu-prod") { freshness { state } lastErrorCode lastErrorMessage consecutiveFailures } }',
    )
    // Half-readable: the source answers, one kind does not.
    expect(data.eus.freshness.state).toBe('FRESH')
    expect(data.eus.readings.find((one: { kind: string }) => one.kind === 'cluster.x-k8s.io/Cluster')).toMatchObject({
      state: 'UNREADABLE',
      trouble: { code: 'FORBIDDEN', message: 'may not list clusters' },
    })
    const half = await ask(
      '{ machines: resources(first: 1, filter: {source: {eq: "eus-prod"}, kind: {eq: "Machine"}}) { coverage { complete } } clusters: resources(first: 1, filter: {source: {eq: "eus-prod"}, kind: {eq: "Cluster"}}) { coverage { complete staleSources { state } } } }',
    )
    expect(half.data).toEqual({
      machines: { coverage: { complete: true } },
      clusters: { coverage: { complete: false, staleSources: [{ state: 'UNREADABLE' }] } },
    })
    expect(data.eus.clusterCount.unreadable).toBe(data.eus.clusterCount.total)
    expect(data.neu).toEqual({
      freshness: { state: 'UNREADABLE' },
      lastErrorCode: 'UNREACHABLE',
      lastErrorMessage: 'no route',
      consecutiveFailures: 1,
    })
  })

  it('STALE: silent for its limit, and nothing of it is green, before and after settling', async () => {
    later(staleAfterMs - everyMs)
    await pollOnce(store.db, world, 'weu-prod', now)
    const before = await clusters('neu-prod')
    for (const settled of [false, true]) {
      if (settled) await settle(store.db, now)
      const { nodes, coverage } = await clusters('neu-prod')
      expect(nodes.length).toBe(before.nodes.length)
      expect(coverage.complete).toBe(false)
      for (const node of nodes) {
        expect(node.freshness.state).toBe('STALE')
        expect(node.freshness.lagSeconds).toBe(staleAfterMs / 1000)
        expect(node.health.state).toBe('STALE')
        expect(node.health.underlying).not.toBeNull()
        if (node.gitops) expect(node.gitops.state).toBe('STALE')
        for (const part of [...node.nodePools, ...node.objects])
          expect([part.health.state, part.freshness.state]).toEqual(['STALE', 'STALE'])
      }
      const { data } = await ask(
        '{ clusterAggregate(groupBy: [SOURCE, HEALTH, FRESHNESS]) { buckets { count keys { value } } } stale: clusters(first: 100, filter: {health: {eq: STALE}}) { totalCount nodes { source { name } } } healthy: clusters(first: 100, filter: {source: {eq: "neu-prod"}, health: {in: [HEALTHY, PROGRESSING, DEGRADED]}}) { totalCount } }',
      )
      expect(data.healthy.totalCount).toBe(0)
      expect(data.clusterAggregate.buckets).toContainEqual({
        count: nodes.length,
        keys: [{ value: 'neu-prod' }, { value: 'STALE' }, { value: 'STALE' }],
      })
    }
    const { data } = await ask(
      '{ source(id: "neu-prod") { freshness { state } staleAt clusterCount { total stale lastKnown fresh } } }',
    )
    expect(data.source).toMatchObject({
      freshness: { state: 'STALE' },
      clusterCount: {
        total: before.nodes.length,
        stale: before.nodes.length,
        lastKnown: before.nodes.length,
        fresh: 0,
      },
    })
  })

  it('GONE: deleted clusters are listed only when asked for, and are not green', async () => {
    const [place] = world.truth.filter(({ source }) => source === 'weu-prod')
    if (!place) throw new Error('weu-prod has no cluster')
    world.removeCluster(place)
    later(everyMs)
    await pollOnce(store.db, world, 'weu-prod', now)
    await settle(store.db, now)
    const query =
      'query ($gone: Boolean, $name: String) { clusters(first: 100, withGone: $gone, filter: {name: {eq: $name}}) { totalCount nodes { id health { state reason } freshness { state } } } }'
    expect((await ask(query, { name: place.name })).data.clusters.totalCount).toBe(0)
    const { nodes } = (await ask(query, { name: place.name, gone: true })).data.clusters
    expect(nodes).toMatchObject([{ health: { state: 'STALE', reason: 'Gone' }, freshness: { state: 'GONE' } }])
    expect(
      (await ask('query ($id: ID!) { node(id: $id) { ... on Cluster { freshness { state } } } }', { id: nodes[0].id }))
        .data.node.freshness.state,
    ).toBe('GONE')
  })

  it('a source taken out of the fleet file is no longer expected; what it said is GONE', async () => {
    await registerSources(
      store.db,
      world.sites
        .filter(({ name }) => name !== 'neu-prod')
        .map(({ name, region, labels }) => ({
          id: name,
          type: 'managementCluster' as const,
          region,
          labels,
          everyMs,
          staleAfterMs,
        })),
      now,
    )
    const { data } = await ask(
      '{ sources(first: 10) { coverage { expectedSources } nodes { name } } gone: source(id: "neu-prod") { freshness { state } } }',
    )
    expect(data.sources.coverage.expectedSources).toBe(3)
    expect(data.gone.freshness.state).toBe('GONE')
    for (const state of await states('neu-prod')) expect(state).toBe('GONE')
  })

  it('judges as fleet/freshness.ts does', async () => {
    const at = new Date('2026-11-22T09:00:00Z')
    for (const agoMs of [null, 0, staleAfterMs - 1, staleAfterMs, staleAfterMs + 1])
      for (const failed of [false, true])
        for (const gone of [false, true]) {
          const lastSuccessAt = agoMs === null ? null : new Date(at.getTime() - agoMs)
          const state = await readJson<string>(
            store.db,
            at,
            sql`select to_json((${sql.raw(readingState)})::text) from
            (select ${gone ? at.toISOString() : null}::timestamptz as removed_at, ${staleAfterMs}::bigint as stale_after_ms, null::timestamptz as last_success_at, null::text as trouble_code) s,
            (select ${lastSuccessAt?.toISOString() ?? null}::timestamptz as last_success_at, ${failed ? 'Forbidden' : null}::text as trouble_code, 'x' as source_id) r`,
          )
          expect(state).toBe(
            freshnessOf({ lastSuccessAt, lastAttemptFailed: failed, staleAfterMs, goneAt: gone ? at : null }, at),
          )
        }
  })
})
