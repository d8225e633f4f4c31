import type { Store } from '../../db/client.ts'
import { ingest } from '../../db/ingest.ts'
import { progressOf, recordAsked } from '../../db/reading.ts'
import type { Delivery } from '../../fleet/delivery.ts'
import { declarationOf, type Kinds } from '../../fleet/kinds/declared.ts'
import { type KindKey, kindKeyOf } from '../../fleet/reference.ts'
import { askedFor } from '../../functions/sources/discovery.ts'
import { caughtUp, end, listed, page, refOf } from '../db/wire.ts'
import type { FakeCluster } from './cluster.ts'
import type { FakeClock } from './receiver.ts'

/** Reads a cluster as polls do, without their HTTP. */
export class FakePoller {
  readonly #store: Store
  readonly #source: string
  readonly #cluster: FakeCluster
  readonly #clock: FakeClock
  readonly #delay: (store: () => Promise<unknown>) => void

  constructor(
    store: Store,
    source: string,
    cluster: FakeCluster,
    clock: FakeClock,
    delay: (store: () => Promise<unknown>) => void,
  ) {
    this.#store = store
    this.#source = source
    this.#cluster = cluster
    this.#clock = clock
    this.#delay = delay
  }

  /** What every poll begins with: a kind that is declared otherwise than before is read from its start. */
  ask({ list }: Kinds): Promise<void> {
    const declared = list.filter((kind) => declarationOf(kind) !== null).map(kindKeyOf)
    return recordAsked(this.#store.db, this.#source, askedFor(list), declared)
  }

  /** Catches up from the cursor, where there is one, as a watch would; else a LIST. A late one is stored when later ones may have been. */
  async poll(kinds: Kinds, kind: KindKey, late: boolean): Promise<void> {
    await this.ask(kinds)
    const progress = (await progressOf(this.#store.db, this.#source)).find((one) => one.kind === kind)
    const cursor = progress?.cursor ?? null
    const now = this.#clock.now()
    const store = this.#stored(kinds, cursor === null ? this.#list(kind, now) : this.#watch(kind, Number(cursor), now))
    if (late) this.#delay(store)
    else await store()
  }

  async slowPoll(kinds: Kinds, kind: KindKey): Promise<void> {
    await this.ask(kinds)
    const now = this.#clock.now()
    const all = this.#cluster.all(kind)
    const half = Math.ceil(all.length / 2)
    const last = this.#stored(kinds, end(now, 1, all.slice(half), { kind, rejected: this.#rejected(kind) }))
    await this.#stored(kinds, page(now, 0, all.slice(0, half), { kind }))()
    this.#delay(last)
  }

  #list(kind: KindKey, now: Date): Delivery {
    return listed(now, this.#cluster.all(kind), { kind, rejected: this.#rejected(kind) })
  }

  #watch(kind: KindKey, cursor: number, now: Date): Delivery {
    const news = [...this.#cluster.history].flatMap(([key, states]) => {
      const [of, name = ''] = key.split(' ')
      return of === kind && states.some(({ version }) => version > cursor) ? [name] : []
    })
    const rejected = this.#rejected(kind).filter(({ ref }) => news.includes(ref.name))
    const readable = news.filter((name) => this.#cluster.isReadable(kind, name))
    const objects = readable.flatMap((name) => this.#cluster.get(kind, name) ?? [])
    const gone = readable.filter((name) => this.#cluster.get(kind, name) === null).map((name) => refOf(name, kind))
    return caughtUp(now, objects, { kind, gone, rejected })
  }

  #rejected = (kind: KindKey) => this.#cluster.unreadable(kind).map((ref) => ({ ref, why: 'is too large' }))

  /** With the cursor of this moment, and the source's name. */
  #stored(kinds: Kinds, delivery: Delivery): () => Promise<unknown> {
    const { proof } = delivery
    const cursor = this.#cluster.version
    const polled = { ...delivery, source: this.#source, proof: 'cursor' in proof ? { ...proof, cursor } : proof }
    return () => ingest(this.#store.db, polled, { receivedAt: this.#clock.now(), kinds: kinds.of })
  }
}
