import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../db/client.ts'
import { finishPoll, takeLease } from '../../db/source.ts'
import { engines, openEngine } from '../engine.ts'
import { type Ask, type Asked, asker } from '../schema/ask.ts'
import { everyMs, fill, pollOnce, staleAfterMs } from '../schema/fill.ts'
import { World } from '../world/world.ts'

const operation = (name: string): string => readFileSync(join(import.meta.dirname, `${name}.graphql`), 'utf8')

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

describe.each(engines)('questions on %s', (engine) => {
  let store: Store
  let ask: Ask
  let now: Date
  const world = new World({ clusters: 40, seed: 'questions' })
  const silent = 'neu-prod'

  beforeAll(async () => {
    store = await openEngine(engine)
    for (let step = 0; step < 30; step++) world.live(step)
    now = world.now
    await fill(store.db, world, now)
    ask = asker(store.db, () => now).ask
  })
  afterAll(() => store.close())

  it('Q1: which clusters exist, where, and whose they are', async () => {
    const { data, errors } = await ask(operation('q01'))
    expect(errors).toBeUndefined()
    const { nodes, totalCount, coverage } = data.clusters
    const place = (one: { source: string; namespace: string; name: string }) =>
      `${one.source}/${one.namespace}/${one.name}`
    const answered = nodes.map((node: Asked) => ({
      ...{
        name: node.name,
        namespace: node.namespace,
        environment: node.env,
        region: node.region,
        provider: node.provider,
        flavour: node.flavour,
      },
      source: node.source.name,
      owner: node.owner?.team ?? null,
      versionDeclared: node.kubernetes.declared,
      versionObserved: node.kubernetes.observed,
      health: node.health.state,
      armId: node.armId?.toLowerCase() ?? null,
    }))
    const truth = world.truth.map((one) => ({
      ...{
        name: one.name,
        namespace: one.namespace,
        environment: one.environment,
        region: one.region,
        provider: one.provider,
        flavour: one.flavour,
      },
      ...{
        source: one.source,
        owner: one.owner,
        versionDeclared: one.versionDeclared,
        versionObserved: one.versionObserved,
        armId: one.armId,
      },
      health: one.health.toUpperCase(),
    }))
    const sorted = (list: { source: string; namespace: string; name: string }[]) =>
      list.toSorted((a, b) => (place(a) < place(b) ? -1 : 1))
    expect(sorted(answered)).toEqual(sorted(truth))
    expect(totalCount).toBe(truth.length)
    expect(coverage).toMatchObject({ complete: true, expectedSources: 4, reportingSources: 4, staleSources: [] })
    // Trap: a cluster known twice is two rows until they are joined, and the claim on its ARM id is held by one of them only.
    const arm = nodes.flatMap((node: Asked) => node.bindings.filter(({ kind }: { kind: string }) => kind === 'arm'))
    expect(arm.map(({ ref }: { ref: string }) => ref).sort()).toEqual(
      [...new Set(world.truth.flatMap(({ armId }) => armId ?? []))].sort(),
    )
    for (const node of nodes) {
      expect(node.freshness.state).toBe('FRESH')
      expect(node.tags.length).toBeGreaterThan(0)
      expect(node.bindings).toContainEqual({ kind: 'capi', ref: `${node.source.name}/${node.namespace}/${node.name}` })
      // 1.9 and 1.10 are not the same minor, and the minor is a number after a dot, not a prefix.
      expect(node.kubernetes.raw).toMatch(new RegExp(`^v${node.kubernetes.minor?.replace('.', '\\.')}\\.`))
    }
    expect(counted(data.perSourceRegionEnvironmentProvider.buckets)).toEqual(
      countBy(
        world.truth,
        ({ source, region, environment, provider }) => `${source}/${region}/${environment}/${provider}`,
      ),
    )
  })

  it('Q2: which management clusters are silent, since when, and what is last-known only', async () => {
    expect((await ask(operation('q02'))).data.sources).toMatchObject({
      totalCount: 0,
      nodes: [],
      coverage: { complete: true },
    })
    const read = now
    const steps = staleAfterMs / everyMs
    for (let step = 1; step <= steps; step++) {
      now = new Date(read.getTime() + step * everyMs)
      for (const { name } of world.sites) {
        if (name !== silent) await pollOnce(store.db, world, name, now)
        else {
          const lease = await takeLease(store.db, name, `${step}`, now, 1000)
          if (lease)
            await finishPoll(
              store.db,
              lease,
              { trouble: { code: 'Timeout', message: `${name} did not answer` }, unfinished: false },
              now,
            )
        }
      }
    }
    const { data } = await ask(operation('q02'))
    const there = world.truth.filter(({ source }) => source === silent).length
    expect(data.sources.nodes).toMatchObject([
      {
        name: silent,
        freshness: { state: 'STALE', lagSeconds: staleAfterMs / 1000 },
        lastSuccessAt: read.toISOString().replace('.000Z', 'Z'),
        lastErrorCode: 'TIMEOUT',
        lastErrorMessage: `${silent} did not answer`,
        expectedInterval: everyMs / 1000,
        clusterCount: { total: there, fresh: 0, stale: there, unreadable: 0, neverReported: 0, lastKnown: there },
      },
    ])
    expect(data.sources.nodes[0].consecutiveFailures).toBeGreaterThan(0)
    expect(data.lastKnown.total).toBe(there)
    expect(counted(data.lastKnown.buckets)).toEqual({ [`${silent}/STALE`]: there })
    expect(data.lastKnown.coverage.complete).toBe(false)
  })

  it('trap: with a stale source in scope, its clusters are counted, marked, and never green', async () => {
    const { data } = await ask(operation('q01'))
    expect(data.clusters.totalCount).toBe(world.truth.length)
    expect(data.clusters.coverage).toMatchObject({ complete: false, staleSources: [{ name: silent, state: 'STALE' }] })
    for (const node of data.clusters.nodes) {
      const stale = node.source.name === silent
      expect([node.freshness.state, node.health.state === 'STALE']).toEqual(stale ? ['STALE', true] : ['FRESH', false])
      if (stale)
        expect(node.health.underlying).toBe(
          world.truth.find(({ source, name }) => source === silent && name === node.name)?.health.toUpperCase(),
        )
    }
  })
})
