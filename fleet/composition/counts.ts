import type { Counts } from '../cluster.ts'
import type { Facts, Replicas } from '../observation.ts'

/** Counters as columns: null is "not reported". */
export function countsOf(replicas: Replicas | undefined): Counts {
  return {
    desired: replicas?.desired ?? null,
    current: replicas?.current ?? null,
    ready: replicas?.ready ?? null,
    available: replicas?.available ?? null,
    upToDate: replicas?.upToDate ?? null,
  }
}

const counters = ['desired', 'current', 'ready', 'available', 'upToDate'] as const

/** Each counter over all that report it; null where none does. */
export function sumOf(all: readonly Counts[]): Counts {
  const sums = { ...countsOf(undefined) } as { -readonly [K in keyof Counts]: Counts[K] } // a fresh copy may be written
  for (const counts of all) {
    for (const counter of counters) {
      const value = counts[counter]
      if (value !== null) sums[counter] = (sums[counter] ?? 0) + value
    }
  }
  return sums
}

/** The workers that a Cluster object counts itself. */
export function workersOnCluster(more: Facts['more']): Replicas {
  const replicas: { -readonly [K in keyof Replicas]: Replicas[K] } = {}
  for (const counter of counters) {
    const value = more?.[`workers${counter.charAt(0).toUpperCase()}${counter.slice(1)}`]
    if (typeof value === 'number') replicas[counter] = value
  }
  return replicas
}
