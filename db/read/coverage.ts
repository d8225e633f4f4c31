import { type SQL, sql } from 'drizzle-orm'
import type { FreshnessState, Viewer } from '../../fleet/source.ts'
import { readingState, sourceState } from './freshness.ts'
import { visibleTo } from './scope.ts'
import { as, objectOf, type Selection, type Shape } from './shape.ts'

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
export function coverageSql(viewer: Viewer, { kind, among }: Ground, selection: Selection): SQL {
  const state = kind === null ? sourceState : readingState
  const reading = kind === null ? '' : `left join reading r on r.source_id = s.id and r.kind = ${kind}`
  const last = kind === null ? 's.last_success_at' : 'r.last_success_at'
  return sql`(select ${sql.raw(objectOf(coverageShape, selection))} from (
    select s.id, ${sql.raw(state)} as state, ${sql.raw(last)} as last_success_at from source s ${sql.raw(reading)}
    where s.removed_at is null and ${among} and ${visibleTo(viewer, 's')}) s)`
}

const missing = `(state <> 'FRESH')`
const staleShape: Shape<keyof Coverage['staleSources'][number]> = {
  id: as(`'Source:' || id`),
  name: as('id'),
  state: as('state'),
  lastSuccessAt: as('last_success_at'),
}
const coverageShape: Shape<keyof Coverage> = {
  expectedSources: as('count(*)'),
  reportingSources: as(`count(*) filter (where not ${missing})`),
  staleSources: (below) =>
    `coalesce(json_agg(${objectOf(staleShape, below)} order by id) filter (where ${missing}), '[]'::json)`,
  complete: as(`count(*) filter (where ${missing}) = 0`),
}
