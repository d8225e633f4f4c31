import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Db, Store } from '../../db/client.ts'
import { createWaiver } from '../../db/waiver.ts'
import { defaultPolicy } from '../../fleet/policy/default-policy.ts'
import { examples } from '../../schema/examples.ts'
import { engines, openEngine } from '../engine.ts'
import { World } from '../world/world.ts'
import { everyFieldAlone } from './alone.ts'
import { type Ask, asker } from './ask.ts'
import { pollOnce, staleAfterMs } from './fill.ts'
import { fillWithAzure, judgeAll, settleAll } from './fill-azure.ts'

const everything = `query Page($first: Int!, $filter: ClusterFilter, $orderBy: ClusterOrder, $with: Boolean = true) {
  clusters(first: $first, filter: $filter, orderBy: $orderBy) {
    totalCount @include(if: $with)
    coverage { complete staleSources { id name state lastSuccessAt } }
    pageInfo { hasNextPage endCursor }
    edges { cursor node { ...Whole nodePools { id name mode kubernetes { raw minor } replicas { desired ready } health { state flags } freshness { state } } } }
    nodes { label: name objects @skip(if: $with) { id } }
  } }
  fragment Whole on Cluster { __typename id name environment owner { team contact } source { id name labels { key value } }
    kubernetes { raw minor declared observed } health { state underlying reason message since flags } gitops { state } freshness { state observedAt lagSeconds source { name } }
    rootCause { path { id kind name state } kind name message } conditions { type status lastTransitionAt legacy } ... on Node { id } }`

const documents: readonly { readonly query: string; readonly variables?: Record<string, unknown> }[] = [
  ...examples.map((query) => ({ query })),
  { query: everything, variables: { first: 5 } },
  {
    query: everything,
    variables: {
      first: 100,
      with: false,
      filter: { or: [{ health: { in: ['DEGRADED', 'STALE'] } }, { not: { labels: 'environment=prod' } }] },
      orderBy: { field: 'VERSION', descending: true },
    },
  },
  { query: everything, variables: { first: 500 } },
  { query: everything, variables: {} },
  { query: everything, variables: { first: 1, filter: { nonsense: 1 } } },
  {
    query: 'query ($t: DateTime!) { clusters(filter: {createdAt: {lt: $t}}) { totalCount } }',
    variables: { t: '2026-01-01T00:00:00+01:00' },
  },
  {
    query: 'query ($t: DateTime!) { clusters(filter: {createdAt: {lt: $t}}) { totalCount } }',
    variables: { t: 'yesterday' },
  },
  {
    query:
      'query ($by: [ClusterDimension!]!) { clusterAggregate(groupBy: $by) { total truncated buckets { count keys { dimension value } } } }',
    variables: { by: ['HEALTH', 'SOURCE'] },
  },
  { query: '{ clusters { nodes { nothing } } }' },
  { query: '{ clusters(after: "x") { nodes { id } } viewer { name } }' },
  {
    query:
      '{ cluster { name } sources { nodes { name clusterCount { total } readings { kind rejected { why kind } } } } }',
  },
  {
    query: `query ($at: DateTime!, $by: [ComplianceDimension!]) { compliance(groupBy: $by) { asOf policies { name rules { id parameters { name value } } } total { ...C } groups { ...C keys { dimension value } } coverage { complete } }
      forecast(at: $at, first: 5) { counts { changes now { ...C } later { ...C } } truncated findings { cluster { name support { daysLeft } } rule outcomeNow outcomeThen changesAt evidence { field observedAt } waiver { id } } } }
      fragment C on ComplianceCounts { clusters compliant failing waived unknown notApplicable ratio }`,
    variables: { at: '2027-03-01T00:00:00Z', by: ['MINOR', 'SEVERITY', 'SUPPORT_PHASE'] },
  },
  {
    query:
      '{ findings(first: 30, filter: {waived: true, cluster: {inSupport: false}}) { totalCount edges { cursor node { id waiver { id findings { id } } cluster { name findings { rule } } } } } supportCalendar { minor inForce } }',
  },
  {
    query:
      '{ drift(first: 30, filter: {not: {stale: true}}) { totalCount nodes { ... on Verdict { code subject { name } suppressedBy { reason } } stale cluster { drift { id } } } } driftAggregate(by: [CODE, RING]) { buckets { key { code ring } clusters } } gitops(first: 30, orderBy: {field: LAG}) { nodes { name lagSeconds drift { code } appliesFrom { affected } } } clusters(first: 5) { nodes { day: remediations { count } week: remediations(within: 168) { count nodePool { name } } } } }',
  },
  { query: '{ clusters(first: 5) { nodes { remediations(within: 0) { count } } } }' },
  { query: '{ __schema { queryType { name } } __type(name: "Cluster") { fields { name } } }' },
  { query: '{ cluster' },
]

describe.each(engines)('answers on %s', (engine) => {
  let store: Store
  let now: Date
  let ask: Ask
  let statements = 0
  const world = new World({ clusters: 16, seed: 'answers' })

  beforeAll(async () => {
    store = await openEngine(engine)
    for (let step = 0; step < 12; step++) world.live(step)
    await fillWithAzure(store.db, world, { policies: [defaultPolicy], waivers: [], calendar: [] }, world.now)
    const asked = { policy: 'default', rule: 'supportWindow', selector: { environment: ['prod'] }, owner: 'team-a' }
    const expiresAt = new Date(world.now.getTime() + 86_400_000)
    await createWaiver(store.db, { ...asked, reason: 'a test', approvedBy: null, expiresAt }, world.now)
    // One source falls silent, the others go on.
    now = new Date(world.now.getTime() + staleAfterMs)
    for (const { name } of world.sites) if (name !== 'sea-dev') await pollOnce(store.db, world, name, now)
    await settleAll(store.db, now)
    await judgeAll(store.db, now)
    ask = asker(counting(store.db), () => now).ask
  })
  afterAll(() => store.close())

  const counting = (db: Db): Db =>
    new Proxy(db, {
      get(target, name) {
        if (name === 'execute') statements++
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })

  it('compiled operations answer as graphql-js does, to the byte', async () => {
    const [compiled, reference] = [
      asker(store.db, () => now, { jit: true }),
      asker(store.db, () => now, { jit: false }),
    ]
    for (const { query, variables } of documents) {
      const wanted = await reference.text(query, variables)
      expect(await compiled.text(query, variables), query).toBe(wanted)
      expect(await compiled.text(query, variables), 'the second time').toBe(wanted)
    }
  })

  it('two operations in one document are two operations', async () => {
    const { yoga } = asker(store.db, () => now)
    const query = 'query A { viewer { name } } query B { sources(first: 1) { totalCount } }'
    const run = async (operationName: string) =>
      (
        await yoga.fetch('http://x/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query, operationName }),
        })
      ).json()
    expect(await run('A')).toMatchObject({ data: { viewer: { name: 'test' } } })
    // Azure is an account and its subscriptions.
    const sources = world.sites.length + 1 + world.azure.subscriptions.length
    expect(await run('B')).toMatchObject({ data: { sources: { totalCount: sources } } })
  })

  it('asks the store once per field of the query, however many rows and nested lists', async () => {
    const count = async (query: string, variables?: Record<string, unknown>) => {
      statements = 0
      expect((await ask(query, variables)).errors).toBeUndefined()
      return statements
    }
    for (const first of [1, 100]) expect(await count(everything, { first, with: false })).toBe(1)
    expect(
      await count(
        '{ resources(first: 100) { totalCount coverage { complete } nodes { parent { name } source { readings { kind } } cluster { nodePools { cluster { name } } conditions { type } } } } }',
      ),
    ).toBe(1)
    expect(
      await count(
        '{ a: clusters { totalCount } b: clusters { nodes { id } } sources { nodes { id clusterCount { total } } } viewer { name } }',
      ),
    ).toBe(3)
    expect(
      await count('{ clusterAggregate(groupBy: [MINOR]) { total buckets { count } coverage { complete } } }'),
    ).toBe(1)
    const { data } = await ask('{ clusters(first: 20) { nodes { id source { id } nodePools { id } objects { id } } } }')
    const ids = data.clusters.nodes
      .flatMap(
        (one: { id: string; source: { id: string }; nodePools: { id: string }[]; objects: { id: string }[] }) => [
          one.id,
          one.source.id,
          ...one.nodePools.map(({ id }) => id),
          ...one.objects.map(({ id }) => id),
        ],
      )
      .slice(0, 100)
    expect(
      await count(
        '{ findings(first: 100, filter: {cluster: {inSupport: false}}) { totalCount coverage { complete } nodes { stale evidence { observedAt } waiver { active } cluster { support { phase } orphan { direction } missingTags disagreements { values { observedAt } } findings { stale } } } } }',
      ),
    ).toBe(1)
    expect(
      await count(
        '{ compliance(groupBy: [MINOR, RULE]) { total { ratio } groups { failing } policies { name } coverage { complete } } supportCalendar { inForce } }',
      ),
    ).toBe(2)
    expect(
      await count(
        '{ drift(first: 100) { totalCount coverage { complete } nodes { stale evidence { observedAt } cluster { driftCount drift { suppressedBy { reason } } gitopsObjects { drift { id } appliesFrom { affectedObjects { id } } } remediations { nodePool { name } } } } } driftAggregate(by: [CODE]) { totalCount buckets { count } } gitops(first: 100) { totalCount nodes { cluster { rollouts { id } } } } }',
      ),
    ).toBe(3)
    expect(await count('query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }', { ids })).toBe(
      new Set(ids.map((id: string) => id.split(':')[0])).size,
    )
  })

  it('nodes come back in the order asked, whatever they are; what is nothing is null', async () => {
    const { data } = await ask(
      '{ clusters(first: 2) { nodes { id name nodePools { id name } source { id } } } resources(first: 1) { nodes { id name } } }',
    )
    const [cluster] = data.clusters.nodes
    const ids = [
      data.resources.nodes[0].id,
      'Cluster:00000000-0000-8000-8000-000000000000',
      cluster.source.id,
      'nonsense',
      cluster.nodePools[0].id,
      cluster.id,
    ]
    const answer = await ask(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Cluster { name } ... on Resource { name } ... on Source { serverVersion } ... on NodePool { cluster { id } } } }',
      { ids },
    )
    expect(answer.data.nodes).toEqual([
      data.resources.nodes[0],
      null,
      { id: cluster.source.id, serverVersion: null },
      null,
      { id: cluster.nodePools[0].id, cluster: { id: cluster.id } },
      { id: cluster.id, name: cluster.name },
    ])
  })

  it('finds a cluster by id and by the name its management cluster knows', async () => {
    const [truth] = world.truth
    if (!truth) throw new Error('an empty world')
    const named = await ask(
      'query ($s: String, $ns: String, $n: String) { cluster(managementCluster: $s, namespace: $ns, name: $n) { id name } }',
      { s: truth.source, ns: truth.namespace, n: truth.name },
    )
    expect(named.data.cluster.name).toBe(truth.name)
    expect(
      (await ask('query ($id: ID) { cluster(id: $id) { name } }', { id: named.data.cluster.id })).data.cluster.name,
    ).toBe(truth.name)
    expect((await ask('{ cluster(name: "x") { name } }')).errors?.[0]?.extensions.code).toBe('invalid')
    expect((await ask('{ cluster(id: "x") { name } }')).errors?.[0]?.extensions.code).toBe('invalid')
  })

  it.each(['Cluster', 'NodePool', 'Resource', 'Source', 'Finding', 'Waiver'])(
    'every field of %s says alone what it says in company',
    (noun) => everyFieldAlone(ask, noun, `${noun[0]?.toLowerCase()}${noun.slice(1)}s`),
  )
})
