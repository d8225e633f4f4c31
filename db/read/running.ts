import { type SQL, sql } from 'drizzle-orm'
import { FleetError } from '../../fleet/error.ts'
import type { CohortKind, ComponentType } from '../../fleet/outlier.ts'
import type { KindKey } from '../../fleet/reference.ts'
import type { Viewer } from '../../fleet/source.ts'
import { providerKinds } from '../../fleet/support/provider-release.ts'
import { isProvider, providerName, providerVersion } from '../provider.ts'
import { type ClusterFilter, clustersWhere } from './cluster.ts'
import type { Coverage } from './coverage.ts'
import { cursorOf } from './cursor.ts'
import { all } from './filter.ts'
import { noCoverage, type Page } from './page.ts'

// What clusters run, by cohort: which of them share a ring or an environment. Clusters that name none have nobody to be compared with.

/** What cohorts are made by. */
const cohorts: Readonly<Record<CohortKind, string>> = { environment: 'c.environment', ring: 'c.ring' }

/** `fleet/outlier.ts` in SQL: a test holds the two together. */
const digest = (text: string): string =>
  `case when ${text} ~* '^[a-z][a-z0-9]*:[0-9a-f]{7,128}$' then lower(${text}) else ${commit(text)} end`
const commit = (text: string): string => `case when ${text} ~* '^[0-9a-f]{40}$' then 'sha1:' || lower(${text})
  when ${text} ~* '^[0-9a-f]{64}$' then 'sha256:' || lower(${text}) end`
const semver = String.raw`^v?([0-9]+\.[0-9]+\.[0-9]+(?:-[0-9a-z.-]+)?)(?:[+_]([0-9a-z.-]+))?$`
const revisionKey = String.raw`(select case when bool_and(k.key is not null) then string_agg(k.key, ' ' order by k.place) end from (
  select p.place, coalesce(${digest('p.part')}, ${digest(`substring(p.part from '@([^@]*)$')`)}, ${commit(`substring(p.part from '/([^/]*)$')`)},
    (select m[1] || coalesce('+' || m[2], '') from regexp_match(regexp_replace(p.part, '^refs/(heads|tags)/', ''), '${semver}', 'i') m)) as key
  from regexp_split_to_table(btrim(x.version, E' \t\n\r'), '\s+') with ordinality p(part, place)) k)`
const kubernetesKey = String.raw`(select m[1] || coalesce(m[2], '')
  from regexp_match(btrim(x.version), '^v?(\d{1,5}\.\d{1,5}\.\d{1,9})(-(?:alpha|beta|rc)(?:\.\d+)*)?(?![\d.])') m)`

/** Kinds that apply something to clusters. */
const reconcilers: readonly KindKey[] = [
  'kustomize.toolkit.fluxcd.io/Kustomization',
  'helm.toolkit.fluxcd.io/HelmRelease',
  'argoproj.io/Application',
  'infra.contrib.fluxcd.io/Terraform',
  'addons.cluster.x-k8s.io/HelmReleaseProxy',
]
const charts: readonly KindKey[] = ['helm.toolkit.fluxcd.io/HelmRelease', 'addons.cluster.x-k8s.io/HelmReleaseProxy']

/** Where components of a type are read from, beside the clusters themselves. */
const kindsOf: Readonly<Record<ComponentType, readonly KindKey[]>> = {
  kubernetes: [],
  chart: charts,
  app: reconcilers,
  provider: providerKinds,
}

/** Which component: one line of the answer per cohort. */
export interface ComponentKey {
  readonly type: ComponentType
  /** Of Kubernetes `kubernetes`; of an app what it is called on every cluster; of a chart or provider its own. */
  readonly name: string
  /** Of an app: the kind that applies it, and from where. An app may be applied in several ways, whose revisions say nothing of each other. */
  readonly kind: string | null
  readonly repository: string | null
  readonly chart: string | null
}

// The parts of a component in one text, which is what groups and cursors go by.
const separator = '\u001f'
const ref = (...parts: readonly string[]): string => `concat_ws(E'\\x1f', ${parts.join(', ')}) collate "C"`

export function componentOf(text: string): ComponentKey {
  const [type = '', name = '', ...rest] = text.split(separator)
  const [kind = null, repository = null, chart = null] = rest.map((part) => (part === '' ? null : part))
  // Written by `ref`, from the words of ComponentType.
  return { type: type as ComponentType, name, kind: kind?.split('/')[1] ?? null, repository, chart }
}

const factsOf: Readonly<Record<ComponentType, string>> = {
  kubernetes: `select m.n, m.cohort, ${ref(`'kubernetes'`, `'kubernetes'`)} as ref, m.version, null::timestamptz as since from m`,
  chart: `select m.n, m.cohort, ${ref(`'chart'`, `k ->> 'name'`)}, k ->> 'version', null
    from m cross join jsonb_array_elements(m.components) k where k ->> 'type' = 'chart'`,
  app: `select m.n, m.cohort, ${ref(`'app'`, 'g.app', 'g.kind', `coalesce(g.repository, '')`, `coalesce(g.chart, '')`)}, g.applied_revision, o.revision_since
    from m join gitops g on g.cluster_id = m.id and g.source_id not in (select id from source where removed_at is not null)
      left join object o on o.id = g.id and o.source_id = g.source_id`,
  provider: `select m.n, m.cohort, ${ref(`'provider'`, providerName)}, ${providerVersion}, null
    from m join object o on o.source_id = m.source_id and ${isProvider} and o.gone_at is null`,
}

/**
 * `m`: living clusters with their cohort, numbered. `k`: what they run, by version as it is written, with `versionKeyOf` as `key`.
 * `g`: components of cohorts, with the number of their variants. `p`: the page of them that is asked, given as SQL over `g`. Of these
 * only, `f`: what each cluster runs; `v`: how many clusters run each variant, since when; `h`: how many have it at all (`having`), and
 * in a version that is known (`size`). Lists of numbers, because the fleet's every chart is looked at for one page.
 */
export function runningSql(viewer: Viewer, { by, filter, types, where, page }: RunningAsk & RunningParts): SQL {
  const { from, where: living } = clustersWhere(viewer, { filter })
  const cohort = sql.raw(cohorts[by])
  const facts = sql.raw(types.map((type) => factsOf[type]).join(' union all '))
  return sql`m as materialized (
      select row_number() over ()::int as n, c.id, c.source_id, c.name, ${cohort} collate "C" as cohort,
        coalesce(c.version_observed, c.version_declared) as version, c.components
      from ${sql.raw(from({}))} where ${all(living)} and ${cohort} is not null),
    b as materialized (select t.cohort, t.ref, t.version, array_agg(t.n) as clusters, array_agg(t.since) as since
      from (${facts}) t(n, cohort, ref, version, since) where ${where} group by t.cohort, t.ref, t.version),
    keys as materialized (select x.own, x.version, case when x.own then ${sql.raw(kubernetesKey)} else ${sql.raw(revisionKey)} end as key
      from (select distinct ${isOwn} as own, version from b where version is not null) x),
    k as materialized (select b.*, keys.key from b left join keys on keys.own = ${isOwn} and keys.version = b.version),
    g as materialized (select cohort, ref, count(distinct key)::int as variants from k group by cohort, ref),
    p as materialized (${page}),
    f as materialized (select cohort, ref, k.key, u.n, min(k.version) as version, min(u.since) as since
      from k join p using (cohort, ref) cross join unnest(k.clusters, k.since) u(n, since) group by cohort, ref, k.key, u.n),
    v as materialized (select cohort, ref, key, min(version) as version, count(*)::int as clusters, min(since) as since
      from f where key is not null group by cohort, ref, key),
    h as (select cohort, ref, count(distinct n)::int as having, (count(distinct n) filter (where key is not null))::int as size
      from f group by cohort, ref)`
}

const isOwn = sql`starts_with(b.ref, 'kubernetes')`

interface RunningParts {
  readonly types: readonly ComponentType[]
  /** Over `t`. */
  readonly where: SQL
  readonly page: SQL
}

export interface RunningAsk {
  readonly by: CohortKind
  readonly filter?: ClusterFilter | null | undefined
}

/** What an answer about components rests on. */
export function groundOf(viewer: Viewer, { filter }: RunningAsk, types: readonly ComponentType[]) {
  const { ground } = clustersWhere(viewer, { filter })
  const kinds = types.flatMap((type) => kindsOf[type])
  const also = kinds.length === 0 ? sql`false` : sql`r.kind = any(${sql.param(kinds)}::text[])`
  return { ...ground, kinds: sql`(${ground.kinds} or ${also})` }
}

/** The name of the component that a row `t` speaks of. */
export const componentName = sql`split_part(t.ref, ${separator}, 2)`

/** The largest page, and the one where nothing is said. */
const pageMax = 100
const pageDefault = 20

/** Throws `invalid` for a size that makes no page. */
export function sizeOf(first: number | null | undefined): number {
  const size = first ?? pageDefault
  if (size < 0 || size > pageMax) throw new FleetError('invalid', `"first" is ${size}; a page holds 0 to ${pageMax}.`)
  return size
}

/** A page that only goes on: of rows one more than shown, each with its place. */
export function pageOf<R extends { readonly key: string; readonly id: string }, T>(
  {
    question,
    size,
    after,
  }: { readonly question: string; readonly size: number; readonly after: string | null | undefined },
  answer: { readonly rows: readonly R[]; readonly total?: number; readonly coverage?: Coverage },
  nodeOf: (row: R) => T,
): Page<T> {
  const edges = answer.rows.slice(0, size).map((row) => ({ cursor: cursorOf(question, row), node: nodeOf(row) }))
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: answer.rows.length > size,
      hasPreviousPage: after != null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: answer.total ?? 0,
    coverage: answer.coverage ?? noCoverage,
  }
}
