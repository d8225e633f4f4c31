import type { Condition } from '../../fleet/observation.ts'
import { as, manyOf, type Selection, type Shape } from './shape.ts'

const shape: Shape<keyof Condition> = {
  type: as('k.type'),
  status: as('k.status'),
  reason: as('k.reason'),
  message: as('k.message'),
  severity: as('k.severity'),
  observedGeneration: as('k.observed_generation'),
  lastTransitionAt: as('k.last_transition_at'),
  legacy: as('k.legacy'),
}

/** Conditions of one object, in the object's own order. `object` is the SQL of its id. */
export const conditionsOf = (object: string, below: Selection): string =>
  manyOf(shape, below, `from condition k where k.object_id = ${object} order by k.position, k.legacy`)
