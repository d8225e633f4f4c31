import type { Rung } from '../health.ts'
import { has, isFresh, reasonOf, rungOf, type View } from '../ladder.ts'
import type { Condition } from '../observation.ts'
import { isRecord, list, text } from '../wire.ts'

/** One condition that a summary is made of. `!` before the type: True is the abnormal status. */
export type Input = string

/** The inputs of a summary that are not met, in the order in which the summary lists them. */
export function unmetInputs(view: View, inputs: readonly Input[]): readonly Condition[] {
  const unmet: Condition[] = []
  for (const input of inputs) {
    const condition = input.startsWith('!') ? has(view, input.slice(1), 'True') : has(view, input, 'False')
    if (condition) unmet.push(condition)
  }
  return unmet
}

/** The user's own gates (`spec.availabilityGates`, `spec.readinessGates`), with the polarity they declare (domain.md 3.2). */
export function gatesOf(value: unknown): readonly Input[] {
  const gates: Input[] = []
  for (const gate of list(value)) {
    const type = isRecord(gate) ? text(gate.conditionType) : undefined
    if (type !== undefined && isRecord(gate)) gates.push(gate.polarity === 'Negative' ? `!${type}` : type)
  }
  return gates
}

/** A False summary gives the reason of its first unmet input; its own message already names them all (domain.md 3.3). */
export function summaryRung(summary: Condition, unmet: readonly Condition[], over?: Partial<Rung>): Rung {
  const first = unmet[0]
  if (!first) return rungOf('Degraded', summary, over)
  const message = summary.message ?? first.message
  return rungOf('Degraded', summary, {
    reason: reasonOf(first),
    ...(message === null ? undefined : { message }),
    ...over,
  })
}

/** The primary as a False that speaks of the present generation. */
export function freshlyUnmet(view: View): Condition | undefined {
  const { primary } = view
  return primary?.status === 'False' && isFresh(view, primary) ? primary : undefined
}

/** The conditions, in this order, that say a change is under way. */
export function changesBy(view: View, types: readonly string[]): readonly (Rung | undefined)[] {
  return types.map((type) => {
    const condition = has(view, type, 'True')
    return condition && rungOf('Progressing', condition)
  })
}
