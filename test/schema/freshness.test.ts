import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { recordTrouble } from '../../db/reading.ts'
import { settle } from '../../db/settle.ts'
import { finishPoll, registerSources, takeLease } from '../../db/source.ts'
import { engines, openEngine } from '../engine.ts'
import { World } from '../world/world.ts'
import { type Ask, asker } from './ask.ts'
import { everyMs, fill, pollOnce, siteSources, staleAfterMs } from './fill.ts'

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
      siteSources(world).filter(({ id }) => id !== 'neu-prod'),
      now,
    )
    const { data } = await ask(
      '{ sources(first: 10) { coverage { expectedSources } nodes { name } } gone: source(id: "neu-prod") { freshness { state } } }',
    )
    expect(data.sources.coverage.expectedSources).toBe(3)
    expect(data.gone.freshness.state).toBe('GONE')
    const ask4 = `query ($gone: Boolean) {
      clusters(first: 100, withGone: $gone, filter: {source: {eq: "neu-prod"}}) { totalCount coverage { expectedSources } nodes { id health { state reason } gitops { state reason } freshness { state } nodePools { id } objects { id } } }
      nodePools(first: 100, withGone: $gone, filter: {source: {eq: "neu-prod"}}) { totalCount nodes { health { reason } freshness { state } } }
      resources(first: 100, withGone: $gone, filter: {source: {eq: "neu-prod"}}) { totalCount nodes { health { reason } freshness { state } } }
      clusterAggregate(groupBy: [FRESHNESS], withGone: $gone, filter: {source: {eq: "neu-prod"}}) { total buckets { keys { value } } }
      source(id: "neu-prod") { clusterCount { total stale lastKnown } } }`
    expect((await ask(ask4)).data).toEqual({
      clusters: { totalCount: 0, coverage: { expectedSources: 0 }, nodes: [] },
      nodePools: { totalCount: 0, nodes: [] },
      resources: { totalCount: 0, nodes: [] },
      clusterAggregate: { total: 0, buckets: [] },
      source: { clusterCount: { total: 0, stale: 0, lastKnown: 0 } },
    })
    const all = (await ask(ask4, { gone: true })).data
    expect(all.clusters.totalCount).toBeGreaterThan(0)
    expect(all.clusterAggregate).toEqual({ total: all.clusters.totalCount, buckets: [{ keys: [{ value: 'GONE' }] }] })
    for (const node of all.clusters.nodes) {
      // Its clusters were settled while it was silent: stored as Stale, and gone all the same.
      expect(node).toMatchObject({ health: { state: 'STALE', reason: 'Gone' }, nodePools: [], objects: [] })
      if (node.gitops) expect(node.gitops).toEqual({ state: 'STALE', reason: 'Gone' })
    }
    for (const node of [...all.clusters.nodes, ...all.nodePools.nodes, ...all.resources.nodes])
      expect([node.health.reason, node.freshness.state]).toEqual(['Gone', 'GONE'])
  })

  it('an object counts as heard of by its own reading while its kind has none', async () => {
    const machine = 'cluster.x-k8s.io/Machine'
    await pollOnce(store.db, world, 'eus-prod', now)
    await settle(store.db, now)
    const kinds = sql`source_id = 'eus-prod' and kind in (${machine}, 'cluster.x-k8s.io/Cluster', 'cluster.x-k8s.io/MachineDeployment')`
    // As while a first LIST has not ended, one kind of it refused.
    await store.db.execute(
      sql`update reading set last_success_at = null, verified_at = null, caught_up_at = null, composed_at = null where ${kinds}`,
    )
    await store.db.execute(
      sql`update reading set trouble_code = 'Forbidden', trouble_message = 'no', trouble_at = ${now.toISOString()} where ${kinds} and kind = ${machine}`,
    )
    await store.db.execute(sql`update object set received_at = ${now.toISOString()} where ${kinds}`)
    const query = `{ machines: resources(first: 100, filter: {source: {eq: "eus-prod"}, kind: {eq: "Machine"}}) { coverage { complete } nodes { health { state } freshness { state observedAt } } }
      nodePools(first: 100, filter: {source: {eq: "eus-prod"}}) { nodes { health { state } freshness { state observedAt } } }
      clusters(first: 100, filter: {source: {eq: "eus-prod"}}) { totalCount coverage { complete } nodes { health { state } freshness { state observedAt } } }
      stale: clusters(first: 100, filter: {source: {eq: "eus-prod"}, health: {eq: STALE}}) { totalCount }
      staleToo: clusters(first: 100, filter: {source: {eq: "eus-prod"}, freshness: {eq: STALE}}) { totalCount }
      clusterAggregate(groupBy: [FRESHNESS], filter: {source: {eq: "eus-prod"}}) { buckets { count keys { value } } }
      source(id: "eus-prod") { clusterCount { total fresh stale } } }`
    const sets = ({ nodes }: { nodes: { health: { state: string }; freshness: { state: string } }[] }) => {
      expect(nodes.length).toBeGreaterThan(0)
      for (const { health, freshness } of nodes) expect(health.state === 'STALE').toBe(freshness.state === 'STALE')
      return new Set(nodes.map(({ freshness }) => freshness.state))
    }
    const young = (await ask(query)).data
    expect(sets(young.machines)).toEqual(new Set(['UNREADABLE']))
    expect([sets(young.nodePools), sets(young.clusters)]).toEqual([new Set(['FRESH']), new Set(['FRESH'])])
    expect(young.clusters.nodes[0].freshness.observedAt).not.toBeNull()
    expect([young.machines.coverage.complete, young.clusters.coverage.complete]).toEqual([false, false])
    const count = young.clusters.totalCount
    expect([young.stale.totalCount, young.staleToo.totalCount]).toEqual([0, 0])
    expect(young.clusterAggregate.buckets).toEqual([{ count, keys: [{ value: 'FRESH' }] }])
    expect(young.source.clusterCount).toEqual({ total: count, fresh: count, stale: 0 })
    later(staleAfterMs)
    const old = (await ask(query)).data
    expect([sets(old.machines), sets(old.nodePools), sets(old.clusters)]).toEqual(Array(3).fill(new Set(['STALE'])))
    expect([old.stale.totalCount, old.staleToo.totalCount]).toEqual([count, count])
    expect(old.clusterAggregate.buckets).toEqual([{ count, keys: [{ value: 'STALE' }] }])
    expect(old.source.clusterCount).toEqual({ total: count, fresh: 0, stale: count })
  })
})
