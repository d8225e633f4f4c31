import type { DriftCode } from '../drift/code.ts'
import type { OwnDifference } from '../drift/difference.ts'
import type { Condition } from '../observation.ts'

/** A difference that a condition shows: the status it should have, the one it has, and what it says of it. */
export function conditionDrift(code: DriftCode, condition: Condition, over?: Partial<OwnDifference>): OwnDifference {
  const { type, status, reason, message, lastTransitionAt } = condition
  const told = [reason, message].filter((part) => part !== null).join(': ')
  return {
    code,
    field: `status.conditions[${type}]`,
    expected: status === 'True' ? 'False' : 'True',
    actual: status,
    ...(lastTransitionAt === null ? {} : { since: lastTransitionAt }),
    ...(told === '' ? {} : { message: told }),
    ...over,
  }
}
