import { setTimeout } from 'node:timers/promises'

/** Waits; false when `signal` ended it. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await setTimeout(ms, undefined, { signal })
    return true
  } catch {
    return false // It rejects for nothing else.
  }
}

/** The pause before attempt `n` (1, 2, …) in ms: twice as long each time, and between half and all of that, so that agents of a fleet do not come back in step. */
export function backoffMs(n: number, firstMs: number, maxMs: number, random: () => number): number {
  const whole = Math.min(maxMs, firstMs * 2 ** Math.min(n - 1, 30))
  return whole * (0.5 + random() / 2)
}
