import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import pg from 'pg'
import copy from 'pg-copy-streams'
import { openStore, type Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { migrateStore } from '../../db/migrate.ts'
import type { Delivery } from '../../fleet/delivery.ts'
import { startPostgres } from '../postgres.ts'
import { type Figure, medianOf, show } from './figure.ts'

const pageSize = 500
/** Generated and parsed together, outside the time measured. */
const pagesAtOnce = 5
const sourcesAtOnce = 2
const tables = ['object', 'condition', 'change'] as const

/** Ingest on a real, durable PostgreSQL, interleaved with COPY; medians of `rounds`. */
async function benchIngest({ objects = 100_000, rounds = 3 } = {}): Promise<readonly Figure[]> {
  const server = await startPostgres({ durable: true })
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-bench-'))
  const client = new pg.Client(server.url('postgres'))
  try {
    await client.connect()
    const store = await openStore({ url: server.url('postgres') })
    await migrateStore(store)
    const memoryMb = await peakMemory(store)
    const times = { ingest: [] as number[], again: [] as number[], copy: [] as number[] }
    let rows = 0
    let unchangedWrites = false
    for (let round = 0; round < rounds; round++) {
      await empty(client)
      times.ingest.push(await ingestAll(store, objects, 0))
      const before = await fingerprint(client)
      rows = before.rows
      times.again.push(await ingestAll(store, objects, 1))
      unchangedWrites ||= (await fingerprint(client)).sum !== before.sum
      for (const table of tables) {
        await pipeline(client.query(copy.to(`copy ${table} to stdout`)), createWriteStream(join(dir, table)))
      }
      await empty(client)
      times.copy.push(await timed(() => copyBack(client, dir)))
    }
    await store.close()
    const rate = (ms: readonly number[]) => `${Math.round((rows / medianOf(ms)) * 1000)}/s`
    const ratioOf = (over: readonly number[], under: readonly number[]) =>
      medianOf(over.map((ms, round) => ms / (under[round] ?? ms)))
    return [
      {
        what: `rows of ${objects} new objects written by ingest, normalising included, against COPY of the same rows`,
        ratio: ratioOf(times.copy, times.ingest),
        bar: '≥ 0.5',
        detail: `${rate(times.ingest)} against ${rate(times.copy)}, ${rows} rows of object, condition and change`,
      },
      {
        what: 'the first ingest of these objects, against the second',
        ratio: ratioOf(times.ingest, times.again),
        bar: '≥ 5',
        detail: unchangedWrites ? 'ROWS WERE WRITTEN' : 'no row written',
      },
      {
        what: 'peak memory over idle while 10 000 objects of a source are read, against 200 MB',
        ratio: memoryMb / 200,
        bar: '≤ 1',
        detail: `${memoryMb} MB`,
      },
    ]
  } finally {
    await client.end()
    await server.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Milliseconds for all objects, which come as the poller has them: parsed, not yet read. Sources are read at the same time, as in a fleet. */
async function ingestAll(store: Store, objects: number, round: number, sources = sourcesAtOnce): Promise<number> {
  const startedAt = new Date(Date.UTC(2026, 0, 1, 12, round))
  const pages = Math.ceil(objects / pageSize / sources)
  let ms = 0
  for (let first = 0; first < pages; first += pagesAtOnce) {
    const bySource = Array.from({ length: sources }, (_, source) =>
      Array.from({ length: Math.min(pagesAtOnce, pages - first) }, (_, n) => {
        const page = first + n
        const text = JSON.stringify(Array.from({ length: pageSize }, (_, i) => machine(page * pageSize + i)))
        return deliveryOf(`source-${source}`, JSON.parse(text), startedAt, page, page === pages - 1)
      }),
    )
    collectGarbage()
    ms += await timed(() => Promise.all(bySource.map((deliveries) => pipelined(store, deliveries, startedAt))))
  }
  return ms
}

// The garbage of making objects is not ingest's.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** A page is read while the one before it is being written; the END waits for all. */
async function pipelined(store: Store, deliveries: readonly Delivery[], receivedAt: Date): Promise<void> {
  let before: Promise<unknown> = Promise.resolve()
  for (const delivery of deliveries) {
    if (delivery.proof.as === 'end') await before
    const one = ingest(store.db, delivery, { receivedAt })
    await before
    before = one
  }
  await before
}

function deliveryOf(
  source: string,
  objects: readonly unknown[],
  startedAt: Date,
  page: number,
  last: boolean,
): Delivery {
  const run = { id: startedAt.toISOString(), startedAt }
  const proof = last
    ? ({ as: 'end', run, page, cursor: '1', consistent: true } as const)
    : ({ as: 'page', run, page, next: { token: 'x', limit: pageSize } } as const)
  return {
    source,
    kind: 'cluster.x-k8s.io/Machine',
    observedAt: startedAt,
    objects,
    gone: [],
    rejected: [],
    proof,
  }
}

/** About 4 kB, half of it managedFields, six conditions: what a Machine looks like (domain.md 6). */
export function machine(n: number) {
  const cluster = `cluster-${String(Math.floor(n / 20)).padStart(5, '0')}`
  const name = `${cluster}-md-0-${n.toString(36).padStart(5, '0')}`
  const time = '2026-01-01T11:00:00Z'
  const types = ['Available', 'Ready', 'UpToDate', 'BootstrapConfigReady', 'InfrastructureReady', 'NodeReady']
  return {
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    kind: 'Machine',
    metadata: {
      name,
      namespace: 'fleet',
      uid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      resourceVersion: String(n),
      generation: 3,
      creationTimestamp: new Date(Date.UTC(2025, 10, 1, 0, 0, n)).toISOString().replace('.000', ''),
      labels: {
        'cluster.x-k8s.io/cluster-name': cluster,
        'cluster.x-k8s.io/deployment-name': `${cluster}-md-0`,
        'cluster.x-k8s.io/set-name': `${cluster}-md-0-abcde`,
        'machine-template-hash': '1234567890-abcde',
        environment: 'prod',
      },
      ownerReferences: [
        {
          apiVersion: 'cluster.x-k8s.io/v1beta2',
          kind: 'MachineSet',
          name: `${cluster}-md-0-abcde`,
          uid: 'u',
          controller: true,
        },
      ],
      managedFields: Array.from({ length: 4 }, (_, i) => ({
        manager: `manager-${i}`,
        operation: 'Update',
        time,
        fieldsV1: Object.fromEntries(
          Array.from({ length: 12 }, (_, f) => [`f:field-${f}-of-${i}`, { '.': {}, 'f:x': {} }]),
        ),
      })),
    },
    spec: {
      clusterName: cluster,
      version: 'v1.33.4',
      providerID: `azure:///subscriptions/00000000/resourceGroups/${cluster}/providers/Microsoft.Compute/virtualMachines/${name}`,
      infrastructureRef: { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'AzureMachine', name },
      bootstrap: { dataSecretName: `${name}-bootstrap` },
    },
    status: {
      observedGeneration: 3,
      phase: 'Running',
      nodeRef: { name },
      nodeInfo: { kubeletVersion: 'v1.33.4', osImage: 'Ubuntu 24.04', architecture: 'amd64' },
      conditions: types.map((type) => ({
        type,
        status: 'True',
        reason: type,
        message: '',
        observedGeneration: 3,
        lastTransitionTime: time,
      })),
    },
  }
}

async function copyBack(client: pg.Client, dir: string): Promise<void> {
  for (const table of tables) {
    await pipeline(createReadStream(join(dir, table)), client.query(copy.from(`copy ${table} from stdin`)))
  }
}

async function empty(client: pg.Client): Promise<void> {
  await client.query('truncate object, condition, change, reading, sighting, unsettled')
  await client.query('checkpoint')
}

/** Changes with every row version of the three tables. */
async function fingerprint(client: pg.Client): Promise<{ rows: number; sum: string }> {
  const versions = tables.map(
    (table) => `select hashtextextended(tableoid || ' ' || ctid || ' ' || xmin, 0) as h from ${table}`,
  )
  const { rows } = await client.query(
    `select count(*)::int as rows, sum(h)::text as sum from (${versions.join(' union all ')}) t`,
  )
  return rows[0]
}

async function peakMemory(store: Store): Promise<number> {
  const idle = process.memoryUsage.rss()
  await ingestAll(store, 10_000, 0, 1)
  return Math.round((process.resourceUsage().maxRSS * 1024 - idle) / 2 ** 20)
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await act()
  return performance.now() - start
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { objects: { type: 'string' }, rounds: { type: 'string' } } })
  show(await benchIngest({ objects: Number(values.objects ?? 100_000), rounds: Number(values.rounds ?? 3) }))
}
