import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { serve } from '@hono/node-server'
import autocannon from 'autocannon'
import { Hono } from 'hono'
import pg from 'pg'
import { type Db, openStore } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { migrateStore } from '../../db/migrate.ts'
import { settle } from '../../db/settle.ts'
import { finishPoll, registerSources, takeLease } from '../../db/source.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { createGraphql } from '../../schema/index.ts'
import { startPostgres } from '../postgres.ts'
import { type Figure, medianOf, show } from './figure.ts'

const rounds = Number(process.env.ROUNDS ?? 7)
const secondsPerRound = 2
const connections = 8
const sources = 10

const fields = `
  totalCount @include(if: $counted)
  coverage { complete expectedSources reportingSources }
  pageInfo { hasNextPage endCursor }
  nodes {
    id name environment region provider source { id name } owner { team contact } kubernetes { raw minor }
    health { state underlying reason message since } freshness { state observedAt }
    conditions { type status reason message lastTransitionAt }
    nodePools { name kubernetes { raw } replicas { desired ready } }
  }`
const query = `query Page($after: String, $counted: Boolean = false) { clusters(first: 100, after: $after) {${fields}} }`

/** The same JSON by one statement; words and instants as PostgreSQL has them, which costs it less. */
const byHand = readFileSync(new URL('reads-by-hand.sql', import.meta.url), 'utf8')

/** Throughput of the fleet's main page against one hand-written statement, and of later pages and larger fleets against the first. */
async function benchReads(): Promise<readonly Figure[]> {
  const server = await startPostgres({ durable: false })
  try {
    const small = await openFleet(server.url('small'), 500)
    const large = await openFleet(server.url('large'), 5000)
    try {
      await same(large)
      const deep = await cursorOfPage(large.graphql, 40)
      const bodies = { first: bodyOf(null), deep: bodyOf(deep) }
      const perSecond = {
        hand: [] as number[],
        ours: [] as number[],
        deep: [] as number[],
        small: [] as number[],
        plain: [] as number[],
      }
      for (let round = 0; round <= rounds; round++) {
        const measured = {
          hand: await load(large.bare, null),
          ours: await load(large.graphql, bodies.first),
          deep: await load(large.graphql, bodies.deep),
          small: await load(small.graphql, bodies.first),
          plain: await load(large.uncompiled, bodies.first),
        }
        if (round === 0) continue // Warms up caches, connections and compiled code.
        for (const [name, value] of Object.entries(measured)) perSecond[name as keyof typeof perSecond].push(value) // Its own keys.
      }
      return figuresOf(perSecond)
    } finally {
      await small.close()
      await large.close()
    }
  } finally {
    await server.stop()
  }
}

function figuresOf(
  perSecond: Readonly<Record<'hand' | 'ours' | 'deep' | 'small' | 'plain', readonly number[]>>,
): Figure[] {
  const ratio = (over: readonly number[], under: readonly number[]) =>
    medianOf(over.map((one, round) => one / (under[round] ?? one)))
  const rate = (values: readonly number[]) => `${medianOf(values).toFixed(0)}/s`
  const { hand, ours, deep, small, plain } = perSecond
  return [
    {
      what: 'clusters(first: 100) with conditions and pools over HTTP, against one hand-written statement',
      ratio: ratio(ours, hand),
      bar: '≥ 0.6',
      detail: `${rate(ours)} against ${rate(hand)}`,
    },
    {
      what: 'the same without compiled operations',
      ratio: ratio(plain, hand),
      bar: 'none promised',
      detail: `${rate(plain)} against ${rate(hand)}`,
    },
    {
      what: 'time of page 40, against page 1',
      ratio: ratio(ours, deep),
      bar: '≤ 1.3',
      detail: `${rate(deep)} against ${rate(ours)}`,
    },
    {
      what: 'time of a page of 5000 clusters, against 500',
      ratio: ratio(small, ours),
      bar: '≤ 1.5',
      detail: `${rate(ours)} against ${rate(small)}`,
    },
  ]
}

const bodyOf = (after: string | null): string => JSON.stringify({ query, variables: { after } })

async function load(url: string, body: string | null): Promise<number> {
  const post = body === null ? {} : { method: 'POST' as const, headers: { 'content-type': 'application/json' }, body }
  const result = await autocannon({ url, connections, duration: secondsPerRound, workers: 1, ...post })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} refused, ${result.errors} failed`)
  return result['2xx'] / result.duration
}

async function openFleet(url: string, clusters: number) {
  const admin = new pg.Client(url.replace(/\/[^/]*$/, '/postgres'))
  await admin.connect()
  await admin.query(`create database ${url.slice(url.lastIndexOf('/') + 1)}`)
  await admin.end()
  const store = await openStore({ url, max: 4 })
  await migrateStore(store)
  const now = new Date('2026-11-22T09:00:00Z')
  await write(store.db, clusters, now)
  await store.db.execute('vacuum analyze')
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  pool.on('error', () => undefined) // The server may stop first.
  const app = new Hono()
  const context = () => ({ db: store.db, viewer: { name: 'bench', scope: 'everything' as const }, now })
  const compiled = createGraphql({ context, report: console.error })
  const uncompiled = createGraphql({ context, report: console.error, jit: false })
  app.all('/graphql', (c) => compiled.fetch(c.req.raw))
  app.all('/uncompiled', (c) => uncompiled.fetch(new Request(c.req.url.replace('uncompiled', 'graphql'), c.req.raw)))
  app.get('/bare', async (c) => {
    const { rows } = await pool.query<{ answer: string }>(byHand, [now])
    return c.body(rows[0]?.answer ?? '', 200, { 'content-type': 'application/json' })
  })
  const listening = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await once(listening, 'listening')
  const address = listening.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const base = `http://127.0.0.1:${address.port}`
  const close = async () => {
    listening.close()
    await pool.end()
    await store.close()
  }
  return { graphql: `${base}/graphql`, uncompiled: `${base}/uncompiled`, bare: `${base}/bare`, close }
}

/** Six conditions and three pools per cluster, over ten sources: what a fleet of managed clusters looks like. */
async function write(db: Db, clusters: number, now: Date): Promise<void> {
  const names = Array.from({ length: sources }, (_, i) => `mc-${i}`)
  await registerSources(
    db,
    names.map((id) => ({
      id,
      type: 'managementCluster' as const,
      parentId: null,
      polled: true,
      armId: null,
      region: 'westeurope',
      labels: {},
      everyMs: 60_000,
      staleAfterMs: 180_000,
    })),
    now,
  )
  for (const [index, source] of names.entries()) {
    const lease = await takeLease(db, source, source, now, 60_000)
    const mine = Array.from(
      { length: clusters / sources },
      (_, i) => `cluster-${String(i * sources + index).padStart(5, '0')}`,
    )
    await put(db, source, 'cluster.x-k8s.io/Cluster', mine.map(clusterOf), now)
    await put(
      db,
      source,
      'cluster.x-k8s.io/MachineDeployment',
      mine.flatMap((name) => ['a', 'b', 'c'].map((pool) => poolOf(name, pool))),
      now,
    )
    if (lease) await finishPoll(db, lease, { trouble: null, unfinished: false }, now)
  }
  for (;;) if ((await settle(db, now)).left === 0) break
}

async function put(db: Db, source: string, kind: KindKey, objects: readonly unknown[], now: Date): Promise<void> {
  const run = { id: `${source} ${kind}`, startedAt: now }
  const proof = { as: 'end' as const, run, page: 0, cursor: '1', consistent: true }
  await ingest(db, { source, kind, observedAt: now, objects, gone: [], rejected: [], proof }, { receivedAt: now })
}

const metadata = (name: string, cluster: string) => ({
  name,
  namespace: 'fleet',
  uid: name,
  generation: 3,
  creationTimestamp: '2026-01-05T10:00:00Z',
  labels: { 'cluster.x-k8s.io/cluster-name': cluster, environment: 'prod', owner: 'team-a' },
})
const conditionsOf = (types: readonly string[]) =>
  types.map((type) => ({
    type,
    status: type === 'RollingOut' || type === 'Paused' ? 'False' : 'True',
    reason: `${type}Reason`,
    message: 'as it should be',
    lastTransitionTime: '2026-05-01T10:00:00Z',
    observedGeneration: 3,
  }))
const clusterOf = (name: string) => ({
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'Cluster',
  metadata: metadata(name, name),
  spec: { topology: { classRef: { name: 'standard' }, version: 'v1.33.4' } },
  status: {
    observedGeneration: 3,
    phase: 'Provisioned',
    initialization: { controlPlaneInitialized: true, infrastructureProvisioned: true },
    conditions: conditionsOf([
      'Available',
      'InfrastructureReady',
      'ControlPlaneAvailable',
      'WorkersAvailable',
      'RollingOut',
      'Paused',
    ]),
  },
})
const poolOf = (cluster: string, pool: string) => ({
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'MachineDeployment',
  metadata: {
    ...metadata(`${cluster}-${pool}`, cluster),
    ownerReferences: [
      { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', name: cluster, uid: cluster, controller: true },
    ],
  },
  spec: { clusterName: cluster, replicas: 3, template: { spec: { clusterName: cluster, version: 'v1.33.4' } } },
  status: {
    observedGeneration: 3,
    replicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    upToDateReplicas: 3,
    phase: 'Running',
    conditions: conditionsOf(['Available', 'MachinesReady', 'Paused']),
  },
})

async function ask(url: string, after: string | null) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: bodyOf(after),
  })
  const answer = (await response.json()) as {
    data: { clusters: { pageInfo: { endCursor: string }; nodes: unknown[] } }
  } // As asked.
  if (!answer.data?.clusters) throw new Error(JSON.stringify(answer))
  return answer
}

async function cursorOfPage(url: string, page: number): Promise<string> {
  let after: string | null = null
  for (let at = 1; at < page; at++) after = (await ask(url, after)).data.clusters.pageInfo.endCursor
  if (after === null) throw new Error('there is no page before the first')
  return after
}

/** A race against another answer would prove nothing: both sides say the same, but for the writing of words, instants and cursors. */
async function same({ graphql, bare }: { readonly graphql: string; readonly bare: string }): Promise<void> {
  const plain = (text: string) =>
    text
      .replaceAll('+00:00"', 'Z"')
      .replace(/"(endCursor)":"[^"]*"/, '"$1":""')
      .replace(/"(state|status)":"([^"]*)"/g, (_, field, word) => `"${field}":"${word.toUpperCase()}"`)
  const hand = plain(JSON.stringify(await (await fetch(bare)).json()))
  const ours = plain(JSON.stringify({ data: (await ask(graphql, null)).data }))
  if (hand !== ours) throw new Error(`the two answers differ:\n${hand.slice(0, 2000)}\n${ours.slice(0, 2000)}`)
}

show(await benchReads())
