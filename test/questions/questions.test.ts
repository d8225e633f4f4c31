import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { finishPoll, takeLease } from '../../db/source.ts'
import { engines } from '../engine.ts'
import type { Asked } from '../schema/ask.ts'
import { everyMs, pollOnce, staleAfterMs } from '../schema/fill.ts'
import { azureStaleAfterMs, pollAzure, settleAll } from '../schema/fill-azure.ts'
import { homeOf, openFleet, type QuestionedFleet, sorted } from './fleet.ts'

interface Bucket {
  readonly count: number
  readonly keys: readonly { readonly value: string | null }[]
}
const counted = (buckets: readonly Bucket[]): Record<string, number> =>
  Object.fromEntries(buckets.map(({ count, keys }) => [keys.map(({ value }) => value).join('/'), count]))
const countBy = <T>(items: readonly T[], key: (item: T) => string): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1
  return counts
}
const bare = (version: string | null) => version?.replace(/^v/, '') ?? null

describe.each(engines)('questions on %s', (engine) => {
  let fleet: QuestionedFleet
  const silent = 'neu-prod'

  beforeAll(async () => {
    fleet = await openFleet(engine, 'questions')
  })
  afterAll(() => fleet.store.close())

  it('Q1: which clusters exist, where, and whose they are', async () => {
    const { clusters, perSourceRegionEnvironmentProvider } = await fleet.answer('q01')
    const { nodes, totalCount, coverage } = clusters
    const truth = fleet.world.fleet
    const answered = nodes.map((node: Asked) => ({
      ...{ name: node.name, namespace: node.namespace, environment: node.env, region: node.region },
      ...{ provider: node.provider, source: node.source.name, armId: node.armId?.toLowerCase() ?? null },
      owner: node.owner?.team ?? null,
      versionDeclared: bare(node.kubernetes.declared),
      versionObserved: bare(node.kubernetes.observed),
      health: node.health.state,
      claims: sorted(node.bindings.filter(({ kind }: Asked) => kind === 'capi').map(({ ref }: Asked) => ref)),
    }))
    expect(sorted(answered)).toEqual(
      sorted(
        truth.map((one) => ({
          ...{ name: one.name, namespace: one.namespace, environment: one.environment, region: one.region },
          ...{ provider: one.provider, source: homeOf(one), armId: one.armId },
          owner: one.owner,
          versionDeclared: one.versionDeclared,
          versionObserved: one.versionObserved,
          health: one.health.toUpperCase(),
          claims: sorted(one.claims.map(({ source, namespace, name }) => `${source}/${namespace}/${name}`)),
        })),
      ),
    )
    expect(totalCount).toBe(truth.length)
    // Azure is an account and its subscriptions.
    const expectedSources = fleet.world.sites.length + 1 + fleet.world.azure.subscriptions.length
    expect(coverage).toEqual({ complete: true, expectedSources, reportingSources: expectedSources, staleSources: [] })
    // Every ARM id is claimed once, by one cluster.
    const arm = nodes.flatMap((node: Asked) => node.bindings.filter(({ kind }: { kind: string }) => kind === 'arm'))
    expect(sorted(arm.map(({ ref }: { ref: string }) => ref))).toEqual(
      sorted(truth.flatMap(({ armId }) => armId ?? [])),
    )
    for (const node of nodes) {
      expect(node.freshness.state).toBe('FRESH')
      // 1.9 and 1.10 are not the same minor, and the minor is a number after a dot, not a prefix.
      expect(node.kubernetes.raw).toMatch(new RegExp(`^v?${node.kubernetes.minor?.replace('.', '\\.')}\\.`))
    }
    expect(counted(perSourceRegionEnvironmentProvider.buckets)).toEqual(
      countBy(truth, (one) => `${homeOf(one)}/${one.region}/${one.environment ?? ''}/${one.provider}`),
    )
  })

  it('trap: a cluster known twice is one, found by either name and by its former id', async () => {
    const [twin, ...others] = fleet.world.fleet.filter(({ claims }) => claims.length > 1)
    if (twin === undefined) throw new Error('no cluster is known twice')
    expect(others).toEqual([])
    const byName = await Promise.all(
      twin.claims.map(({ source, namespace, name }) =>
        fleet.ask(
          'query ($s: String, $ns: String, $n: String) { cluster(managementCluster: $s, namespace: $ns, name: $n) { id bindings { kind ref } } }',
          { s: source, ns: namespace, n: name },
        ),
      ),
    )
    const [cluster, ...same] = byName.map(({ data }) => data.cluster)
    expect(same).toEqual([cluster])
    const former = cluster.bindings.filter(({ kind }: Asked) => kind === 'id').map(({ ref }: Asked) => ref)
    expect(former.length).toBeGreaterThan(0)
    for (const id of former) {
      const { data, errors } = await fleet.ask(
        'query ($id: ID!, $ids: [ID!]!) { cluster(id: $id) { id } node(id: $id) { id } nodes(ids: $ids) { id } }',
        { id: `Cluster:${id}`, ids: [cluster.id, `Cluster:${id}`, 'Cluster:00000000-0000-8000-8000-000000000000'] },
      )
      expect(errors).toBeUndefined()
      const { id: present } = cluster
      expect(data).toEqual({
        cluster: { id: present },
        node: { id: present },
        nodes: [{ id: present }, { id: present }, null],
      })
    }
  })

  it('Q2: which management clusters are silent, since when, and what is last-known only', async () => {
    const { world, store } = fleet
    expect((await fleet.answer('q02')).sources).toMatchObject({
      totalCount: 0,
      nodes: [],
      coverage: { complete: true },
    })
    const read = fleet.now
    const steps = staleAfterMs / everyMs
    for (let step = 1; step <= steps; step++) {
      fleet.now = new Date(read.getTime() + step * everyMs)
      for (const { name } of world.sites) {
        if (name !== silent) await pollOnce(store.db, world, name, fleet.now)
        else {
          const lease = await takeLease(store.db, name, `${step}`, fleet.now, 1000)
          const trouble = { code: 'Timeout', message: `${name} did not answer` } as const
          if (lease) await finishPoll(store.db, lease, { trouble, unfinished: false }, fleet.now)
        }
      }
    }
    const { sources, lastKnown } = await fleet.answer('q02')
    const here = world.fleet.filter((one) => homeOf(one) === silent)
    // Azure still answers for those that it knows.
    const alone = here.filter(({ witnesses }) => !witnesses.includes('arm')).length
    expect(sources.nodes).toMatchObject([
      {
        name: silent,
        freshness: { state: 'STALE', lagSeconds: staleAfterMs / 1000 },
        lastSuccessAt: read.toISOString().replace('.000Z', 'Z'),
        lastErrorCode: 'TIMEOUT',
        lastErrorMessage: `${silent} did not answer`,
        expectedInterval: everyMs / 1000,
        clusterCount: { total: here.length, fresh: here.length - alone, stale: alone, lastKnown: alone },
      },
    ])
    expect(sources.nodes[0].consecutiveFailures).toBeGreaterThan(0)
    expect(alone).toBeGreaterThan(0)
    expect(lastKnown.total).toBe(alone)
    expect(counted(lastKnown.buckets)).toEqual({ [`${silent}/STALE`]: alone })
    expect(lastKnown.coverage.complete).toBe(false)
  })

  it('trap: with a stale source in scope, its clusters are counted, marked, and never green', async () => {
    const { clusters } = await fleet.answer('q01')
    const truth = fleet.world.fleet
    expect(clusters.totalCount).toBe(truth.length)
    expect(clusters.coverage).toMatchObject({ complete: false, staleSources: [{ name: silent, state: 'STALE' }] })
    for (const node of clusters.nodes) {
      const one = truth.find((cluster) => homeOf(cluster) === node.source.name && cluster.name === node.name)
      const stale = node.source.name === silent && !one?.witnesses.includes('arm')
      expect([node.freshness.state, node.health.state === 'STALE'], node.name).toEqual(
        stale ? ['STALE', true] : ['FRESH', false],
      )
      if (stale) expect(node.health.underlying).toBe(one?.health.toUpperCase())
    }
  })

  it('trap: a finding is stale by who told it; a pool only where nobody who knows it is heard of', async () => {
    const query = `{ findings(first: 100, filter: {cluster: {source: {eq: "${silent}"}, or: [{witness: {eq: "arm"}}, {health: {eq: STALE}}]}}) {
        nodes { stale freshness { state source { name } } evidence { source } cluster { witnesses } } }
      nodePools(first: 100, filter: {source: {eq: "${silent}"}}) { nodes { health { state } freshness { state } cluster { witnesses } } } }`
    for (const settled of [false, true]) {
      if (settled) await settleAll(fleet.store.db, fleet.now)
      const { data } = await fleet.ask(query)
      const told = new Set<string>()
      for (const { stale, freshness, evidence, cluster } of data.findings.nodes) {
        const sources: (string | null)[] = evidence.map(({ source }: Asked) => source)
        const [ours, azures] = [sources.includes(silent), sources.some((one) => one?.startsWith('corp/'))]
        expect(stale).toBe(ours || !azures)
        expect([freshness.state, freshness.source.name === silent]).toEqual([stale ? 'STALE' : 'FRESH', stale])
        told.add(`${cluster.witnesses.includes('arm')} ${stale}`)
      }
      expect(told).toEqual(new Set(['true true', 'true false', 'false true']))
      const states = new Set<string>()
      for (const { health, freshness, cluster } of data.nodePools.nodes) {
        expect(health.state === 'STALE').toBe(freshness.state === 'STALE')
        states.add(`${cluster.witnesses.includes('arm')} ${freshness.state}`)
      }
      expect(states.has('true FRESH') && states.has('false STALE') && !states.has('false FRESH')).toBe(true)
    }
  })

  it('trap: Azure falls silent, and what only Azure knows with it', async () => {
    fleet.now = new Date(fleet.now.getTime() + azureStaleAfterMs)
    for (const { name } of fleet.world.sites) await pollOnce(fleet.store.db, fleet.world, name, fleet.now)
    const alone = (await fleet.answer('q20')).clusters
    expect(alone.coverage.complete).toBe(false)
    for (const { orphan, freshness } of alone.nodes)
      expect(freshness.state).toBe(orphan.direction === 'UNDECLARED' ? 'STALE' : 'FRESH')
    await pollAzure(fleet.store.db, fleet.world, fleet.now)
    expect((await fleet.answer('q20')).clusters.coverage.complete).toBe(true)
  })
})
