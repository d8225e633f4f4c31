import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Store } from '../../db/client.ts'
import { judge } from '../../db/judge.ts'
import { maintainStore } from '../../db/maintain.ts'
import { settle } from '../../db/settle.ts'
import type { Conventions } from '../../fleet/convention.ts'

/** Of one run: what is left waits for the next, or for the tick. */
const limit = 1000
/** After a run, at least and at most; between them so many times what it took. It holds up deliveries of the same sources meanwhile. */
const pause = { leastMs: 200, mostMs: 10_000, times: 3 }

export interface Derivation {
  /** Facts have changed: what follows from them is brought up soon, once for all that ask meanwhile. Never fails. */
  ask(): void
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
}

/**
 * Brings clusters and verdicts up to what was delivered, beside the deliveries: their senders wait for the disk, not for this. It is
 * bounded, and what a process loses of it at its end the tick makes up for.
 */
export function openDerivation(
  { store, now, log }: { readonly store: Store; readonly now: () => Date; readonly log: Pick<Logger, 'warn'> },
  conventions: Conventions,
): Derivation {
  let running: Promise<void> | null = null
  let asked = false
  const derive = async () => {
    await settle(store.db, now(), { conventions, limit })
    await judge(store.db, now(), { limit })
    await maintainStore(store)
  }
  const run = async () => {
    while (asked) {
      asked = false
      const began = performance.now()
      await derive().catch((err: unknown) =>
        log.warn({ err }, 'what was delivered is stored, and not yet settled; the next minute does it'),
      )
      const tookMs = performance.now() - began
      await setTimeout(Math.min(pause.mostMs, Math.max(pause.leastMs, pause.times * tookMs)))
    }
    running = null
  }
  const ask = (): void => {
    asked = true
    running ??= run()
  }
  return { ask, idle: async () => running ?? undefined }
}
