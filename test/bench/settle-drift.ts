import { sql } from 'drizzle-orm'
import pg from 'pg'
import { type Db, openStore, rowsOf } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { judge } from '../../db/judge.ts'
import { migrateStore } from '../../db/migrate.ts'
import { registerPolicies } from '../../db/policy.ts'
import { settle } from '../../db/settle.ts'
import { registerSources } from '../../db/source.ts'
import type { Delivery } from '../../fleet/delivery.ts'
import { defaultPolicy } from '../../fleet/policy/default-policy.ts'
import { driftPolicy } from '../../fleet/policy/drift-policy.ts'
import { clusterKind, type KindKey } from '../../fleet/reference.ts'
import { commit, declared, kustomization, kustomizations, repositories, repository } from '../db/drift-wire.ts'
import { at, deployment, deploymentKind, listed, pushed } from '../db/wire.ts'
import { startPostgres } from '../postgres.ts'
import { type Figure, medianOf, show } from './figure.ts'

const sources = 10
const clustersPerSource = 500
const clusters = sources * clustersPerSource
const rounds = Number(process.env.ROUNDS ?? 31)
/** What the project promises for the drift of a fleet after one object of it changed. */
const cpuMsMax = 5

const sourceOf = (n: number): string => `mgmt-${n % sources}`
const nameOf = (n: number): string => `cluster-${n}`

/** One object of 5000 clusters changes, again and again: how many clusters are composed and judged, and what that takes of our CPU. */
async function benchOneChange(): Promise<readonly Figure[]> {
  const server = await startPostgres({ durable: false })
  try {
    const admin = new pg.Client(server.url('postgres'))
    await admin.connect()
    await admin.query('create database drift')
    await admin.end()
    const store = await openStore({ url: server.url('drift'), max: 2 })
    try {
      await migrateStore(store)
      await fill(store.db)
      await store.db.execute('vacuum analyze')
      return await change(store.db)
    } finally {
      await store.close()
    }
  } finally {
    await server.stop()
  }
}

async function change(db: Db): Promise<readonly Figure[]> {
  const cpuMs: number[] = []
  const touched = new Set<string>()
  for (let round = -10; round < rounds; round++) {
    // The first rounds warm up connections and compiled code.
    const n = ((round + 10) * 37) % clusters
    const now = at(1, round + 10)
    await take(db, pushed(now, [appsOf(n, 'b')], { kind: kustomizations, source: sourceOf(n) }))
    const before = await written(db)
    const start = process.cpuUsage()
    const { composed } = await settle(db, now)
    const { judged } = await judge(db, now)
    const { user, system } = process.cpuUsage(start)
    const after = await written(db)
    touched.add(`${composed} composed, ${judged} judged, ${after - before} drifted`)
    if (round >= 0) cpuMs.push((user + system) / 1000)
  }
  const cpu = medianOf(cpuMs)
  const [one, ...others] = touched
  const isOne = one === '1 composed, 1 judged, 1 drifted' && others.length === 0
  return [
    {
      what: `clusters composed and judged after one object of ${clusters} clusters changed`,
      ratio: isOne ? 1 : Number.NaN,
      bar: '= 1',
      detail: [...touched].join('; '),
    },
    {
      what: `CPU of settling and judging one changed object among ${clusters} clusters, against ${cpuMsMax} ms`,
      ratio: cpu / cpuMsMax,
      bar: '≤ 1',
      detail: `${cpu.toFixed(1)} ms`,
    },
  ]
}

/** Subjects that differ, which grows by one with each that is left behind its repository. */
async function written(db: Db): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(
    db,
    sql`select count(*)::int as n from drift where differences @> '[{"code": "behindSource"}]'`,
  )
  return row?.n ?? 0
}

const take = (db: Db, delivery: Delivery) => ingest(db, delivery, { receivedAt: delivery.observedAt })

const appsOf = (n: number, digit: string) =>
  kustomization(`apps-${n}`, { secret: `${nameOf(n)}-kubeconfig`, from: 'apps', revision: commit(digit) })

/** Each cluster with two node pools and two reconcilers, of two repositories per source. */
async function fill(db: Db): Promise<void> {
  const ids = Array.from({ length: sources }, (_, n) => sourceOf(n))
  const source = { type: 'managementCluster', parentId: null, polled: true, armId: null, region: null } as const
  const timing = { everyMs: 60_000, staleAfterMs: 86_400_000 }
  await registerSources(
    db,
    ids.map((id) => ({ ...source, ...timing, id, labels: {} })),
    at(0),
  )
  await registerPolicies(db, { policies: [defaultPolicy, driftPolicy], waivers: [], calendar: [] }, at(0))
  for (const [place, id] of ids.entries()) {
    const own = Array.from({ length: clustersPerSource }, (_, n) => n * sources + place)
    const lists = (kind: KindKey, objects: readonly unknown[]) => take(db, listed(at(0), objects, { kind, source: id }))
    const named = (n: number) => ({ secret: `${nameOf(n)}-kubeconfig` })
    await lists(repositories, [repository('apps'), repository('infra')])
    await lists(
      clusterKind,
      own.map((n) => declared(nameOf(n), { by: 'fleet' })),
    )
    await lists(
      deploymentKind,
      own.flatMap((n) => ['a', 'b'].map((pool) => deployment(`${nameOf(n)}-${pool}`, { cluster: nameOf(n) }))),
    )
    await lists(kustomizations, [
      kustomization('fleet'),
      ...own.flatMap((n) => [appsOf(n, 'a'), kustomization(`infra-${n}`, named(n))]),
    ])
  }
  while ((await settle(db, at(0))).left > 0);
  while ((await judge(db, at(0))).left > 0);
}

show(await benchOneChange())
