import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formerClaim } from '../../db/claim.ts'
import type { Store } from '../../db/client.ts'
import { judge } from '../../db/judge.ts'
import { registerPolicies } from '../../db/policy.ts'
import { finishPoll, registerSources, takeLease } from '../../db/source.ts'
import type { SourceDeclaration } from '../../fleet/source.ts'
import { type Facts, idOf, minimum, owned, policyOf, putClusters, subjectOf } from '../db/judged-cluster.ts'
import { at } from '../db/wire.ts'
import { engines, openEngine } from '../engine.ts'
import { type Ask, type Asked, asker } from './ask.ts'
import { everyMs, staleAfterMs } from './fill.ts'

const azure = 'corp/one'
const source = (id: string, type: SourceDeclaration['type']): SourceDeclaration => ({
  ...{ id, type, parentId: null, polled: true, armId: null, region: null, labels: {}, everyMs, staleAfterMs },
})
/** Of `both` Azure tells the version, and the home the owner. */
const facts: Readonly<Record<string, Facts>> = {
  both: {
    ...{ azure, versionObserved: 'v1.34.1', owner: 'team-a', country: 'NL', geographies: ['EU', 'Europe'] },
    ...{ tier: 'Standard', supportPlan: 'KubernetesOfficial', upgradeChannel: 'node-image' },
    pools: [{ name: 'workers', versionDeclared: null, versionObserved: null, nodeImage: null }],
  },
  ours: {
    ...{ versionObserved: 'v1.34.1', owner: 'team-b' },
    pools: [{ name: 'listed', versionDeclared: null, versionObserved: null, nodeImage: null }],
  },
  theirs: { source: azure, azure, versionObserved: 'v1.34.1', owner: 'team-c' },
}
const former = 'f0f0f0f0-0000-4000-8000-000000000000'
const stranger = 'f0f0f0f0-0000-4000-8000-000000000001'

describe.each(engines)('what findings rest on, and former ids, on %s', (engine) => {
  let store: Store
  let ask: Ask
  let now = at(0)

  beforeAll(async () => {
    store = await openEngine(engine)
    await registerSources(store.db, [source('weu', 'managementCluster'), source(azure, 'azure')], at(0))
    await registerPolicies(
      store.db,
      { policies: [policyOf('baseline', [minimum('1.32'), owned()])], waivers: [], calendar: [] },
      at(0),
      [],
    )
    const subjects = Object.entries(facts).map(([name, given]) => subjectOf(name, given))
    await putClusters(store.db, subjects, at(0))
    await store.db.execute(
      sql`update cluster set kind = 'microsoft.containerservice/managedClusters' where source_id = ${azure}`,
    )
    await store.db.execute(sql`insert into binding (claim, cluster_id, source_id, evidence, bound_at)
      values (${formerClaim(former)}, ${idOf('both')}, 'weu', '{}', ${at(0).toISOString()})`)
    await judge(store.db, at(0))
    ask = asker(store.db, () => now).ask
  })
  afterAll(() => store.close())

  /** These sources are heard of then, and not after. */
  async function hear(heard: Readonly<Record<string, Date>>): Promise<void> {
    for (const [id, when] of Object.entries(heard)) {
      const lease = await takeLease(store.db, id, `${id} ${when.getTime()}`, when, 1000)
      if (lease === null) throw new Error(`no lease on ${id}`)
      await finishPoll(store.db, lease, { trouble: null, unfinished: false }, when)
    }
  }

  const answered = async (query: string, variables: object = {}): Promise<Asked> => {
    const { data, errors } = await ask(query, { ...variables })
    expect(errors).toBeUndefined()
    return data
  }
  const silence = async (): Promise<Asked> => {
    const data = await answered(`{
      findings(first: 100) { nodes { rule stale freshness { state source { name } } cluster { name freshness { state } findings { rule stale } } } }
      stale: findings(first: 100, filter: {stale: true}) { totalCount nodes { rule cluster { name } } }
      not: findings(first: 100, filter: {stale: false}) { totalCount } }`)
    const lines = data.findings.nodes.map((one: Asked) => {
      // Asked in whichever way, a finding says the same.
      expect(one.cluster.findings).toContainEqual({ rule: one.rule, stale: one.stale })
      expect(one.stale).toBe(one.freshness.state === 'STALE')
      return `${one.cluster.name}/${one.rule} ${one.freshness.state} ${one.freshness.source.name}, ${one.cluster.freshness.state}`
    })
    const marked = data.findings.nodes.filter(({ stale }: Asked) => stale)
    expect(data.stale.totalCount).toBe(marked.length)
    expect(data.stale.totalCount + data.not.totalCount).toBe(6)
    return lines.sort()
  }

  it('a finding is as stale as the stalest source that its evidence names, whoever else is heard of', async () => {
    await hear({ weu: at(0), [azure]: at(0) })
    expect(new Set((await silence()).map((line: string) => line.split(' ')[1]))).toEqual(new Set(['FRESH']))
    now = new Date(at(0).getTime() + staleAfterMs)
    await hear({ weu: now })
    expect(await silence()).toEqual([
      'both/minimum STALE corp/one, FRESH',
      'both/owner FRESH weu, FRESH',
      'ours/minimum FRESH weu, FRESH',
      'ours/owner FRESH weu, FRESH',
      'theirs/minimum STALE corp/one, STALE',
      'theirs/owner STALE corp/one, STALE',
    ])
    now = new Date(now.getTime() + staleAfterMs)
    await hear({ [azure]: now })
    expect(await silence()).toEqual([
      'both/minimum FRESH corp/one, FRESH',
      'both/owner STALE weu, FRESH',
      'ours/minimum STALE weu, STALE',
      'ours/owner STALE weu, STALE',
      'theirs/minimum FRESH corp/one, FRESH',
      'theirs/owner FRESH corp/one, FRESH',
    ])
  })

  it('of several sources the stalest counts, and the home where none is named', async () => {
    const write = (evidence: readonly object[]) =>
      store.db.execute(
        sql`update finding set evidence = ${JSON.stringify(evidence)}::jsonb where cluster_id = ${idOf('both')} and rule = 'minimum'`,
      )
    const saidBy = (from: string | null) => ({ field: 'one', expected: null, actual: null, from, asOf: null })
    for (const [sources, line] of [
      [['weu', azure], 'STALE weu'],
      [[azure, 'aks-releases'], 'FRESH corp/one'],
      [['aks-releases'], 'STALE weu'],
      [[null], 'STALE weu'],
      [[], 'STALE weu'],
    ] as const) {
      await write(sources.map(saidBy))
      expect((await silence())[0], sources.join()).toBe(`both/minimum ${line}, FRESH`)
    }
  })

  it('a pool that is only listed is as fresh as who lists it: Azure, or an operator at home', async () => {
    const data = await answered(
      '{ nodePools(first: 9) { nodes { name health { state } freshness { state source { name } } } } }',
    )
    expect(data.nodePools.nodes).toEqual([
      { name: 'listed', health: { state: 'STALE' }, freshness: { state: 'STALE', source: { name: 'weu' } } },
      { name: 'workers', health: { state: 'HEALTHY' }, freshness: { state: 'FRESH', source: { name: azure } } },
    ])
  })

  it('filters find a cluster by an id that it had, as `cluster` does', async () => {
    const lists = async (id: object) => {
      const data = await answered(
        `query ($c: ClusterFilter, $id: IdFilter) {
          clusters(first: 9, filter: $c) { totalCount nodes { name } }
          findings(first: 9, filter: {cluster: $c}) { totalCount }
          nodePools(first: 9, filter: {cluster: $id}) { totalCount nodes { name freshness { state } } }
          inCluster: nodePools(first: 9, filter: {inCluster: $c}) { totalCount }
          resources(first: 9, filter: {cluster: $id}) { totalCount }
          compliance(filter: $c) { total { clusters } }
          clusterAggregate(filter: $c, groupBy: []) { total } }`,
        { c: { id }, id },
      )
      return [
        ...[data.clusters.nodes.map(({ name }: Asked) => name).join(), data.findings.totalCount],
        ...[data.nodePools.totalCount, data.inCluster.totalCount, data.resources.totalCount],
        ...[data.compliance.total.clusters, data.clusterAggregate.total],
      ]
    }
    await store.db.execute(sql`insert into object (source_id, id, kind, namespace, name, api_version, owner_named, cluster_id, state, reason, message,
        state_since, generation_seen_at, observed_at, received_at, digest)
      values ('weu', ${idOf('machine')}, 'cluster.x-k8s.io/Machine', 'fleet', 'machine', 'v1', true, ${idOf('both')}, 'Healthy', 'AtRest', '',
        ${at(0).toISOString()}, ${at(0).toISOString()}, ${at(0).toISOString()}, ${at(0).toISOString()}, ${former})`)
    const one = ['both', 2, 1, 1, 1, 1, 1]
    expect(await lists({ eq: `Cluster:${idOf('both')}` })).toEqual(one)
    expect(await lists({ eq: `Cluster:${former}` })).toEqual(one)
    expect(await lists({ in: [former, idOf('both'), stranger] })).toEqual(one)
    expect(await lists({ eq: stranger })).toEqual(['', 0, 0, 0, 0, 0, 0])
    expect(await lists({ in: [] })).toEqual(['', 0, 0, 0, 0, 0, 0])
    expect((await answered(`{ cluster(id: "Cluster:${former}") { name } }`)).cluster.name).toBe('both')
  })

  it('words of Azure, countries and geographies have no letter case', async () => {
    const names = async (filter: object): Promise<string> => {
      const data = await answered('query ($f: ClusterFilter) { clusters(first: 9, filter: $f) { nodes { name } } }', {
        f: filter,
      })
      return data.clusters.nodes.map(({ name }: Asked) => name).join()
    }
    for (const filter of [
      ...[{ geography: { eq: 'eu' } }, { geography: { in: ['europe', 'asia'] } }, { geography: { isNull: false } }],
      ...[{ country: { eq: 'nl' } }, { country: { in: ['Nl'] } }, { tier: { eq: 'STANDARD' } }],
      ...[{ tier: { startsWith: 'stan' } }, { supportPlan: { in: ['kubernetesofficial'] } }],
      ...[{ autoUpgradeChannel: { eq: 'Node-Image' } }, { autoUpgradeChannel: { isNull: false } }],
    ])
      expect(await names(filter), JSON.stringify(filter)).toBe('both')
    expect(await names({ geography: { in: [] } })).toBe('')
    expect(await names({ owner: { eq: 'TEAM-A' } })).toBe('')
  })
})
