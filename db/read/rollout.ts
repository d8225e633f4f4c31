import type { ClusterRollout } from '../../fleet/cluster.ts'
import { as, manyOf, type Selection, type Shape } from './shape.ts'

/** A change of version or machines under way. `id`: of the object that rolls out. */
export interface Rollout extends Omit<ClusterRollout, 'objectId'> {
  readonly id: string
}

const told = (field: string) => as(`x.said ->> '${field}'`)
const shape: Shape<keyof Rollout> = {
  id: as(`'Resource:' || (x.said ->> 'objectId')`),
  kind: told('kind'),
  // Of an ARM id its last segment.
  name: as(`substring(x.said ->> 'name' from '[^/]*$')`),
  from: told('from'),
  to: told('to'),
  startedAt: told('startedAt'),
  upToDate: as(`x.said -> 'upToDate'`),
  desired: as(`x.said -> 'desired'`),
  blockedBy: told('blockedBy'),
}

/** The rollouts of a cluster `c`, the oldest first. */
export const rolloutsOf = (below: Selection): string =>
  manyOf(shape, below, `from jsonb_array_elements(c.rollouts) with ordinality x(said, place) order by x.place`)
