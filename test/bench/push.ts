import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { openStore, type Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import type { Delivery } from '../../fleet/delivery.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { startPostgres } from '../postgres.ts'
import { type Figure, medianOf, show } from './figure.ts'
import { App, BenchSender, type Registered, registered } from './push-sender.ts'
import { empty, fingerprint, sameEverywhere } from './push-store.ts'
import { benchWeight } from './push-weight.ts'
import { changedLines, digests, type Page, pagesOf, type Reading, readingOf } from './push-wire.ts'

/** Of the objects, in turn: what else goes on on a shared machine falls on all ways alike. */
const objectsPerSlice = 2_500
const changes = 500
const beats = 20

/**
 * How objects come into the store, each with a source of its own. `direct`: `ingest` of the deliveries that a push makes, which are the agent's
 * pages, each on disk before the next. `push`: the real app over HTTP, with tokens, gzip and sessions. `whole`: the same while clusters and
 * verdicts are brought up beside it, as it is in life.
 */
const ways = ['direct', 'push', 'whole'] as const
type Way = (typeof ways)[number]
/** Slice by slice in turn; what follows by itself cannot be cut into slices. */
const inTurn = ['direct', 'push'] as const

interface Bench {
  readonly app: App
  readonly store: Store
  readonly client: pg.Client
  readonly senders: ReadonlyMap<string, BenchSender>
}

interface Cost {
  ms: number
  /** Of the process that received. */
  cpuMs: number
  bytes: number
}
type Slices = Readonly<Record<Way, Pick<Cost, 'ms' | 'cpuMs'>[]>>

type Costs = Readonly<Record<'first' | 'delta' | 'again' | 'made' | 'beat', Cost>>

async function benchPush({ objects = 30_000, rounds = 3 } = {}): Promise<void> {
  const server = await startPostgres({ durable: true })
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-bench-'))
  try {
    const bench = await open(server.url('postgres'), await registered(ways), dir)
    const slices: Slices = { direct: [], push: [], whole: [] }
    const costs: Costs[] = []
    let written = false
    try {
      for (let round = 0; round < rounds; round++) {
        const first = await firstReadings(bench, objects, slices, round)
        const { written: more, ...smallerOnes } = await smaller(bench, objects)
        written ||= more
        costs.push({ first, ...smallerOnes })
      }
    } finally {
      await close(bench)
    }
    show([...figuresOf(slices, objects), ...cheaper(costs, objects, written)])
    show(await benchWeight(server.url('postgres'), dir))
  } finally {
    await server.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

async function open(url: string, sources: Registered, dir: string): Promise<Bench> {
  const app = await App.start(sources, url)
  const client = new pg.Client(url)
  await client.connect()
  const senders = new Map<string, BenchSender>()
  for (const source of ways) senders.set(source, await BenchSender.open(app, sources, source, dir))
  return { app, client, senders, store: await openStore({ url }) }
}

async function close({ app, client, senders, store }: Bench): Promise<void> {
  await Promise.all([...senders.values()].map((sender) => sender.close()))
  await app.stop()
  await store.close()
  await client.end()
}

/** Reads the same objects in every way, slice by slice in turn. Gives what it cost to push all of them. */
async function firstReadings(bench: Bench, objects: number, slices: Slices, round: number): Promise<Cost> {
  const reading = readingOf(objects)
  const lanes: Record<Way, (readonly (() => Promise<unknown>)[])[]> = { direct: [], push: [], whole: [] }
  const total: Cost = { ms: 0, cpuMs: 0, bytes: 0 }
  for (const way of ways) {
    const steps =
      way === 'direct'
        ? ingesting(bench, way, reading)
        : await pushing(bench, way, reading, way === 'push' ? total : null)
    const perSlice = Math.ceil((objectsPerSlice / objects) * steps.length)
    for (let from = 0; from < steps.length; from += perSlice) lanes[way].push(steps.slice(from, from + perSlice))
  }
  await bench.app.ask({ derives: false, idle: true })
  await empty(bench.client)
  for (let slice = 0; slice < lanes.direct.length; slice++) {
    for (const way of (round + slice) % 2 === 0 ? inTurn : inTurn.toReversed()) {
      const cost = await measured(bench, way, () => oneByOne(lanes[way][slice] ?? []))
      slices[way].push(cost)
      if (way !== 'push') continue
      total.ms += cost.ms
      total.cpuMs += cost.cpuMs
    }
  }
  slices.whole.push(await measured(bench, 'whole', () => oneByOne(lanes.whole.flat())))
  await sameEverywhere(bench.client, ways.length)
  return total
}

/** Nothing else that the app does is under way when it begins. What this process does for it is not counted, unless it is all there is. */
async function measured({ app }: Bench, way: Way, act: () => Promise<unknown>): Promise<Cost> {
  const before = await app.ask({ derives: way === 'whole', idle: true })
  const own = process.cpuUsage()
  const start = performance.now()
  await act()
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(own)
  const after = await app.ask({ derives: false, idle: false })
  return { ms, cpuMs: way === 'direct' ? (user + system) / 1000 : after.cpuMs - before.cpuMs, bytes: 0 }
}

async function oneByOne(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const step of steps) await step()
}

function ingesting({ store }: Bench, source: string, reading: Reading): (() => Promise<unknown>)[] {
  const startedAt = new Date()
  const runs = new Map<KindKey, string>()
  return pagesOf(reading).map(({ kind, lines, page, isLast }) => {
    const run = { id: runs.get(kind) ?? randomUUID(), startedAt }
    runs.set(kind, run.id)
    const objects = lines.map((line): unknown => JSON.parse(line).object)
    const proof = isLast
      ? ({ as: 'end', run, page, cursor: '1', consistent: true } as const)
      : ({ as: 'page', run, page, next: null } as const)
    const delivery: Delivery = { source, kind, observedAt: startedAt, objects, gone: [], rejected: [], proof }
    return () => ingest(store.db, delivery, { receivedAt: new Date() })
  })
}

async function pushing(
  { senders }: Bench,
  source: string,
  reading: Reading,
  cost: Pick<Cost, 'bytes'> | null,
): Promise<(() => Promise<unknown>)[]> {
  const sender = senderOf(senders, source)
  const at = new Date()
  const runs = new Map<KindKey, string>()
  const steps: (() => Promise<unknown>)[] = []
  for (const page of pagesOf(reading)) {
    const id = runs.get(page.kind) ?? randomUUID()
    runs.set(page.kind, id)
    const body = await sender.body([headOf(page, { id, startedAt: at.toISOString() }), ...page.lines], at)
    if (cost) cost.bytes += body.length
    steps.push(() => sender.deliver(body))
  }
  return steps
}

const headOf = ({ kind, page, isLast }: Page, run: object): string =>
  JSON.stringify({ type: 'kind', kind, proof: isLast ? 'end' : 'page', run, page, cursor: isLast ? '1' : '' })

/** What is cheaper than a first reading, on what that left: a change, a reading that finds as many changes, signs of life. */
async function smaller(bench: Bench, objects: number) {
  const { senders, client } = bench
  const sender = senderOf(senders, 'push')
  const every = Math.floor(objects / changes)
  const [head, ...changed] = changedLines(objects, every, 1)
  const body = await sender.body([head ?? '', ...changed], new Date())
  const delta = await measured(bench, 'push', () => sender.deliver(body))
  delta.bytes = body.length

  const bytes = { bytes: 0 }
  const now = readingOf(objects, { every, version: 2 })
  const steps = await pushing(bench, 'push', now, bytes)
  const again = await measured(bench, 'push', () => oneByOne(steps))
  again.bytes = bytes.bytes

  const lines = digests('push', now)
  const before = await fingerprint(client)
  const beat = async () => {
    const { want } = await sender.deliver(await sender.body(lines, new Date()))
    if (!Array.isArray(want) || want.length > 0) throw new Error(`the digests differ: ${JSON.stringify(want)}`)
  }
  const made = await measured(bench, 'push', beat)
  const many = await measured(bench, 'push', async () => {
    for (let n = 0; n < beats; n++) await beat()
  })
  const written = (await fingerprint(client)) !== before
  const bytesOfBeat = (await sender.body(lines, new Date())).length
  return {
    ...{ delta, again, made, written },
    beat: { ms: many.ms / beats, cpuMs: many.cpuMs / beats, bytes: bytesOfBeat },
  }
}

function senderOf(senders: ReadonlyMap<string, BenchSender>, source: string): BenchSender {
  const sender = senders.get(source)
  if (!sender) throw new Error(`nobody sends for ${source}`)
  return sender
}

function figuresOf(slices: Slices, objects: number): Figure[] {
  const ratio = (unit: 'ms' | 'cpuMs') =>
    medianOf(slices.push.map((cost, n) => (slices.direct[n]?.[unit] ?? Number.NaN) / cost[unit]))
  const sum = (costs: readonly Pick<Cost, 'ms'>[]) => costs.reduce((all, { ms }) => all + ms, 0)
  const rate = (count: number, ms: number) => `${Math.round((count / ms) * 1000)}/s`
  const inSlices = (way: Way) => rate(objectsPerSlice, medianOf(slices[way].map(({ ms }) => ms)))
  const perRound = slices.direct.length / slices.whole.length
  const direct = slices.whole.map((_, round) => sum(slices.direct.slice(round * perRound, (round + 1) * perRound)))
  return [
    {
      what: `objects of ${objects} new ones received over HTTP and stored, against ingest of the same deliveries`,
      ratio: ratio('ms'),
      bar: '≥ 0.6',
      detail: `${inSlices('push')} against ${inSlices('direct')}; by CPU ${ratio('cpuMs').toFixed(2)}; ${slices.push.length} slices of ${objectsPerSlice}`,
    },
    {
      what: 'the same while clusters and verdicts follow',
      ratio: medianOf(slices.whole.map(({ ms }, round) => (direct[round] ?? Number.NaN) / ms)),
      bar: 'none promised',
      detail: `${rate(objects, medianOf(slices.whole.map(({ ms }) => ms)))} against ${rate(objects, medianOf(direct))}`,
    },
  ]
}

function cheaper(costs: readonly Costs[], objects: number, written: boolean): Figure[] {
  type What = keyof Costs
  const of = (what: What, unit: keyof Cost) => medianOf(costs.map((cost) => cost[what][unit]))
  const ratio = (over: What, under: What, unit: keyof Cost) =>
    medianOf(costs.map((cost) => cost[over][unit] / cost[under][unit]))
  const ms = (what: What) => `${of(what, 'ms').toFixed(1)} ms, CPU ${of(what, 'cpuMs').toFixed(1)} ms`
  const against = (over: What, under: What) =>
    `CPU of the receiver ${ratio(over, under, 'cpuMs').toFixed(0)}; ${ms(over)} against ${ms(under)}`
  return [
    {
      what: `a full reading of ${objects} objects against a delta of ${changes}, time`,
      ratio: ratio('first', 'delta', 'ms'),
      bar: '≥ 20',
      detail: against('first', 'delta'),
    },
    {
      what: 'the same in bytes',
      ratio: ratio('first', 'delta', 'bytes'),
      bar: '≥ 20',
      detail: `${of('first', 'bytes')} against ${of('delta', 'bytes')}, gzip`,
    },
    {
      what: `a full reading that finds ${changes} of the objects changed against a delta of ${changes}, time`,
      ratio: ratio('again', 'delta', 'ms'),
      bar: 'none promised',
      detail: against('again', 'delta'),
    },
    {
      what: 'rows of objects, conditions and changes written by a sign of life with equal digests',
      ratio: written ? Number.NaN : 0,
      bar: '= 0',
      detail: `${ms('beat')}, ${of('beat', 'bytes')} bytes; the first after a change, which makes the digests: ${ms('made')}`,
    },
    {
      what: 'a full reading that finds nothing new to most against a sign of life, time',
      ratio: ratio('again', 'beat', 'ms'),
      bar: 'none promised',
      detail: against('again', 'beat'),
    },
  ]
}

const { values } = parseArgs({ options: { objects: { type: 'string' }, rounds: { type: 'string' } } })
await benchPush({ objects: Number(values.objects ?? 30_000), rounds: Number(values.rounds ?? 3) })
