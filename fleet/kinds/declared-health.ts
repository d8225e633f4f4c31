import { readConditions } from '../condition.ts'
import { readAso } from '../families/aso.ts'
import { readCapi } from '../families/capi.ts'
import { readFlux } from '../families/flux.ts'
import { genericPrimaries, genericRow, readGeneric } from '../families/generic.ts'
import type { Rung } from '../health.ts'
import { find, isFresh, type Row, readingOf, rungOf, type View, viewOf } from '../ladder.ts'
import type { Condition } from '../observation.ts'
import type { KindReading, KubeObject } from './kind.ts'

/** By whose manner a declared kind's conditions are judged (domain.md 3.4). */
export const declaredFamilies = ['generic', 'capi', 'flux', 'aso'] as const

export const declaredStatuses = ['True', 'False', 'Unknown', 'Absent'] as const

/** The states a declared rung may answer; the others are seen without its help. */
export const declaredStates = ['Healthy', 'Progressing', 'Degraded', 'Failed', 'Unknown'] as const

/** One rung of a declared ladder: what a condition's status, or its absence, means. */
export interface DeclaredRung {
  readonly condition: string
  readonly is: (typeof declaredStatuses)[number]
  readonly means: (typeof declaredStates)[number]
  /** Null: the condition's own. */
  readonly reason: string | null
}

/** How a declared kind's health is judged. */
export type DeclaredHealth =
  /** `primary`: the condition that decides where nothing else does; null: the family's. */
  | { readonly by: 'family'; readonly family: (typeof declaredFamilies)[number]; readonly primary: string | null }
  /** The first rung that holds answers. Where none does: the primary condition, else nobody knows. */
  | { readonly by: 'ladder'; readonly ladder: readonly DeclaredRung[]; readonly primary: string | null }

/** A reading, and the condition that decided it; null where no condition did. */
export interface DeclaredReading extends KindReading {
  readonly decided: Condition | null
}

/** Judges one object's conditions as declared. */
export function readHealth(health: DeclaredHealth, object: KubeObject): DeclaredReading {
  if (health.by === 'ladder') return readLadder(object, health.ladder, health.primary)
  const read = readFamily(health, object)
  return { ...read, decided: primaryOf(read, health.primary) }
}

/** The condition by which a family judges: the declared one, else the first that there is of those that are judged by. */
export function primaryOf({ conditions }: KindReading, declared: string | null): Condition | null {
  const judged = conditions.filter(({ legacy }) => !legacy)
  const types = declared === null ? genericPrimaries : [declared]
  return types.map((type) => find(judged, type)).find((condition) => condition !== undefined) ?? null
}

function readFamily(health: DeclaredHealth & { readonly by: 'family' }, object: KubeObject): KindReading {
  const { primary } = health
  switch (health.family) {
    case 'capi':
      return readCapi(object, { primary: primary ?? 'Ready', legacyPrimary: primary ?? 'Ready', facts: () => ({}) })
    case 'flux':
      return readFlux(object, { facts: () => ({}) })
    case 'aso':
      return readAso(object, {})
    case 'generic': {
      if (primary === null) return readGeneric(object)
      const view = viewOf(object, readConditions(object), primary)
      return readingBy(view, genericRow(view))
    }
  }
}

const readingBy = (view: View, row: Row): KindReading => ({
  reading: readingOf(view, row),
  conditions: view.sets.shown,
  facts: {},
  observedGeneration: view.observed,
  rejected: view.sets.rejected,
})

function readLadder(object: KubeObject, ladder: readonly DeclaredRung[], primary: string | null): DeclaredReading {
  const view = viewOf(object, readConditions(object), primary ?? [])
  const { rung, condition, outdated } = holding(view, ladder)
  const by = (decided: Condition | undefined, row: Partial<Row>): DeclaredReading => ({
    ...readingBy(decided ? { ...view, primary: decided } : view, { problems: [], changes: [], ...row }),
    decided: decided ?? null,
  })
  // Trouble before the last change, and nothing since: its controller has not looked yet (domain.md 3.3, rule 6).
  if (!rung) return by(view.primary ?? outdated, {})
  const answer = answerOf(rung, condition)
  // What decides must speak of the present generation, else the answer is that its controller has not looked yet.
  return by(condition, isTrouble(rung) ? { problems: [answer] } : { changes: [answer] })
}

interface Holding {
  readonly rung?: DeclaredRung
  readonly condition?: Condition | undefined
  /** The first condition that found trouble in an older generation. */
  readonly outdated?: Condition | undefined
}

/** The first rung that holds. One that finds trouble needs a condition of the present generation (domain.md 3.3, rules 4 and 5). */
function holding(view: View, ladder: readonly DeclaredRung[]): Holding {
  let outdated: Condition | undefined
  for (const rung of ladder) {
    const condition = find(view.sets.judged, rung.condition)
    if ((condition?.status ?? 'Absent') !== rung.is) continue
    if (!condition || !isTrouble(rung) || isFresh(view, condition)) return { rung, condition }
    outdated ??= condition
  }
  return { outdated }
}

const isTrouble = ({ means }: DeclaredRung): boolean => means === 'Failed' || means === 'Degraded'

function answerOf({ condition: type, means, reason }: DeclaredRung, condition: Condition | undefined): Rung {
  if (condition) return rungOf(means, condition, reason === null ? undefined : { reason })
  return { state: means, reason: reason ?? `${type}NotReported`, message: `condition ${type} is not reported` }
}
