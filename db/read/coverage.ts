import { type SQL, sql } from 'drizzle-orm'
import { FleetError } from '../../fleet/error.ts'
import type { FreshnessState, Viewer } from '../../fleet/source.ts'
import { composedState, composedSuccess, readingState, sourceState } from './freshness.ts'
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
  /** A condition over `reading r`: the kinds the answer rests on; null when it rests on the source as a whole. */
  readonly kinds: SQL | null
  /** True of nouns that are composed from what was observed: they come a little later. */
  readonly composed: boolean
  /** A condition over `s`. */
  readonly among: SQL
  /** The sources that the filter names; one that does not exist is refused. */
  readonly named: readonly string[]
}

/** A part of a statement's answer: the first of the named sources that does not exist. None where none is named. */
export const unknownSourceSql = (viewer: Viewer, { named }: Ground): readonly SQL[] =>
  named.length === 0
    ? []
    : [
        sql`'unknownSource', (select n from unnest(${sql.param(named)}::text[]) n
          where not exists (select from source s where s.id = n and ${visibleTo(viewer, 's')}) limit 1)`,
      ]

/** Throws `invalid` for a source that does not exist: nothing of it is not "nothing, and that is complete". */
export function refuseUnknown({ unknownSource }: { readonly unknownSource?: string | null }): void {
  if (unknownSource != null) {
    throw new FleetError('invalid', `There is no source "${unknownSource}"; ask "sources" for their names.`)
  }
}

/** Coverage as one JSON value of the statement it belongs to. Sources taken out of the fleet file are no longer expected. */
export function coverageSql(viewer: Viewer, { kinds, composed, among }: Ground, selection: Selection): SQL {
  const [state, success] = composed ? [composedState, composedSuccess] : [readingState, 'r.last_success_at']
  const readings = sql`select count(*) as kinds, min(x.state) filter (where x.state <> 'FRESH') as state, min(x.last_success_at) as last_success_at
    from (select ${sql.raw(state)} as state, ${sql.raw(success)} as last_success_at from reading r where r.source_id = s.id and ${kinds ?? sql`false`}) x`
  // A source that serves none of the kinds has nothing to add: then it counts by itself.
  return sql`(select ${sql.raw(objectOf(coverageShape, selection))} from (
    select s.id, case when r.kinds = 0 then ${sql.raw(sourceState)} else coalesce(r.state, 'FRESH') end as state,
      case when r.kinds = 0 then s.last_success_at else r.last_success_at end as last_success_at
    from source s cross join lateral (${readings}) r
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
