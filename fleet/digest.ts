import type { Reading, Until } from './health.ts'
import type { Condition, Observation } from './observation.ts'

/** What a digest speaks for: all of an observation that is worth a write when it changes. */
type Digested = Omit<Observation, 'digest' | 'resourceVersion' | 'changedAt'>

/**
 * An observation as one text: equal texts exactly for equal observations. The parts of fixed shape are written as values
 * without their names, and lists with their length before them, which costs half as much as to write them as objects.
 * `id` stands for the reference and the kind that it is derived from.
 */
export function serialise(seen: Digested): string {
  const { labels, owner, conditions } = seen
  const values: unknown[] = [
    seen.id,
    seen.apiVersion,
    seen.uid,
    seen.generation,
    seen.observedGeneration,
    seen.createdAt,
    seen.deletingSince,
    owner === null ? null : owner.namespace,
    owner === null ? null : owner.name,
    seen.parentId,
    seen.facts,
    labels,
  ]
  pushReading(values, seen.reading)
  values.push(conditions.length)
  for (const condition of conditions) pushCondition(values, condition)
  return JSON.stringify(values)
}

function pushCondition(values: unknown[], condition: Condition): void {
  values.push(
    condition.type,
    condition.status,
    condition.reason,
    condition.message,
    condition.severity,
    condition.observedGeneration,
    condition.lastTransitionAt,
    condition.legacy ? 1 : 0,
  )
}

function pushReading(values: unknown[], { suspended, rungs, flags, short }: Reading): void {
  values.push(suspended ?? null, short ? 1 : 0, flags.length === 0 ? 0 : flags, rungs.length)
  for (const rung of rungs) {
    const { state, reason, message, since } = rung
    values.push(
      state,
      reason,
      message ?? null,
      since ?? null,
      rung.flags ?? null,
      instantOf(rung.from),
      instantOf(rung.until),
    )
  }
}

const instantOf = (until: Until | undefined): unknown => until ?? null
