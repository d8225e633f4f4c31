import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import * as z from 'zod'
import { printOf, printsDigest } from '../../../fleet/push/print.ts'
import {
  type KindLine,
  lines,
  problemTypes,
  pushLimits,
  sessionRequest,
  type Want,
} from '../../../fleet/push/protocol.ts'
import { type KindKey, objectIdOf } from '../../../fleet/reference.ts'
import { record, text } from '../../../fleet/wire.ts'

/** How one request goes wrong; `after`: it is taken all the same, and only the answer differs. */
export interface Mishap {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The connection is cut instead of an answer. */
  readonly cut?: boolean
  readonly after?: boolean
  readonly type?: string
}

interface Held {
  /** Null: gone. */
  readonly object: unknown
  readonly print: string | null
  readonly at: number
}

/** A request that was taken. */
export interface TakenRequest {
  readonly epoch: number
  readonly seq: number
  readonly at: Date
  readonly bytes: number
  readonly plainBytes: number
  readonly sections: readonly { readonly head: KindLine; readonly objects: number; readonly gone: number }[]
  readonly digests: readonly string[]
  readonly duplicate: boolean
}

const schemas: ReadonlyMap<string, z.ZodType<z.output<(typeof lines)[keyof typeof lines]>>> = new Map(
  Object.entries(lines),
)
const source = 'weu'

/** As little of a Rollcall as an agent needs: checks every line against the contract, and keeps objects by the rules of ingest. */
export class FakeReceiver {
  /** By kind, then by id. */
  readonly held = new Map<KindKey, Map<string, Held>>()
  readonly requests: TakenRequest[] = []
  readonly troubles: { readonly kind: string; readonly code: string }[] = []
  readonly servers: unknown[] = []
  readonly tokens: string[] = []
  /** The newest instant as of which each kind was confirmed by a digest. */
  readonly confirmed = new Map<KindKey, Date>()
  /** What goes wrong with the next requests of deliveries, in order. */
  readonly mishaps: Mishap[] = []
  /** Told with the next answer. */
  readonly wants: Want[] = []
  readonly breaches: string[] = []
  /** False: only that they are there is kept. */
  keepsObjects = true
  epoch = 0
  heartbeatSeconds = 1
  /** How far this clock is ahead of the machine's, in ms. */
  aheadMs = 0
  /** What the fleet file declares. */
  declared: { readonly kinds: readonly unknown[]; readonly kindsDigest: string } = { kinds: [], kindsDigest: '' }
  url = ''
  #seq = 0
  readonly #read = new Set<KindKey>()
  readonly #runs = new Map<string, Set<string>>()
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  #heard = Promise.withResolvers<void>()

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    // A TCP server's address is an object, never a pipe's name.
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Nobody listens any more; `listen` with the port of `url` comes back. */
  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  now = (): Date => new Date(Date.now() + this.aheadMs)

  /** Waits for requests until `condition` holds. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#heard.promise
  }

  names(kind: KindKey): string[] {
    return [...(this.held.get(kind)?.values() ?? [])]
      .flatMap(({ object }) => text(record(record(object).metadata).name) ?? [])
      .sort()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    this.tokens.push(String(request.headers.authorization))
    if (request.url === '/deliveries/sessions') this.#open(body, response)
    else this.#deliver(body, response)
    this.#heard.resolve()
    this.#heard = Promise.withResolvers()
  }

  #open(body: Buffer, response: ServerResponse): void {
    const opened = sessionRequest.safeParse(JSON.parse(body.toString()))
    if (!opened.success) this.breaches.push(z.prettifyError(opened.error))
    this.servers.push(opened.data?.server)
    this.epoch++
    this.#seq = 0
    const { bodyBytes, plainBytes, lineBytes, lines: most, objects } = pushLimits
    const limits = { bodyBytes, plainBytes, lineBytes, lines: most, objects }
    const { epoch, heartbeatSeconds } = this
    send(response, 201, { epoch, source, now: this.now().toISOString(), heartbeatSeconds, limits, ...this.declared })
  }

  #deliver(body: Buffer, response: ServerResponse): void {
    const mishap = this.mishaps.shift()
    const answer = mishap === undefined || mishap.after ? this.#take(body) : null
    if (mishap?.cut) response.destroy()
    else if (mishap !== undefined) {
      response.writeHead(mishap.status ?? 500, { 'content-type': 'application/problem+json', ...mishap.headers })
      response.end(JSON.stringify({ type: mishap.type ?? 'about:blank', detail: 'a mishap' }))
    } else if (answer === 'superseded') send(response, 409, { type: problemTypes.superseded, detail: 'superseded' })
    else send(response, 202, answer ?? {})
  }

  #take(body: Buffer): object | 'superseded' {
    const plain = gunzipSync(body).toString()
    const parsed = plain
      .trimEnd()
      .split('\n')
      .map((line) => {
        const json: unknown = JSON.parse(line)
        const read = schemas.get(String(record(json).type))?.safeParse(json)
        if (!read?.success) this.breaches.push(`${line.slice(0, 200)}: ${read?.error.message ?? 'no such line'}`)
        return read?.data
      })
    const head = parsed.shift()
    const tail = parsed.pop()
    if (head?.type !== 'head' || tail?.type !== 'tail' || tail.lines !== parsed.length + 2)
      throw new Error('no head or tail')
    if (head.epoch !== this.epoch) return 'superseded'
    const at = new Date(head.at)
    if (at.getTime() > this.now().getTime()) this.breaches.push(`dated ${head.at}, later than now`)
    const duplicate = head.seq <= this.#seq
    this.#seq = Math.max(this.#seq, head.seq)
    const taken = { epoch: head.epoch, seq: head.seq, at, bytes: body.length, plainBytes: plain.length, duplicate }
    const sections: { head: KindLine; objects: number; gone: number }[] = []
    const digests: string[] = []
    const want = this.wants.splice(0)
    for (const line of duplicate ? [] : parsed) {
      const section = sections.at(-1)
      if (line?.type === 'kind') this.#begin(line, at, sections)
      else if (line?.type === 'object' && section) {
        section.objects++
        this.#put(section.head, line.object, at)
      } else if (line?.type === 'gone' && section) {
        section.gone++
        this.#store(section.head.kind, idOf(section.head.kind, line), { object: null, print: null, at: at.getTime() })
      } else if (line?.type === 'trouble') this.troubles.push(line)
      else if (line?.type === 'server') this.servers.push(line)
      else if (line?.type === 'digest') {
        digests.push(line.kind)
        this.#compare(line, at, want)
      }
    }
    for (const { head: one } of sections) this.#end(one)
    this.requests.push({ ...taken, sections, digests })
    return {
      now: this.now().toISOString(),
      duplicate,
      observed: 0,
      changed: 0,
      gone: 0,
      rejected: [],
      want,
      kindsDigest: this.declared.kindsDigest,
    }
  }

  #begin(head: KindLine, at: Date, sections: { head: KindLine; objects: number; gone: number }[]): void {
    sections.push({ head, objects: 0, gone: 0 })
    if (head.proof !== 'buckets') return
    for (const [id, one] of this.held.get(head.kind) ?? [])
      if (head.buckets.includes(id.slice(0, 2)) && one.at <= at.getTime()) this.held.get(head.kind)?.delete(id)
  }

  #put(head: KindLine, object: unknown, at: Date): void {
    const { namespace, name } = record(record(object).metadata)
    const id = idOf(head.kind, { namespace: text(namespace) ?? '', name: text(name) ?? '' })
    if ('run' in head) {
      const named = this.#runs.get(head.run.id) ?? new Set()
      this.#runs.set(head.run.id, named.add(id))
    }
    this.#store(head.kind, id, { object: this.keepsObjects ? object : {}, print: printOf(object), at: at.getTime() })
  }

  #store(kind: KindKey, id: string, one: Held): void {
    const objects = this.held.get(kind) ?? new Map<string, Held>()
    this.held.set(kind, objects)
    const before = objects.get(id)
    if (before === undefined || before.at <= one.at) objects.set(id, one)
  }

  #end(head: KindLine): void {
    if (head.proof !== 'end' || !head.consistent) return
    this.#read.add(head.kind)
    const named = this.#runs.get(head.run.id) ?? new Set()
    for (const [id, one] of this.held.get(head.kind) ?? [])
      if (!named.has(id) && one.at <= Date.parse(head.run.startedAt)) this.held.get(head.kind)?.delete(id)
  }

  #compare(
    line: { kind: KindKey; digest: string; buckets?: Record<string, string> | undefined },
    at: Date,
    want: Want[],
  ): void {
    const { kind } = line
    const living = [...(this.held.get(kind) ?? [])].flatMap(([id, { print }]) =>
      print === null ? [] : [[id, print] as const],
    )
    const ours = printsDigest(new Map(living))
    if (ours.digest === line.digest) this.confirmed.set(kind, at)
    else if (!this.#read.has(kind)) want.push({ kind, what: 'reading' })
    else if (line.buckets === undefined) want.push({ kind, what: 'buckets' })
    else {
      const theirs = new Map(Object.entries(line.buckets))
      const names = new Set([...theirs.keys(), ...ours.buckets.keys()])
      const buckets = [...names].filter((name) => theirs.get(name) !== ours.buckets.get(name))
      want.push({ kind, what: 'objects', buckets })
    }
  }
}

function idOf(key: KindKey, { namespace, name }: { readonly namespace: string; readonly name: string }): string {
  const [group = '', kind = ''] = key.split('/')
  return objectIdOf(source, { group, kind, namespace, name })
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
