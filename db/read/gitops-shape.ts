import { conditionsOf } from './condition.ts'
import { judgedShape } from './freshness.ts'
import type { GitOpsObject } from './gitops-noun.ts'
import type { PauseView } from './noun.ts'
import { as, clock, objectOf, type Shape } from './shape.ts'
import { sourceOf } from './source-shape.ts'

// What applies something from Git, of its own row `y` (db/drift-tables.ts) and of its object `o`.

/** Seconds since its source first offered what it has not applied; 0 of what is not behind. Null where nobody can tell. */
export const lagOf = `case when y.behind is false then 0 when y.behind and y.behind_since is not null
  then greatest(0, floor(extract(epoch from ${clock} - y.behind_since)))::int end`

const pauseShape: Shape<keyof PauseView> = {
  field: as(`coalesce(y.pause ->> 'field', '')`),
  since: as(`coalesce(y.pause ->> 'since', to_json(o.paused_since) #>> '{}')`),
  actor: as(`y.pause ->> 'actor'`),
  reason: as(`y.pause ->> 'reason'`),
}

/** A GitOps object by itself; its edges are in db/read/graph.ts. */
export const gitopsFields: Shape<Exclude<keyof GitOpsObject, 'cluster' | 'resource' | 'appliesFrom' | 'drift'>> = {
  ...judgedShape('o'),
  id: as(`'GitOpsObject:' || y.id`),
  tool: as('y.tool'),
  kind: as(`split_part(y.kind, '/', 2)`),
  namespace: as('y.namespace'),
  name: as('y.name'),
  app: as('y.app'),
  source: (below) => sourceOf('y.source_id', below),
  ready: as('y.ready'),
  reason: as('y.reason'),
  message: as('y.message'),
  suspended: as('y.suspended'),
  pause: (below) => `case when y.pause is not null then ${objectOf(pauseShape, below)} end`,
  expectedRevision: as('y.expected_revision'),
  expectedAt: as('y.expected_at'),
  attemptedRevision: as('y.attempted_revision'),
  appliedRevision: as('y.applied_revision'),
  appliedAt: as('y.applied_at'),
  behind: as('y.behind'),
  lagSeconds: as(lagOf),
  interval: as('round(y.interval_ms / 1000.0)::int'),
  repository: as('y.repository'),
  path: as('y.path'),
  chart: as('y.chart'),
  version: as('y.version'),
  conditions: (below) => conditionsOf('o.id', below),
}
