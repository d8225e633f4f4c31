import { timeOf } from './api/write.ts'

interface Moments {
  /** The generation the controller has seen. */
  readonly observed: number
  /** When conditions of an object nobody wrote before moved. */
  readonly first: Date
  readonly now: Date
  /** Flux dates a condition anew whenever its reason or message change, too. */
  readonly byMessage?: boolean
}

/**
 * Fills in what a controller would: `observedGeneration` of 0, and `lastTransitionTime` of '' with the time the condition
 * last moved. The new conditions move with their status alone, the others with reason, message and severity as well.
 */
export function settledStatus(status: unknown, before: unknown, moments: Moments): unknown {
  if (Array.isArray(status)) return status.map((item) => settledStatus(item, sameType(item, before), moments))
  if (typeof status !== 'object' || status === null) return status
  const settled: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(status)) {
    const old = field(before, key)
    if (key === 'observedGeneration' && value === 0) settled[key] = moments.observed
    else if (key === 'lastTransitionTime' && value === '') settled[key] = transitionOf(status, before, moments)
    else settled[key] = settledStatus(value, old, moments)
  }
  return settled
}

function transitionOf(condition: object, before: unknown, { first, now, byMessage = false }: Moments): string {
  if (typeof before !== 'object' || before === null) return timeOf(first)
  const compared =
    !byMessage && 'observedGeneration' in condition && !('severity' in condition)
      ? ['status']
      : ['status', 'severity', 'reason', 'message']
  const moved = compared.some((key) => field(condition, key) !== field(before, key))
  return moved ? timeOf(now) : String(field(before, 'lastTransitionTime'))
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([name]) => name === key)?.[1]
}

/** Conditions are one per type. */
function sameType(item: unknown, list: unknown): unknown {
  const type = field(item, 'type')
  if (type === undefined || !Array.isArray(list)) return undefined
  return list.find((other) => field(other, 'type') === type)
}
