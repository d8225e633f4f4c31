import { kindOf } from '../../../fleet/kinds/registry.ts'
import { normalise } from '../../../fleet/normalise.ts'
import type { Facts } from '../../../fleet/observation.ts'
import type { KindKey } from '../../../fleet/reference.ts'

/** What the kind reads from a snippet of the second generation, called `a` in the namespace `team`. */
export function factsOf(key: KindKey, { metadata = {}, ...wire }: Snippet): Facts {
  const named = { name: 'a', namespace: 'team', generation: 2, ...metadata }
  const { observation } = normalise('weu', { ...wire, metadata: named }, kindOf(key))
  if (!observation) throw new Error(`${key} was not read`)
  return observation.facts
}

/** A wire object without its name. */
export interface Snippet {
  readonly metadata?: object
  readonly [field: string]: unknown
}

/** The codes of the differences that an object shows by itself. */
export const codesOf = ({ drift = [] }: Facts): readonly string[] => drift.map(({ code }) => code)

/** A metav1 condition of the second generation, since 10:00. */
export const condition = (type: string, status: 'True' | 'False' | 'Unknown', reason = type, more: object = {}) => ({
  type,
  status,
  reason,
  message: '',
  observedGeneration: 2,
  lastTransitionTime: '2026-06-01T10:00:00Z',
  ...more,
})
