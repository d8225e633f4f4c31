import { type SQL, sql } from 'drizzle-orm'
import {
  type ComponentType,
  componentTypes,
  type Norm,
  normOf,
  type Run,
  type Straggler,
  stragglerOf,
  type Variant,
} from '../../fleet/outlier.ts'
import type { Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { readClustersById } from './cluster.ts'
import { type Coverage, coverageSql, refuseUnknown, unknownSourceSql } from './coverage.ts'
import { placeOf, questionOf } from './cursor.ts'
import { all, compares, type Operators, refuseNul } from './filter.ts'
import type { Cluster } from './noun.ts'
import type { Page } from './page.ts'
import {
  type ComponentKey,
  componentName,
  componentOf,
  groundOf,
  pageOf,
  type RunningAsk,
  runningSql,
  sizeOf,
} from './running.ts'
import type { Selection } from './shape.ts'
import { readJson } from './statement.ts'

/** One that most of its cohort disagree with. */
export interface Deviant extends Straggler {
  readonly cluster: Cluster
}

/** What a cohort runs of a component, and who runs something else. */
export interface Outlier {
  readonly cohort: string
  readonly component: ComponentKey
  /** As most clusters have it; null where none is the most frequent. */
  readonly mode: string | null
  readonly modeClusters: number
  readonly modeSince: string | null
  readonly share: number | null
  readonly tied: boolean
  /** Clusters of which a version is known; with the two below it makes the cohort. */
  readonly size: number
  readonly unknown: number
  readonly without: number
  /** The most frequent first, the first `variantsShown`. */
  readonly versions: readonly Omit<Variant, 'key'>[]
  readonly deviantCount: number
  /** By the name of the cluster, the first `deviantsShown`. */
  readonly deviants: readonly Deviant[]
}

export interface OutlierAsk extends RunningAsk {
  /** All of them when nothing is said. */
  readonly types?: readonly ComponentType[] | null | undefined
  readonly component?: Operators<string> | null | undefined
  /** True: only where clusters differ. False: only where they agree. */
  readonly deviating?: boolean | null | undefined
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly selection: Selection
  readonly now: Date
}

export const variantsShown = 50
export const deviantsShown = 50

interface Row {
  readonly key: string
  readonly id: string
  readonly size: number
  readonly having: number
  readonly clusters: number
  readonly variants: readonly Variant[]
  readonly others: readonly { readonly id: string; readonly runs: readonly Run[] }[]
}
interface Answer {
  readonly rows: readonly Row[]
  readonly total?: number
  readonly coverage?: Coverage
  readonly unknownSource?: string | null
}

/**
 * Compares the clusters of each cohort component by component: one statement, and one more for fields of the clusters that deviate.
 * Throws `invalid` for a size, cursor or filter that means nothing.
 */
export async function readOutliers(db: Db, viewer: Viewer, ask: OutlierAsk): Promise<Page<Outlier>> {
  const { by, filter, component, deviating, after, selection } = ask
  const types = ask.types ? componentTypes.filter((type) => ask.types?.includes(type)) : componentTypes
  const question = questionOf(['outlier', by, filter ?? null, types, component ?? null, deviating ?? null])
  const page = { question, size: sizeOf(ask.first), after }
  refuseNul('component', component)
  if (types.length === 0) return pageOf(page, { rows: [] }, () => neverAsked())
  const answer = await readJson<Answer>(db, ask.now, statementOf(viewer, ask, types, page))
  refuseUnknown(answer)
  const told = new Map(answer.rows.slice(0, page.size).map((row) => [row, toldOf(row, ask.now)]))
  const wanted = { ...selection.nodes?.deviants?.cluster, ...selection.edges?.node?.deviants?.cluster, id: {} }
  const ids = new Set([...told.values()].flatMap(({ stragglers }) => stragglers.map(({ id }) => id)))
  const clusters = ids.size === 0 ? [] : await readClustersById(db, viewer, [...ids], ask.now, wanted)
  const clusterOf = new Map(clusters.map((cluster) => [cluster.asked, cluster]))
  return pageOf(page, answer, (row) => outlierOf(row, told.get(row) ?? toldOf(row, ask.now), clusterOf))
}

const neverAsked = (): never => {
  throw new Error('a page without rows has no nodes')
}

interface Told {
  readonly norm: Norm
  readonly stragglers: readonly { readonly id: string; readonly straggler: Straggler }[]
}

function toldOf({ id, size, variants, others }: Row, now: Date): Told {
  const { type } = componentOf(id)
  const norm = normOf({ type, size, variants })
  const stragglers = others.flatMap(({ id, runs }) => {
    const straggler = stragglerOf(type, runs, norm, now)
    return straggler ? [{ id, straggler }] : []
  })
  return { norm, stragglers: stragglers.slice(0, deviantsShown) }
}

function outlierOf(row: Row, { norm, stragglers }: Told, clusters: ReadonlyMap<string, Cluster>): Outlier {
  const { mode, share, tied, deviating } = norm
  return {
    cohort: row.key,
    component: componentOf(row.id),
    mode: mode?.version ?? null,
    modeClusters: mode?.clusters ?? 0,
    modeSince: mode?.since ?? null,
    ...{ share, tied, size: row.size, unknown: row.having - row.size, without: row.clusters - row.having },
    versions: row.variants.slice(0, variantsShown),
    deviantCount: deviating,
    deviants: stragglers.flatMap(({ id, straggler }) => {
      const cluster = clusters.get(`Cluster:${id}`)
      // It went away between two statements.
      return cluster ? [{ ...straggler, cluster }] : []
    }),
  }
}

function statementOf(
  viewer: Viewer,
  ask: OutlierAsk,
  types: readonly ComponentType[],
  {
    question,
    size,
    after,
  }: { readonly question: string; readonly size: number; readonly after: string | null | undefined },
): SQL {
  const { selection, component, deviating } = ask
  const ground = groundOf(viewer, ask, types)
  const place = after == null ? null : placeOf(question, after)
  const isAsked = deviating == null ? sql`true` : sql`(g.variants > 1) = ${deviating}`
  const rest = place === null ? sql`true` : sql`(g.cohort, g.ref) > (${String(place.key)}::text, ${place.id}::text)`
  const asksDeviants = Boolean(selection.nodes?.deviants ?? selection.edges?.node?.deviants)
  const parts = [
    sql`'rows', (select coalesce(json_agg(json_build_object('key', p.cohort, 'id', p.ref, 'size', h.size, 'having', h.having,
      'clusters', n.clusters, 'variants', coalesce(w.variants, '[]'::json), 'others', coalesce(d.others, '[]'::json)) order by p.cohort, p.ref), '[]'::json)
      from p join n using (cohort) join h using (cohort, ref) left join w using (cohort, ref) left join d using (cohort, ref))`,
    ...unknownSourceSql(viewer, ground),
  ]
  if (selection.totalCount) parts.push(sql`'total', (select count(*)::int from g where ${isAsked})`)
  if (selection.coverage) parts.push(sql`'coverage', ${coverageSql(viewer, ground, selection.coverage)}`)
  const where = component ? compares<string>(componentName, 'text')(component) : sql`true`
  const page = sql`select g.cohort, g.ref from g where ${all([isAsked, rest])} order by g.cohort, g.ref limit ${size + 1}`
  return sql`with ${runningSql(viewer, { ...ask, types, where, page })},
    n as (select cohort, count(*)::int as clusters from m group by cohort),
    w as (select cohort, ref, json_agg(json_build_object('key', key, 'version', version, 'clusters', clusters, 'since', since)
        order by clusters desc, version) as variants from v group by cohort, ref),
    d as (${othersSql(asksDeviants)})
    select json_build_object(${sql.join(parts, sql`, `)})`
}

/**
 * Clusters that may be outliers. Those that run the one variant most frequent are none; where several are as frequent, `modeOf` says
 * which it is, and so many more are read.
 */
const othersSql = (asked: boolean): SQL => sql`
  select cohort, ref, json_agg(json_build_object('id', id, 'runs', runs) order by name, id) as others from (
    select r.*, m.id, m.name, row_number() over (partition by r.cohort, r.ref order by m.name, m.id) as place from (
      select f.cohort, f.ref, f.n, t.tied, t.top,
        json_agg(json_build_object('key', f.key, 'version', f.version, 'since', f.since) order by f.key) as runs
      from f join (
        select cohort, ref, max(clusters) as top, count(*) filter (where clusters = most) > 1 as tied, min(key) filter (where clusters = most) as key
        from (select *, max(clusters) over (partition by cohort, ref) as most from v) v group by cohort, ref having count(*) > 1
      ) t on t.cohort = f.cohort and t.ref = f.ref
      where ${asked} and f.key is not null
      group by f.cohort, f.ref, f.n, t.tied, t.top, t.key having t.tied or not bool_or(f.key = t.key)) r
    join m using (n)) r
  where place <= ${deviantsShown} + case when tied then top else 0 end group by cohort, ref`
