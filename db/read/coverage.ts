import { type SQL, sql } from 'drizzle-orm'
import type { FreshnessState, Viewer } from '../../fleet/source.ts'
import { readingStateOf, sourceStateOf } from './freshness.ts'
import { visibleTo } from './scope.ts'
import { as, objectOf, type Selection } from './shape.ts'

/** Which sources an answer rests on. `complete` is false as soon as one of them is not fresh. */
export interface Coverage {
  readonly expectedSources: number
  readonly reportingSources: number
  /** Every expected source that is not fresh, whatever the reason; `state` tells which. */
  readonly staleSources: readonly {
    readonly id: string
    readonly name: string
    readonly state: FreshnessState
    readonly lastSuccessAt: string | null
  }[]
  readonly complete: boolean
}

/** Where the answer can come from: sources that hold the noun's kind, narrowed by what the filter says of sources. */
export interface Ground {
  /** SQL text of the kind that a source must have read, e.g. `'cluster.x-k8s.io/Cluster'`; null when any reading will do. */
  readonly kind: string | null
  /** A condition over `s`. */
  readonly among: SQL
}

/** Coverage as one JSON value of the statement it belongs to. Sources taken out of the fleet file are no longer expected. */
export function coverageSql(viewer: Viewer, ground: Ground, now: SQL, selection: Selection): SQL {
  const state = ground.kind === null ? sourceStateOf(now) : readingStateOf(now)
  const reading =
    ground.kind === null ? sql`` : sql`left join reading r on r.source_id = s.id and r.kind = ${sql.raw(ground.kind)}`
  const last = ground.kind === null ? sql`s.last_success_at` : sql`r.last_success_at`
  const missing = `(state <> 'FRESH')`
  const staleShape = {
    id: as(`'Source:' || id`),
    name: as('id'),
    state: as('state'),
    lastSuccessAt: as('last_success_at'),
  }
  const coverage = objectOf(
    {
      expectedSources: as('count(*)'),
      reportingSources: as(`count(*) filter (where not ${missing})`),
      staleSources: (below) =>
        sql`coalesce(json_agg(${objectOf(staleShape, below)} order by id) filter (where ${sql.raw(missing)}), '[]'::json)`,
      complete: as(`count(*) filter (where ${missing}) = 0`),
    },
    selection,
  )
  return sql`(select ${coverage} from (
    select s.id, ${state} as state, ${last} as last_success_at from source s ${reading}
    where s.removed_at is null and ${ground.among} and ${visibleTo(viewer, 's')}) s)`
}
