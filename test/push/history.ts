import { sql } from 'drizzle-orm'
import { rowsOf, type Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { openSession } from '../../db/push/session.ts'
import { progressOf } from '../../db/reading.ts'
import { registerSources } from '../../db/source.ts'
import type { Delivery } from '../../fleet/delivery.ts'
import { kindsOf } from '../../fleet/kinds/declared.ts'
import { BodyReader } from '../../fleet/push/body.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { Refusal } from '../../functions/http/problem.ts'
import { type Received, receive } from '../../functions/push/receive.ts'
import { at, caughtUp, end, listed, page } from '../db/wire.ts'
import { deployments, FakeCluster, machineSets } from './cluster.ts'
import { declarationOf, exchange, FakeClock, storedIn } from './receiver.ts'
import { FakeSender, type Line } from './sender.ts'

type Heard = Received['answer']

const ownKinds = kindsOf([])

/** What becomes of a request on its way. */
export type Fate = 'taken' | 'lost' | 'twice' | 'late' | 'cut'

export type Step =
  | { readonly what: 'put'; readonly kind: KindKey; readonly name: string; readonly ready: number }
  | { readonly what: 'delete'; readonly kind: KindKey; readonly name: string }
  | { readonly what: 'change'; readonly kind: KindKey; readonly names: readonly string[]; readonly fate: Fate }
  /** In as many pages as there are fates. */
  | { readonly what: 'reading'; readonly kind: KindKey; readonly fates: readonly Fate[] }
  /** Digests, and what is asked for, each request with its fate. */
  | { readonly what: 'beat'; readonly fates: readonly Fate[] }
  /** Something that was late comes. */
  | { readonly what: 'arrival'; readonly newest: boolean }
  /** A change is under way while its object goes on, a poll tells so, and only then does it come. */
  | { readonly what: 'overtaken'; readonly kind: KindKey; readonly name: string; readonly deleted: boolean }
  | { readonly what: 'poll'; readonly kind: KindKey; readonly late: boolean }
  /** A LIST of two pages: the second comes when something late does. */
  | { readonly what: 'slow poll'; readonly kind: KindKey }
  | { readonly what: 'session'; readonly fate: 'taken' | 'lost' }

/** A cluster, its sender, its polls, and the network between them and the store. */
export class History {
  readonly #store: Store
  readonly #clock = new FakeClock(at(0))
  readonly #cluster: FakeCluster
  readonly #sender: FakeSender
  readonly #underWay: (() => Promise<unknown>)[] = []
  /** The version of each object that the store had at the last look, or vouches for. */
  readonly #known = new Map<string, number>()
  /** Objects that must be in the store. */
  readonly #vouched = new Set<string>()

  private constructor(store: Store, source: string) {
    this.#store = store
    this.#cluster = new FakeCluster(`uid-of-${source}`, [deployments, machineSets])
    this.#sender = new FakeSender(source, this.#cluster)
  }

  static async begun(store: Store, source: string): Promise<History> {
    const history = new History(store, source)
    await registerSources(store.db, [declarationOf(source, { polled: true })], history.#clock.now())
    await history.#open()
    return history
  }

  async live(step: Step): Promise<void> {
    const now = this.#clock.pass(1)
    switch (step.what) {
      case 'put':
        return this.#cluster.put(step.kind, step.name, step.ready, now)
      case 'delete':
        return this.#cluster.delete(step.kind, step.name, now)
      case 'change':
        await this.#send(this.#sender.changes(step.kind, ...step.names), step.fate)
        return
      case 'reading': {
        const pages = this.#sender.reading(step.kind, now, step.fates.length)
        for (const [n, lines] of pages.entries()) await this.#send(lines, step.fates[n] ?? 'taken')
        return
      }
      case 'beat':
        return this.#beat(step.fates)
      case 'arrival':
        await (step.newest ? this.#underWay.pop() : this.#underWay.shift())?.()
        return
      case 'overtaken': {
        const { kind, name, deleted } = step
        await this.#send(this.#sender.changes(kind, name), 'late')
        if (deleted) this.#cluster.delete(kind, name, this.#clock.pass(1))
        else this.#cluster.put(kind, name, 0, this.#clock.pass(1))
        this.#clock.pass(1)
        await this.#poll(kind, false)
        await this.#underWay.pop()?.()
        return
      }
      case 'poll':
        return this.#poll(step.kind, step.late)
      case 'slow poll':
        return this.#slowPoll(step.kind)
      case 'session':
        // The answer that is lost leaves the sender with an epoch that is over, and it opens another when it hears so.
        await this.#open(step.fate === 'taken')
    }
  }

  /** Objects whose state in the store is older than it was at the last look, or than the store vouches for. */
  async wentBack(): Promise<string[]> {
    const worse: string[] = []
    await this.#vouchedFor()
    const missing = new Set(this.#vouched)
    for (const { key, print, goneAt } of await this.#rows()) {
      missing.delete(key)
      const states = this.#cluster.history.get(key) ?? []
      const state = states.findLast((one) =>
        goneAt === null ? one.print === print : one.print === null && one.since <= goneAt.getTime(),
      )
      if (state === undefined) worse.push(`${key} never was so`)
      else if (state.version < (this.#known.get(key) ?? 0)) worse.push(`${key} went back to version ${state.version}`)
      if (state) this.#known.set(key, state.version)
    }
    return [...worse, ...[...missing].map((key) => `${key} is missing`)]
  }

  /** A kind that was read to its end, or confirmed, is from then on known as it was at that instant. */
  async #vouchedFor(): Promise<void> {
    this.#vouched.clear()
    for (const { kind, verifiedAt, caughtUpAt } of await progressOf(this.#store.db, this.#sender.source)) {
      const instant = Math.max(verifiedAt?.getTime() ?? 0, caughtUpAt?.getTime() ?? 0)
      for (const [key, states] of this.#cluster.history) {
        const state = key.startsWith(`${kind} `) ? states.findLast(({ since }) => since <= instant) : undefined
        if (state === undefined) continue
        this.#known.set(key, Math.max(state.version, this.#known.get(key) ?? 0))
        if (state.print !== null) this.#vouched.add(key)
      }
    }
  }

  /** What one sign of life comes to when nothing is lost. */
  async agree(): Promise<void> {
    await exchange(
      (lines) => this.#inPeace(lines),
      this.#sender,
      () => this.#clock.now(),
    )
  }

  async beatInPeace(): Promise<void> {
    const { want } = await this.#inPeace(this.#sender.digests())
    if (want.length > 0) throw new Error(`still wanted: ${JSON.stringify(want)}`)
  }

  async arriveAll(): Promise<void> {
    for (const arrive of this.#underWay.splice(0)) await arrive()
  }

  told = (): string[] => this.#cluster.told()
  stored = (): Promise<string[]> => storedIn(this.#store, this.#sender.source)
  /** Every version of the source's object rows. */
  written = () =>
    rowsOf(this.#store.db, sql`select id, xmin::text from object where source_id = ${this.#sender.source} order by id`)

  async #inPeace(lines: readonly Line[]): Promise<Heard> {
    this.#clock.pass(1)
    const answer = (await this.#send(lines, 'taken')) ?? (await this.#send(lines, 'taken'))
    if (answer === null) throw new Error('a new session was refused')
    return answer
  }

  /** Sends a request into the network; null when no answer comes back, or one that ended the session. */
  async #send(lines: readonly Line[], fate: Fate): Promise<Heard | null> {
    const text = this.#sender.request(this.#clock.now(), lines)
    if (fate === 'lost') return null
    if (fate === 'late') {
      this.#underWay.push(() => this.#arrive(text).catch(heard))
      return null
    }
    if (fate === 'cut') {
      await this.#arrive(text.slice(0, text.length * 0.7)).then(neverTaken, () => undefined)
      return null
    }
    try {
      const answer = await this.#arrive(text)
      if (fate === 'twice') await this.#arrive(text)
      return answer
    } catch (error) {
      heard(error)
      await this.#open()
      return null
    }
  }

  async #arrive(text: string): Promise<Heard> {
    const reader = new BodyReader()
    for (const line of text.split('\n').filter((one) => one !== '')) reader.take(Buffer.from(line))
    const deps = { db: this.#store.db, now: this.#clock.now, kinds: ownKinds }
    return (await receive(deps, this.#sender.source, reader.end())).answer
  }

  async #beat(fates: readonly Fate[]): Promise<void> {
    let lines = this.#sender.digests()
    for (const fate of fates) {
      const answer = await this.#send(lines, fate)
      if (answer === null) return
      const now = this.#clock.pass(1)
      lines = answer.want.flatMap((want) => this.#sender.wanted(want, now))
    }
  }

  async #open(isHeard = true): Promise<void> {
    const { source } = this.#sender
    const epoch = await openSession(this.#store.db, { source, agent: 'fake/1' }, this.#clock.now())
    if (isHeard) this.#sender.opened(epoch)
  }

  /** Catches up from the cursor, where there is one, as a watch would; else a LIST. A late one is stored when later ones may have been. */
  async #poll(kind: KindKey, late: boolean): Promise<void> {
    const { db } = this.#store
    const now = this.#clock.now()
    const progress = (await progressOf(db, this.#sender.source)).find((one) => one.kind === kind)
    const cursor = progress?.cursor ?? null
    const delivery =
      cursor === null ? listed(now, this.#cluster.all(kind), { kind }) : this.#caughtUp(kind, Number(cursor), now)
    const stored = this.#asPolled(delivery)
    // Polls of one source hold a lease: a catch-up that is late was not followed by another from the same cursor.
    if (late && cursor === null) this.#underWay.push(() => this.#ingest(stored))
    else await this.#ingest(stored)
  }

  #caughtUp(kind: KindKey, cursor: number, now: Date): Delivery {
    const [group = '', type = ''] = kind.split('/')
    const news = [...this.#cluster.history].flatMap(([key, states]) => {
      const [of, name = ''] = key.split(' ')
      return of === kind && states.some(({ version }) => version > cursor) ? [name] : []
    })
    const objects = news.flatMap((name) => this.#cluster.get(kind, name) ?? [])
    const gone = news
      .filter((name) => this.#cluster.get(kind, name) === null)
      .map((name) => ({ group, kind: type, namespace: 'fleet', name }))
    return caughtUp(now, objects, { kind, gone })
  }

  async #slowPoll(kind: KindKey): Promise<void> {
    const now = this.#clock.now()
    const all = this.#cluster.all(kind)
    const half = Math.ceil(all.length / 2)
    const last = this.#asPolled(end(now, 1, all.slice(half), { kind }))
    await this.#ingest(this.#asPolled(page(now, 0, all.slice(0, half), { kind })))
    this.#underWay.push(() => this.#ingest(last))
  }

  /** With the cursor of this moment, and the source's name. */
  #asPolled(delivery: Delivery): Delivery {
    const { proof } = delivery
    const cursor = this.#cluster.version
    const { source } = this.#sender
    return { ...delivery, source, proof: 'cursor' in proof ? { ...proof, cursor } : proof }
  }

  async #ingest(delivery: Delivery): Promise<void> {
    await ingest(this.#store.db, delivery, { receivedAt: this.#clock.now() })
  }

  async #rows(): Promise<{ key: string; print: string; goneAt: Date | null }[]> {
    const rows = await rowsOf<{ key: string; print: string; goneAt: string | null }>(
      this.#store.db,
      sql`select kind || ' ' || name as key, print, gone_at as "goneAt" from object where source_id = ${this.#sender.source}`,
    )
    return rows.map((row) => ({ ...row, goneAt: row.goneAt === null ? null : new Date(row.goneAt) }))
  }
}

/** A session that is over is an answer like any other. */
function heard(error: unknown): void {
  if (!(error instanceof Refusal)) throw error
}

function neverTaken(): never {
  throw new Error('a request that was cut off was taken')
}
