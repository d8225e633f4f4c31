import { type SQL, sql } from 'drizzle-orm'
import { FleetError } from '../../fleet/error.ts'
import type { Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { type Coverage, coverageSql, type Ground, refuseUnknown, unknownSourceSql } from './coverage.ts'
import { all } from './filter.ts'
import { noCoverage } from './page.ts'
import type { Selection } from './shape.ts'
import { readJson } from './statement.ts'

/** The most buckets in one answer. */
export const bucketsMax = 1000
const dimensionsMax = 5

/** What rows of one noun are counted by. */
export interface Aggregation<D extends string> {
  /** SQL text of each dimension. */
  readonly dimensions: Readonly<Record<D, string>>
  /** As of a list of the noun. */
  readonly from: (asked: Selection) => string
  readonly where: readonly SQL[]
  readonly ground: Ground
  /** `count(*)::int as count, …`, told what is selected of a count. */
  readonly counts: (asked: Selection) => SQL
}

/** What an aggregate is asked for. */
export interface AggregateAsk<D extends string> {
  readonly groupBy: readonly D[]
  readonly first?: number | null | undefined
  readonly selection: Selection
  readonly now: Date
}

/** Rows counted as a whole (`whole`) and by dimensions; `C` is what `counts` counts. */
export interface Counted<D extends string, C> {
  readonly whole: C
  /** The largest first, each with its dimensions in the order asked; null where the row does not say. */
  readonly buckets: readonly (C & {
    readonly keys: readonly { readonly dimension: D; readonly value: string | null }[]
  })[]
  readonly truncated: boolean
  readonly coverage: Coverage
}

interface Answer<C> {
  readonly whole: C
  readonly buckets?: readonly (C & { readonly keys: readonly (string | null)[] })[]
  readonly coverage?: Coverage
  readonly unknownSource?: string | null
}

/** Counts rows in one statement, whatever is selected. Throws `invalid` for too many dimensions. */
export async function readAggregate<D extends string, C extends object>(
  db: Db,
  viewer: Viewer,
  aggregation: Aggregation<D>,
  ask: AggregateAsk<D>,
): Promise<Counted<D, C>> {
  const groupBy = [...new Set(ask.groupBy)]
  const first = ask.first ?? bucketsMax
  if (groupBy.length > dimensionsMax)
    throw new FleetError('invalid', `At most ${dimensionsMax} dimensions at once; ${groupBy.length} are asked.`)
  if (first < 0 || first > bucketsMax)
    throw new FleetError('invalid', `"first" is ${first}; 0 to ${bucketsMax} buckets.`)
  const statement = statementOf(viewer, aggregation, { ...ask, groupBy, first: first + 1 })
  const answer = await readJson<Answer<C>>(db, ask.now, statement)
  refuseUnknown(answer)
  const buckets = answer.buckets ?? []
  return {
    whole: answer.whole,
    buckets: buckets.slice(0, first).map(({ keys, ...counted }) => ({
      // What is left of a bucket without its keys.
      ...(counted as unknown as C),
      keys: groupBy.map((dimension, at) => ({ dimension, value: keys[at] ?? null })),
    })),
    truncated: buckets.length > first,
    coverage: answer.coverage ?? noCoverage,
  }
}

function statementOf<D extends string>(
  viewer: Viewer,
  { dimensions, from, where, ground, counts }: Aggregation<D>,
  { groupBy, first, selection }: AggregateAsk<D> & { readonly first: number },
): SQL {
  const { buckets, truncated, coverage, ...whole } = selection
  const parts: SQL[] = [
    sql`'whole', (select to_json(t) from (select ${counts(whole)} from ${sql.raw(from(whole))} where ${all(where)}) t)`,
    ...unknownSourceSql(viewer, ground),
  ]
  if (buckets || truncated) {
    const keys = groupBy.map((dimension) => sql.raw(`(${dimensions[dimension]})::text`))
    const asked = { ...buckets, ...Object.fromEntries(groupBy.map((dimension) => [dimension, {}])) }
    const grouped = sql`select json_build_array(${sql.join(keys, sql`, `)}) as keys, ${counts(buckets ?? {})}
      from ${sql.raw(from(asked))} where ${all(where)} ${keys.length === 0 ? sql`` : sql`group by ${sql.join(keys, sql`, `)}`}
      order by ${sql.join([sql`count(*) desc`, ...keys], sql`, `)} limit ${first}`
    parts.push(sql`'buckets', (select coalesce(json_agg(t), '[]'::json) from (${grouped}) t)`)
  }
  if (coverage) parts.push(sql`'coverage', ${coverageSql(viewer, ground, coverage)}`)
  return sql`json_build_object(${sql.join(parts, sql`, `)})`
}
