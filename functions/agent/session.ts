import pLimit from 'p-limit'
import type { ServedKind, Trouble } from '../../fleet/delivery.ts'
import type { Kinds } from '../../fleet/kinds/declared.ts'
import type { DeliveryAnswer, SessionAnswer, Want } from '../../fleet/push/protocol.ts'
import type { KindKey } from '../../fleet/reference.ts'
import type { Connections } from '../sources/connections.ts'
import { isSilence } from '../sources/trouble.ts'
import { Batch, type Outgoing } from './batch.ts'
import type { FleetClock } from './clock.ts'
import { type Cluster, meetCluster, reachCluster, readCluster, serverOf } from './cluster.ts'
import type { AgentConfig } from './config.ts'
import { goneLineOf } from './entry.ts'
import { Follower } from './follower.ts'
import { TroubleLog, troubleLines } from './kind-trouble.ts'
import type { AgentLimits } from './limits.ts'
import { Mirror } from './mirror.ts'
import { pause } from './pause.ts'
import type { Receiver } from './receiver.ts'
import { type EndOfSession, type Log, Sender } from './sender.ts'
import type { Change } from './watching.ts'

/** Why a session is over. */
export type End = EndOfSession | 'otherServer' | 'otherKinds' | 'failed' | 'stopped'

export interface SessionOptions {
  readonly config: AgentConfig
  readonly limits: AgentLimits
  readonly clock: FleetClock
  readonly receiver: Receiver
  readonly connections: Connections
  readonly agent: string
  readonly opened: SessionAnswer
  readonly kinds: Kinds
  readonly cluster: Cluster
  readonly log: Log
  readonly random: () => number
  readonly signal: AbortSignal
}

/** One session: every kind that is served is followed, and signs of life are given, until Rollcall or the API server is another. */
export class Session {
  readonly #options: SessionOptions
  readonly #over = new AbortController()
  readonly #signal: AbortSignal
  readonly #sender: Sender
  readonly #batch: Batch
  readonly #troubleLog: TroubleLog
  readonly #followers = new Map<KindKey, { readonly follower: Follower; readonly done: Promise<void> }>()
  readonly #inTurn = pLimit(1)
  readonly #rereads = pLimit(4)
  #cluster: Cluster
  /** The server as Rollcall knows it, as text. */
  #said: string
  #end: End = 'stopped'
  /** Of the API server as a whole, at the last sign of life. */
  #trouble: Trouble | null = null
  #flushTimer: NodeJS.Timeout | null = null
  #flushing: Promise<void> | null = null
  #wake = Promise.withResolvers<void>()

  constructor(options: SessionOptions) {
    const { receiver, clock, opened, agent, limits, log, random, cluster, signal } = options
    this.#options = options
    this.#cluster = cluster
    this.#said = JSON.stringify(serverOf(cluster))
    this.#signal = AbortSignal.any([signal, this.#over.signal])
    this.#batch = new Batch(Math.min(limits.batchObjects, opened.limits.objects), limits.batchBytes)
    this.#troubleLog = new TroubleLog(log)
    const onEnd = (end: EndOfSession) => this.#finish(end)
    this.#sender = new Sender({
      ...{ receiver, clock, agent, limits, log, random, onEnd },
      ...{ epoch: opened.epoch, signal: this.#signal },
    })
  }

  /** Runs the session to its end. */
  async run(): Promise<End> {
    await this.#sayTroubled()
    for (const served of this.#cluster.served) this.#follow(served)
    await this.#beatOn()
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer)
    await Promise.all([...this.#followers.values()].map(({ done }) => done))
    await this.#flushing
    return this.#end
  }

  /** A session opens with what is served, which of a group that could not be looked at would say "not installed". */
  async #sayTroubled(): Promise<void> {
    const lines = troubleLines(this.#cluster.troubled, null)
    if (lines.length > 0) await this.#send(() => ({ at: this.#options.clock.now(), lines }))
  }

  #finish(end: End): void {
    if (this.#signal.aborted) return
    this.#end = end
    this.#over.abort()
    this.#wake.resolve()
  }

  #follow(served: ServedKind): void {
    const { limits, clock, opened, kinds, random, log, config, connections } = this.#options
    const { kind } = served
    const now = () => clock.now()
    const follower = new Follower({
      ...{ served, limits, random, now, signal: this.#signal },
      kind: kinds.of(kind),
      mirror: new Mirror(opened.source, kind),
      lineBytes: opened.limits.lineBytes,
      openKube: (signal) => reachCluster(connections, config, { source: opened.source, limits, now, signal }),
      inTurn: (work) => this.#inTurn(work),
      ready: () => this.#ready(kind),
      send: (outgoing) => this.#send(() => outgoing),
      take: (change, at) => this.#take(follower, change, at),
      onTrouble: (trouble) => {
        this.#troubleLog.note(kind, trouble)
        // What discovery said is out of date.
        if (trouble?.code === 'NotInstalled') this.#cluster = { ...this.#cluster, known: null }
        this.#wake.resolve()
      },
      onBroken: (why) => log.debug({ kind }, `a watch ended: ${why}`),
    })
    const done = follower.follow().catch((error: unknown) => {
      log.error({ err: error, kind }, `following ${kind} failed`)
      this.#finish('failed')
    })
    this.#followers.set(kind, { follower, done })
  }

  async #ready(kind: KindKey): Promise<void> {
    while (!this.#signal.aborted) {
      await this.#sender.whenUp()
      if (!this.#batch.has(kind)) return
      await this.#flush()
    }
  }

  #take({ served: { kind }, mirror }: Follower, change: Change, at: Date): boolean {
    // Nothing is hoarded while Rollcall is away: what changes then is read again afterwards.
    if (!this.#sender.isUp) return false
    const [key, line] =
      change.as === 'there' ? [change.entry.key, change.entry.line] : [change.key, goneLineOf(change.key)]
    if (!this.#batch.put(kind, key, line, at)) return false
    if (change.as === 'there') mirror.set(key, change.entry.print)
    else mirror.delete(key)
    this.#flushTimer ??= setTimeout(() => {
      this.#flushTimer = null
      void this.#flush()
    }, this.#options.limits.flushMs)
    return true
  }

  #flush(): Promise<void> {
    this.#flushing ??= this.#drain().finally(() => {
      this.#flushing = null
    })
    return this.#flushing
  }

  async #drain(): Promise<void> {
    while (!this.#batch.isEmpty && !this.#signal.aborted) {
      let kinds: readonly KindKey[] = []
      const taken = await this.#send(() => {
        const drained = this.#batch.drain((kind) => this.#followers.get(kind)?.follower.saidAt ?? null)
        kinds = drained?.kinds ?? []
        return drained
      })
      // What was refused is in the mirror all the same, which is therefore made anew.
      if (!taken) for (const kind of kinds) this.#followers.get(kind)?.follower.ask({ as: 'reading' })
    }
  }

  async #send(compose: () => Outgoing | null): Promise<boolean> {
    const sent = await this.#sender.send(compose)
    if (sent.as === 'taken') this.#heed(sent.answer)
    return sent.as === 'taken' || sent.as === 'nothing'
  }

  #heed({ rejected, want, kindsDigest }: DeliveryAnswer): void {
    const { log, opened } = this.#options
    if (kindsDigest !== opened.kindsDigest) this.#finish('otherKinds')
    const [first] = rejected
    if (first !== undefined)
      log.warn({ kind: first.kind, rejected: rejected.length }, `Rollcall rejected objects: ${first.why}`)
    for (const one of want) this.#grant(one)
  }

  #grant(want: Want): void {
    const follower = this.#followers.get(want.kind)?.follower
    if (follower === undefined) return
    switch (want.what) {
      case 'reading':
        follower.ask({ as: 'reading' })
        break
      case 'buckets':
        follower.wantsBuckets = true
        this.#wake.resolve()
        break
      case 'objects': {
        const buckets = new Set(want.buckets)
        const isLarge = follower.mirror.countIn(buckets) > this.#options.limits.repairObjects
        follower.ask(isLarge ? { as: 'reading' } : { as: 'repair', buckets })
        break
      }
      case 'object':
        void this.#rereads(() => follower.reread(want.namespace, want.name)).catch((error: unknown) =>
          this.#options.log.debug({ err: error, kind: want.kind }, 'reading one object failed'),
        )
    }
  }

  async #beatOn(): Promise<void> {
    const { limits, opened, config, random } = this.#options
    const everyMs = Math.min(
      opened.heartbeatSeconds * 1_000,
      (config.heartbeatSeconds ?? Infinity) * 1_000,
      limits.heartbeatMaxMs,
    )
    while (!this.#signal.aborted) {
      await pause(limits.heartbeatMinMs, this.#signal)
      await Promise.race([pause(everyMs * (0.8 + random() / 5), this.#signal), this.#wake.promise])
      this.#wake = Promise.withResolvers()
      if (!this.#signal.aborted) await this.#beat()
    }
  }

  /** A sign of life: what is served, where it cannot be read, and the digest of each kind that Rollcall was told in full. */
  async #beat(): Promise<void> {
    const { clock } = this.#options
    const at = clock.now()
    const trouble = await this.#probe()
    if (this.#signal.aborted) return
    if (trouble !== null && trouble.code !== this.#trouble?.code) this.#options.log.warn({}, trouble.message)
    this.#trouble = trouble
    await this.#flush()
    await this.#send(() => {
      const ofKinds = [...this.#followers].map(([kind, { follower }]) => ({ kind, trouble: follower.trouble }))
      const troubles = troubleLines([...this.#cluster.troubled, ...ofKinds], trouble)
      return { at, lines: [...this.#newsOfServer(), ...troubles, ...(trouble === null ? this.#digests() : [])] }
    })
  }

  /**
   * Null when the API server answered just now. Watches share its connection (with HTTP/2, one carries them all) and tell everything
   * before it: without that proof a silent watch may be a dead one, and what was told may be old.
   */
  async #probe(): Promise<Trouble | null> {
    const { config, limits, connections, opened, kinds, clock, log } = this.#options
    const { source } = opened
    const options = { source, limits, now: () => clock.now(), signal: this.#signal }
    const met = await meetCluster(connections, config, options)
    if (this.#signal.aborted) return null
    if (met.trouble !== undefined) {
      if (isSilence(met.trouble)) for (const { follower } of this.#followers.values()) follower.distrust()
      return met.trouble
    }
    const { kube, uid } = met.value
    if (uid !== this.#cluster.uid) {
      log.warn({}, 'another API server answers: everything is read anew')
      this.#finish('otherServer')
      return null
    }
    const cluster = await readCluster(kube, kinds, config, this.#cluster)
    if (cluster.trouble === undefined) this.#adopt(cluster.value)
    return null
  }

  /** Follows kinds that are new, or served otherwise, and none that are gone. */
  #adopt(cluster: Cluster): void {
    const troubled = new Set(cluster.troubled.map(({ kind }) => kind))
    const kept = this.#cluster.served.filter(({ kind }) => troubled.has(kind))
    const served = [...cluster.served, ...kept.filter(({ kind }) => !cluster.served.some((one) => one.kind === kind))]
    this.#cluster = { ...cluster, served }
    const byKind = new Map(served.map((one) => [one.kind, JSON.stringify(one)]))
    for (const [kind, { follower }] of this.#followers) {
      if (byKind.get(kind) === JSON.stringify(follower.served)) continue
      follower.stop()
      this.#troubleLog.forget(kind)
      this.#followers.delete(kind)
    }
    for (const one of served) if (!this.#followers.has(one.kind)) this.#follow(one)
  }

  #newsOfServer(): readonly string[] {
    const server = serverOf(this.#cluster)
    const text = JSON.stringify(server)
    if (text === this.#said) return []
    this.#said = text
    return [JSON.stringify({ type: 'server', ...server })]
  }

  #digests(): readonly string[] {
    return [...this.#followers.values()].flatMap(({ follower }) => {
      if (!follower.isSettled || this.#batch.has(follower.served.kind)) return []
      const line = follower.mirror.digest(follower.wantsBuckets)
      follower.wantsBuckets = false
      return [JSON.stringify(line)]
    })
  }
}
