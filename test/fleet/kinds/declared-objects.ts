import { parseFleet } from '../../../fleet/configuration.ts'
import { type Kinds, kindsOf } from '../../../fleet/kinds/declared.ts'
import { type Normalised, normalise } from '../../../fleet/normalise.ts'

// A kind that an operator declares, and objects of it.

/** The kinds of a fleet file that declares Widgets so. */
export const kindsWith = (declared: object): Kinds =>
  kindsOf(parseFleet({ kinds: [{ group: 'example.com', kind: 'Widget', ...declared }] }).kinds)

/** Reads one object by such a declaration. */
export const readBy = (declared: object, wire: unknown): Normalised =>
  normalise('weu', wire, kindsWith(declared).of('example.com/Widget'))

export const widget = (more: object = {}, metadata: object = {}): object => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  ...more,
  metadata: { name: 'w', namespace: 'team', generation: 2, creationTimestamp: '2026-05-01T00:00:00Z', ...metadata },
})

export const condition = (type: string, status: string, more: object = {}): object => ({
  type,
  status,
  reason: `${type}Is${status}`,
  observedGeneration: 2,
  lastTransitionTime: '2026-05-02T00:00:00Z',
  ...more,
})
