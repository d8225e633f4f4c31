import { clusterKind } from '../../fleet/reference.ts'
import type { PauseView } from './noun.ts'
import { livingOf } from './scope.ts'
import { as, objectOf, type Selection, type Shape } from './shape.ts'

// Objects that are switched off by their own word, and what is left alone meanwhile.

const isPaused = `o.facts ? 'pause'`

const pauseShape: Shape<keyof PauseView> = {
  field: as(`coalesce(o.facts #>> '{pause,field}', '')`),
  since: as('o.paused_since'),
  actor: as(`o.facts #>> '{pause,actor}'`),
  reason: as(`o.facts #>> '{pause,reason}'`),
}

/** Of an object `o`. */
export const pauseOf = (below: Selection): string => `case when ${isPaused} then ${objectOf(pauseShape, below)} end`

/** The columns of an object `o` that `affected` asks of `mine`. */
const mine = 'select o.id, o.source_id, o.kind, o.namespace, o.name, o.cluster_id'

/**
 * What is left alone while `mine` is switched off: of a Cluster, all its objects but what Git tools have; of another, those that it controls;
 * of a reconciler, the Cluster objects that it applies, and that of the cluster it acts on; of what is applied from, the reconcilers that do so.
 */
const affected = `select k.id from object k where k.cluster_id = mine.cluster_id and k.source_id = mine.source_id and k.id <> mine.id
      and ${livingOf('k')} and (mine.kind = '${clusterKind}' and not k.facts ? 'gitops' or k.parent_id = mine.id)
    union select d.object_id from gitops y join cluster d on d.id = y.cluster_id
      where y.id = mine.id and d.object_id is not null and ${livingOf('d')}
    union select d.object_id from gitops y join cluster d on d.source_id = y.source_id and d.managed_by ->> 'name' = mine.name
        and coalesce(d.managed_by ->> 'namespace', mine.namespace) = mine.namespace
        and coalesce(d.managed_by ->> 'kind', split_part(mine.kind, '/', 2)) = split_part(mine.kind, '/', 2)
      where y.id = mine.id and d.object_id is not null and ${livingOf('d')}
    union select y.id from gitops y where y.applies_from_id = mine.id and y.source_id = mine.source_id`

/** How many objects are left alone; null of what is not switched off. */
export const affectedCount = `case when ${isPaused} then (select count(*)::int from (${mine}) mine cross join lateral (${affected}) k) end`

/** `from` and `where` of those objects; `objects` is the SQL of where objects `o` are read. */
export const fromAffected = (objects: string): string =>
  `from (${mine} where ${isPaused}) mine cross join lateral (${affected}) k
    cross join ${objects} where o.id = k.id`
