import { type Fleet, parseFleet } from '../../fleet/configuration.ts'
import { type Kinds, kindsOf } from '../../fleet/kinds/declared.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { widgets } from './cluster.ts'

/** What a fleet file declares, and what is then read of what a cluster has. */
export interface Declared {
  readonly fleet: Fleet
  readonly kinds: Kinds
  readonly readyOf: (kind: KindKey, ready: number) => number
}

function declared(ready: string, readyOf: Declared['readyOf']): Declared {
  const fleet = parseFleet({ kinds: [{ group: 'example.org', kind: 'Widget', replicas: { ready } }] })
  return { fleet, kinds: kindsOf(fleet.kinds), readyOf }
}

/** Two fleet files in turn: each reads another field of the kind that both declare. */
export const declarations: readonly [Declared, Declared] = [
  declared('.status.readyReplicas', (_, ready) => ready),
  declared('.status.spareReplicas', (kind, ready) => (kind === widgets ? ready + 10 : ready)),
]
