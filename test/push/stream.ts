import { setTimeout } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { type DeliveryAnswer, deliveryAnswer, deliveryType, sessionAnswer } from '../../fleet/push/protocol.ts'
import type { Random } from '../world/random.ts'
import { deployments, FakeCluster, machineSets } from './cluster.ts'
import { exchange } from './receiver.ts'
import { FakeSender, type Line } from './sender.ts'
import { type Said, saidIn } from './truth.ts'

/** How long a sender leaves a receiver alone that did not take its request. */
const againMs = 15
/** A request that is not taken in so long never is. */
const patienceMs = 60_000

export interface StreamOptions {
  readonly source: string
  /** Where a receiver may answer at this moment; another one every time. */
  readonly url: () => string
  /** By the clock of the receivers. */
  readonly now: () => number
  readonly random: Random
  /** Told of what was answered with 202. */
  readonly accepted: (said: readonly Said[]) => void
}

/** One source that changes all the time, and its sender, which sends each request until it is taken. */
export class Stream {
  readonly cluster: FakeCluster
  readonly sender: FakeSender
  readonly #options: StreamOptions
  #last = 0
  requests = 0

  constructor(options: StreamOptions) {
    this.#options = options
    this.cluster = new FakeCluster(`uid-of-${options.source}`)
    this.sender = new FakeSender(options.source, this.cluster)
  }

  /** Lives until it is told to stop. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#open()
    while (!signal.aborted) await this.#step()
  }

  /** What one sign of life comes to. */
  async agree(): Promise<void> {
    await exchange(
      async (lines) => (await this.#send(lines)) ?? this.#resent(lines),
      this.sender,
      () => new Date(this.#last),
    )
  }

  async #resent(lines: readonly Line[]): Promise<DeliveryAnswer> {
    const answer = await this.#send(lines)
    if (answer === null) throw new Error('a new session was refused')
    return answer
  }

  async #step(): Promise<void> {
    const { random } = this.#options
    const chance = random.next()
    const kind = random.pick([deployments, machineSets])
    if (chance < 0.04) return this.#open()
    if (chance < 0.12) {
      const pages = this.sender.reading(kind, await this.#instant(), 2)
      for (const lines of pages) await this.#send(lines)
      return
    }
    if (chance < 0.25) {
      const answer = await this.#send(this.sender.digests())
      const wanted = await this.#instant()
      for (const want of answer?.want ?? []) await this.#send(this.sender.wanted(want, wanted))
      return
    }
    const names = new Set(Array.from({ length: 3 }, () => `object-${random.below(12)}`))
    for (const name of names) {
      const at = await this.#instant()
      if (random.chance(0.25)) this.cluster.delete(kind, name, at)
      else this.cluster.put(kind, name, random.below(4), at)
    }
    await this.#send(this.sender.changes(kind, ...names))
  }

  /** Sends a request until somebody takes it; null when its session is over, and another was opened. */
  async #send(lines: readonly Line[]): Promise<DeliveryAnswer | null> {
    const said = saidIn(this.sender, lines)
    const body = Uint8Array.from(gzipSync(this.sender.request(await this.#instant(), lines)))
    const headers = { 'content-type': deliveryType, 'content-encoding': 'gzip' }
    const response = await this.#post('/deliveries', body, headers)
    if (response.status === 409) {
      await this.#open()
      return null
    }
    // A duplicate as well: only this sender could have sent it, and says that it is on disk.
    this.#options.accepted(said)
    this.requests++
    return deliveryAnswer.parse(response.body)
  }

  async #open(): Promise<void> {
    const headers = { 'content-type': 'application/json' }
    const { body } = await this.#post('/deliveries/sessions', JSON.stringify(this.sender.opening()), headers)
    this.sender.opened(sessionAnswer.parse(body).epoch)
  }

  async #post(path: string, body: BodyInit, headers: Readonly<Record<string, string>>) {
    const authorization = `Bearer ${this.sender.source}`
    const until = Date.now() + patienceMs
    for (;;) {
      const signal = AbortSignal.timeout(patienceMs)
      const init = { method: 'POST', body, headers: { ...headers, authorization }, signal }
      const answer = await fetch(this.#options.url() + path, init)
        .then(async (response) => ({ status: response.status, body: (await response.json()) as unknown }))
        .catch((error: unknown) => ({ status: 0, body: String(error) }))
      if ([201, 202, 409].includes(answer.status)) return answer
      const mayPass = [0, 429].includes(answer.status) || answer.status >= 500
      if (!mayPass || Date.now() > until) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
      await setTimeout(againMs)
    }
  }

  /** Later than whatever was said or done before. */
  async #instant(): Promise<Date> {
    while (this.#options.now() <= this.#last) await setTimeout(1)
    this.#last = this.#options.now()
    return new Date(this.#last)
  }
}
