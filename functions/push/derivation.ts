import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Store } from '../../db/client.ts'
import { maintainStore } from '../../db/maintain.ts'
import type { Conventions } from '../../fleet/convention.ts'
import type { Kinds } from '../../fleet/kinds/declared.ts'
import { derive } from '../sources/poll.ts'

/** Of one run, about: what is left waits for the next, and deliveries come in between. */
const limit = 200
/** After a run, at least and at most; between them so many times what it took. It holds up deliveries of the same sources meanwhile. */
const pause = { leastMs: 200, mostMs: 10_000, times: 3 }

export interface Derivation {
  /** Facts have changed: what follows from them is brought up soon, once for all that ask meanwhile. Never fails. */
  ask(): void
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
  /** Begins nothing more, and resolves when nothing is under way. */
  close(): Promise<void>
}

export interface DerivationOptions {
  readonly store: Store
  readonly now: () => Date
  readonly log: Pick<Logger, 'warn'>
  readonly conventions: Conventions
  readonly kinds: Kinds
}

/**
 * Brings clusters and verdicts up to what was delivered, beside the deliveries: their senders wait for the disk, not for this. It is
 * bounded, and what a process loses of it at its end the tick makes up for.
 */
export function openDerivation({ store, now, log, conventions, kinds }: DerivationOptions): Derivation {
  /** Ends the present pause. */
  let resting = new AbortController()
  let isAwaited = false
  let isClosed = false
  let running: Promise<void> | null = null
  let asked = false
  const bringUp = async () => {
    if ((await derive({ db: store.db, now, conventions, kinds }, limit)) > 0) asked = true
    await maintainStore(store)
  }
  const rest = async (tookMs: number) => {
    if (isAwaited || isClosed) return
    resting = new AbortController()
    const waitMs = Math.min(pause.mostMs, Math.max(pause.leastMs, pause.times * tookMs))
    await setTimeout(waitMs, undefined, { signal: resting.signal }).catch(() => undefined)
  }
  const run = async () => {
    while (asked && !isClosed) {
      asked = false
      const began = performance.now()
      await bringUp().catch((err: unknown) =>
        log.warn({ err }, 'what was delivered is stored, and not yet settled; the next minute does it'),
      )
      await rest(performance.now() - began)
    }
    running = null
  }
  const ask = (): void => {
    asked = true
    running ??= run()
  }
  const idle = async () => {
    isAwaited = true
    resting.abort()
    await running
    isAwaited = false
  }
  const close = async () => {
    isClosed = true
    await idle()
  }
  return { ask, idle, close }
}
