import type { ServedKind, Trouble } from '../../fleet/delivery.ts'
import type { Kind } from '../../fleet/kinds/kind.ts'
import type { Kube } from '../sources/kube.ts'
import { objectPath } from '../sources/page.ts'
import type { Result } from '../sources/trouble.ts'
import type { Outgoing } from './batch.ts'
import { entryOf, keyOf } from './entry.ts'
import type { AgentLimits } from './limits.ts'
import { type Listed, listAndTell, type Task } from './listing.ts'
import type { Mirror } from './mirror.ts'
import { backoffMs, pause } from './pause.ts'
import { type Change, watch } from './watching.ts'

/** What a follower needs of the session it is part of. */
export interface FollowerOptions {
  readonly served: ServedKind
  /** What reads the objects. */
  readonly kind: Kind
  readonly mirror: Mirror
  readonly limits: AgentLimits
  /** Of one line, as Rollcall takes it. */
  readonly lineBytes: number
  readonly random: () => number
  readonly now: () => Date
  /** Ends when the session does. */
  readonly signal: AbortSignal
  /** Today's way to the API server, which `signal` closes. */
  readonly openKube: (signal: AbortSignal) => Promise<Result<Kube>>
  /** One LIST at a time over all kinds: each holds two pages. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
  /** Resolves when Rollcall can be reached, and was told all changes of the kind that were heard of. */
  readonly ready: () => Promise<void>
  /** False: it was refused, or the session is over. */
  readonly send: (outgoing: Outgoing) => Promise<boolean>
  /** Takes in a change for sending; false when there is no room: the kind is listed again instead. */
  readonly take: (change: Change, at: Date) => boolean
  /** Hears that `trouble` is another one. */
  readonly onTrouble: (trouble: Trouble | null) => void
  /** Hears why a watch could not go on. */
  readonly onBroken: (why: string) => void
}

/** Keeps Rollcall told of one kind: a LIST, then a watch for as long as it goes well, and again. */
export class Follower {
  readonly served: ServedKind
  readonly mirror: Mirror
  /** True while Rollcall was told all there is, but for what waits to be sent. */
  isSettled = false
  trouble: Trouble | null = null
  /** Rollcall asked for the digest of each bucket. */
  wantsBuckets = false
  /** The latest that was said with a LIST, by Rollcall's clock: changes heard of before must not be dated later. */
  saidAt: Date | null = null
  readonly #options: FollowerOptions
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  /** Ends the watch, and nothing else. */
  #watch: AbortController | null = null
  #asked: Task | null = null
  #isReading = true
  #changes = 0
  /** LISTs in a row that Rollcall did not take. */
  #refusals = 0

  constructor(options: FollowerOptions) {
    this.#options = options
    this.served = options.served
    this.mirror = options.mirror
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal])
  }

  /** Asks for a LIST now. One under way that says everything says this too. */
  ask(task: Task): void {
    if (this.#isReading || this.#asked?.as === 'reading') return
    this.#asked = task
    this.#watch?.abort()
  }

  /** Begins the watch anew, after a LIST: what it stands on is no longer trusted. */
  distrust(): void {
    this.#watch?.abort()
  }

  stop(): void {
    this.#stop.abort()
  }

  /** Runs until the session ends, or `stop`. */
  async follow(): Promise<void> {
    const { limits, random } = this.#options
    let next: Task = { as: 'reading' }
    let cursor = ''
    for (let failures = 0; !this.#signal.aborted; ) {
      const wasAsked = this.#asked !== null
      const task: Task = next.as === 'reading' ? next : (this.#asked ?? next)
      this.#asked = null
      this.#isReading = task.as === 'reading'
      const listed = await this.#list(task)
      this.#isReading = false
      const began = performance.now()
      if (listed.as === 'listed') {
        // The server's store was restored: it gives its resourceVersions out a second time, so equal ones prove nothing.
        const isRestored: boolean = task.as !== 'reading' && isBefore(listed.cursor, cursor)
        cursor = listed.cursor
        const anew: boolean = isRestored || (await this.#follow(listed))
        next = anew ? { as: 'reading' } : { as: 'differences' }
      } else if (listed.as === 'unfit') next = { as: 'reading' }
      this.isSettled = false
      failures = listed.as === 'listed' && performance.now() - began >= limits.steadyMs ? 0 : failures + 1
      if (this.#asked !== null && !wasAsked) continue
      const { backoffFirstMs, backoffMaxMs } = limits
      if (!(await pause(backoffMs(Math.max(1, failures), backoffFirstMs, backoffMaxMs, random), this.#signal))) return
    }
  }

  async #list(task: Task): Promise<Listed> {
    const { ready, inTurn, openKube, kind, limits, lineBytes, send } = this.#options
    await ready()
    const listed = await inTurn(async (): Promise<Listed> => {
      if (this.#signal.aborted) return { as: 'ended' }
      const kube = await openKube(this.#signal)
      if (kube.trouble !== undefined) return { as: 'trouble', trouble: kube.trouble }
      const { served, mirror } = this
      const options = { kube: kube.value, served, kind, mirror, limits: { ...limits, lineBytes } }
      const tell = (outgoing: Outgoing) => {
        this.saidAt = outgoing.at
        return send(outgoing)
      }
      return listAndTell({ ...options, send: tell }, task)
    })
    if (!this.#signal.aborted) this.#heed(listed)
    return listed
  }

  /** Watches until only a LIST will do; true when that has to be a full reading. */
  async #follow({ cursor: from, served }: Listed & { readonly as: 'listed' }): Promise<boolean> {
    const { openKube, kind, limits, lineBytes, random, onBroken } = this.#options
    this.isSettled = true
    this.#watch = new AbortController()
    const signal = AbortSignal.any([this.#signal, this.#watch.signal])
    const relistAt = performance.now() + limits.relistMs * jitter(random)
    let cursor = from
    while (this.#asked === null && performance.now() < relistAt) {
      const kube = await openKube(signal)
      if (kube.trouble !== undefined) return false
      const seconds = Math.max(1, Math.round(limits.watchSeconds * jitter(random)))
      const options = { kind, seconds, lineBytesMax: lineBytes }
      const end = await watch(kube.value, served, cursor, options, (change) => this.#take(change))
      if (end.as === 'broken') {
        if (!signal.aborted) onBroken(end.why)
        return end.anew
      }
      cursor = end.cursor
    }
    return false
  }

  #take(change: Change): boolean {
    this.#changes++
    const isTaken = this.#options.take(change, this.#options.now())
    if (!isTaken) this.isSettled = false
    return isTaken
  }

  /**
   * Reads one object anew, since somebody hinted at a change of it. The watch comes first: where it told anything of the kind meanwhile,
   * what was read may be older.
   */
  async reread(namespace: string, name: string): Promise<void> {
    const { openKube, kind, lineBytes, now, take } = this.#options
    const before = this.#changes
    const at = now()
    const kube = await openKube(this.#signal)
    if (kube.trouble !== undefined) return
    const reply = await kube.value.get(objectPath(this.served, namespace, name))
    if (!this.isSettled || this.#changes !== before || reply.as === 'notModified') return
    if (reply.as === 'failure') {
      if (reply.status !== 404) return
      // Without that reason it is the kind that is not there: a LIST says so, and the object is not gone for it.
      if (reply.said?.reason === 'NotFound') take({ as: 'gone', key: keyOf(namespace, name) }, at)
      else this.ask({ as: 'differences' })
      return
    }
    const entry = entryOf(kind, reply.body, lineBytes)
    if (entry !== null) take({ as: 'there', entry }, at)
  }

  #heed(listed: Listed): void {
    if (listed.as === 'trouble') this.#note(listed.trouble)
    if (listed.as === 'unfit' && ++this.#refusals > refusalsMax) this.#note(refused)
    if (listed.as !== 'listed') return
    this.#refusals = 0
    this.#note(null)
  }

  #note(trouble: Trouble | null): void {
    const isNews = trouble?.code !== this.trouble?.code
    this.trouble = trouble
    if (isNews) this.#options.onTrouble(trouble)
  }
}

/** A repair that is too large is one, and the reading that it becomes is taken. */
const refusalsMax = 1
const refused: Trouble = {
  code: 'BadAnswer',
  message: 'Rollcall, or what lies before it, refuses what is said of this kind; the log of the agent says why',
}

/** Three quarters to all of a time, so that kinds take turns. */
const jitter = (random: () => number): number => 0.75 + random() / 4

/** Both are numbers, and the first is smaller. They say nothing otherwise (domain.md 6). */
function isBefore(cursor: string, other: string): boolean {
  const number = /^\d{1,20}$/
  return number.test(cursor) && number.test(other) && BigInt(cursor) < BigInt(other)
}
