import { sql } from 'drizzle-orm'
import { FleetError } from '../../fleet/error.ts'
import { type PromotionStage, promotionOf, type StageRuns } from '../../fleet/promotion.ts'
import type { Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { type Coverage, coverageSql, refuseUnknown, unknownSourceSql } from './coverage.ts'
import { placeOf, questionOf } from './cursor.ts'
import { refuseNul } from './filter.ts'
import type { Page } from './page.ts'
import { componentName, componentOf, groundOf, pageOf, type RunningAsk, runningSql, sizeOf } from './running.ts'
import type { Selection } from './shape.ts'
import { readJson } from './statement.ts'

/** An app on its way through the stages. */
export interface Promotion {
  readonly app: string
  readonly kind: string | null
  readonly repository: string | null
  readonly chart: string | null
  readonly stages: readonly PromotionStage[]
}

export interface PromotionAsk extends RunningAsk {
  readonly app?: string | null | undefined
  /** These, in this order; as `placesOf` has them when nothing is said. */
  readonly stages?: readonly string[] | null | undefined
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly selection: Selection
  readonly now: Date
}

/** More than any fleet has. */
const stagesMax = 50

interface Row {
  readonly key: string
  readonly id: string
  readonly stages: readonly StageRuns[]
}
interface Answer {
  readonly rows: readonly Row[]
  readonly total?: number
  readonly coverage?: Coverage
  readonly unknownSource?: string | null
}

/** Which revision of each app each stage runs, an app at a time, in one statement. Throws `invalid` for what cannot be meant. */
export async function readPromotions(db: Db, viewer: Viewer, ask: PromotionAsk): Promise<Page<Promotion>> {
  const { by, filter, app, after, selection } = ask
  const stages = ask.stages ? [...new Set(ask.stages)] : null
  if ((stages?.length ?? 0) > stagesMax) throw new FleetError('invalid', `"stages" takes at most ${stagesMax}.`)
  refuseNul('app', app)
  refuseNul('stages', stages)
  const question = questionOf(['promotion', by, filter ?? null, app ?? null, stages])
  const size = sizeOf(ask.first)
  const place = after == null ? null : placeOf(question, after)
  const ground = groundOf(viewer, ask, ['app'])
  const where = app == null ? sql`true` : sql`${componentName} = ${app}`
  const isAsked = stages ? sql`g.cohort = any(${sql.param(stages)}::text[])` : sql`true`
  const parts = [
    sql`'rows', (select coalesce(json_agg(json_build_object('key', ref, 'id', ref, 'stages', stages) order by ref), '[]'::json) from (
      select ref, json_agg(json_build_object('stage', cohort, 'clusters', h.having, 'revisions', coalesce(w.revisions, '[]'::json))) as stages
      from h left join w using (cohort, ref) group by ref) t)`,
    ...unknownSourceSql(viewer, ground),
  ]
  if (selection.totalCount) parts.push(sql`'total', (select count(distinct ref)::int from g where ${isAsked})`)
  if (selection.coverage) parts.push(sql`'coverage', ${coverageSql(viewer, ground, selection.coverage)}`)
  const rest = place === null ? sql`true` : sql`g.ref > ${place.id}::text`
  const page = sql`select g.cohort, g.ref from g where ${isAsked} and g.ref in (
    select distinct g.ref from g where ${isAsked} and ${rest} order by g.ref limit ${size + 1})`
  const statement = sql`with ${runningSql(viewer, { ...ask, types: ['app'], where, page })},
    w as (select cohort, ref, json_agg(json_build_object('key', key, 'version', version, 'clusters', clusters, 'since', since)
        order by clusters desc, version) as revisions from v group by cohort, ref)
    select json_build_object(${sql.join(parts, sql`, `)})`
  const answer = await readJson<Answer>(db, ask.now, statement)
  refuseUnknown(answer)
  return pageOf({ question, size, after }, answer, (row) => {
    const { name, kind, repository, chart } = componentOf(row.id)
    return { app: name, kind, repository, chart, stages: promotionOf(by, row.stages, stages, ask.now) }
  })
}
