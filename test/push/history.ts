import { sql } from 'drizzle-orm'
import { rowsOf, type Store } from '../../db/client.ts'
import { registerSources } from '../../db/source.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { at } from '../db/wire.ts'
import { deployments, FakeCluster, machineSets, widgets } from './cluster.ts'
import { type Fate, Network } from './network.ts'
import { FakePoller } from './poller.ts'
import { declarationOf, exchange, FakeClock, storedIn } from './receiver.ts'
import { FakeSender, type Line } from './sender.ts'
import { Truth } from './truth.ts'

export type Step =
  | { readonly what: 'put'; readonly kind: KindKey; readonly name: string; readonly ready: number }
  /** It becomes too large to be read by anybody. */
  | { readonly what: 'swell'; readonly kind: KindKey; readonly name: string }
  | { readonly what: 'delete'; readonly kind: KindKey; readonly name: string }
  | { readonly what: 'change'; readonly kind: KindKey; readonly names: readonly string[]; readonly fate: Fate }
  /** In as many pages as there are fates. */
  | { readonly what: 'reading'; readonly kind: KindKey; readonly fates: readonly Fate[] }
  /** Digests, and what is asked for, each request with its fate. */
  | { readonly what: 'beat'; readonly fates: readonly Fate[] }
  /** Something that was late comes. */
  | { readonly what: 'arrival'; readonly newest: boolean }
  /** A change is on its way while its object goes on, a poll tells so, to its end or not yet, and only then does it come. */
  | {
      readonly what: 'overtaken'
      readonly kind: KindKey
      readonly name: string
      readonly deleted: boolean
      readonly ended: boolean
    }
  | { readonly what: 'poll'; readonly kind: KindKey; readonly late: boolean }
  /** A LIST of two pages: the second comes when something late does. */
  | { readonly what: 'slow poll'; readonly kind: KindKey }
  /** A sender starts anew, of this release or another: what it knew is lost, and it tells everything, each kind with its fate. */
  | { readonly what: 'restart'; readonly agent: string; readonly isHeard: boolean; readonly fates: readonly Fate[] }
  /** The other of two senders speaks from now on; neither knows of the other. */
  | { readonly what: 'other sender' }
  /** The receiver starts anew, with another fleet file. */
  | { readonly what: 'redeclare' }

/** A cluster, its senders, its polls, and the network between them and the store. */
export class History {
  readonly #store: Store
  readonly #clock = new FakeClock(at(0))
  readonly #cluster: FakeCluster
  readonly #truth: Truth
  readonly #network: Network
  /** Null: the source is only pushed. */
  readonly #poller: FakePoller | null
  readonly #source: string
  /** What was found in the middle of a step. */
  readonly #broken: string[] = []
  #sender: FakeSender
  #other: FakeSender

  private constructor(store: Store, source: string, polled: boolean) {
    this.#store = store
    this.#source = source
    this.#cluster = new FakeCluster(`uid-of-${source}`, [deployments, machineSets, widgets])
    this.#truth = new Truth(source, this.#cluster)
    this.#network = new Network(store, this.#clock, this.#truth)
    const delay = this.#network.delay.bind(this.#network)
    this.#poller = polled ? new FakePoller(store, source, this.#cluster, this.#clock, delay) : null
    this.#sender = new FakeSender(source, this.#cluster)
    this.#other = new FakeSender(source, this.#cluster)
  }

  static async begun(store: Store, source: string, { polled }: { polled: boolean }): Promise<History> {
    const history = new History(store, source, polled)
    await registerSources(store.db, [declarationOf(source, { polled })], history.#clock.now())
    await history.#network.open(history.#other)
    await history.#network.open(history.#sender)
    return history
  }

  async live(step: Step): Promise<void> {
    const now = this.#clock.pass(1)
    const { kinds } = this.#network.declared
    switch (step.what) {
      case 'put':
        return this.#cluster.put(step.kind, step.name, step.ready, now)
      case 'swell':
        return this.#cluster.put(step.kind, step.name, 0, now, false)
      case 'delete':
        return this.#cluster.delete(step.kind, step.name, now)
      case 'change':
        await this.#send(this.#sender.changes(step.kind, ...step.names), step.fate)
        return
      case 'reading':
        return this.#read(step.kind, now, step.fates)
      case 'beat':
        return this.#beat(step.fates)
      case 'arrival':
        return this.#network.arrival(step.newest)
      case 'overtaken': {
        const { kind, name, deleted, ended } = step
        this.#cluster.put(kind, name, 2, now)
        await this.#send(this.#sender.changes(kind, name), 'late')
        if (deleted) this.#cluster.delete(kind, name, this.#clock.pass(1))
        else this.#cluster.put(kind, name, 0, this.#clock.pass(1))
        this.#clock.pass(1)
        const overtaken = this.#network.latest()
        if (ended) await this.#poller?.poll(kinds, kind, false)
        else await this.#poller?.slowPoll(kinds, kind)
        // What the poll has shown is owed, before the elder state comes.
        this.#broken.push(...(await this.#truth.broken(this.#store)))
        await overtaken?.()
        return
      }
      case 'poll':
        return this.#poller?.poll(kinds, step.kind, step.late)
      case 'slow poll':
        return this.#poller?.slowPoll(kinds, step.kind)
      case 'restart':
        this.#sender.agent = step.agent
        // An answer that is lost leaves the sender with an epoch that is over, and it opens another when it hears so.
        await this.#network.open(this.#sender, step.isHeard)
        for (const [n, fate] of step.fates.entries())
          await this.#read(this.#cluster.kinds[n % this.#cluster.kinds.length] ?? deployments, this.#clock.now(), [
            fate,
          ])
        return
      case 'other sender':
        ;[this.#sender, this.#other] = [this.#other, this.#sender]
        return
      case 'redeclare':
        return this.#network.redeclare()
    }
  }

  /** What the store lost, or put something older over, until now. */
  broken = async (): Promise<string[]> => [...this.#broken, ...(await this.#truth.broken(this.#store))]

  /** What one sign of life comes to when nothing is lost. */
  async agree(): Promise<void> {
    // What is declared anew is asked for by the next poll, where there are any.
    await this.#poller?.ask(this.#network.declared.kinds)
    // A sign of life tells the sender of a session that is over, or of another fleet file.
    await this.#inPeace([])
    await this.#inPeace(this.#sender.anew(this.#clock.pass(1)))
    this.#sender.heard()
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

  arriveAll = (): Promise<void> => this.#network.arriveAll()
  told = (): string[] => this.#cluster.told(this.#network.declared.readyOf)
  stored = (): Promise<string[]> => storedIn(this.#store, this.#source)
  /**
   * Every version of the source's object rows. Not of what cannot be read now: a poll that comes late may still be the only one to know
   * that the object which was read last was deleted before its successor became unreadable.
   */
  written = () =>
    rowsOf(
      this.#store.db,
      sql`select id, xmin::text from object where source_id = ${this.#source} and last_read_at is null order by id`,
    )

  async #inPeace(lines: readonly Line[]) {
    this.#clock.pass(1)
    const answer = (await this.#send(lines, 'taken')) ?? (await this.#send(lines, 'taken'))
    if (answer === null) throw new Error('a new session was refused')
    return answer
  }

  #send(lines: readonly Line[], fate: Fate) {
    return this.#network.send(this.#sender, lines, fate)
  }

  async #read(kind: KindKey, startedAt: Date, fates: readonly Fate[]): Promise<void> {
    const pages = this.#sender.reading(kind, startedAt, fates.length)
    for (const [n, lines] of pages.entries()) await this.#send(lines, fates[n] ?? 'taken')
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
}
