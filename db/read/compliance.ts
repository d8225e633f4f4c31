import { type SQL, sql } from 'drizzle-orm'
import { FleetError } from '../../fleet/error.ts'
import type { Policy } from '../../fleet/policy/policy.ts'
import type { Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { bucketsMax } from './aggregate.ts'
import { type ClusterFilter, clusterClauses } from './cluster.ts'
import { type ClusterDimension, dimensions as clusterDimensions } from './cluster-aggregate.ts'
import { type Coverage, coverageSql, refuseUnknown, unknownSourceSql } from './coverage.ts'
import { all, refuseNul, whereOf } from './filter.ts'
import { asksFreshness } from './freshness.ts'
import { clusterKinds, fromClusters } from './graph.ts'
import { noCoverage } from './page.ts'
import { livingOf, visibleTo } from './scope.ts'
import type { Selection } from './shape.ts'
import { amongSources } from './source.ts'
import { readJson } from './statement.ts'

/** What of the findings compliance can be grouped by: a cluster then counts in each of the groups it has findings in. */
const findingDimensions = { policy: 'v.policy', rule: 'v.rule', severity: 'v.severity' } as const
type FindingDimension = keyof typeof findingDimensions
export type ComplianceDimension = Exclude<ClusterDimension, 'health' | 'lifecycle'> | FindingDimension

/** Clusters by the worst of their findings. */
export interface ComplianceCounts {
  /** The sum of the four: clusters that a rule applies to, or that were not judged yet. */
  readonly clusters: number
  readonly compliant: number
  readonly failing: number
  readonly waived: number
  readonly unknown: number
  /** Clusters that no rule applies to. */
  readonly notApplicable: number
  /** Null of none. */
  readonly ratio: number | null
}

export interface ComplianceGroup extends ComplianceCounts {
  /** One per dimension, in the order asked; null where the cluster does not say. */
  readonly keys: readonly { readonly dimension: ComplianceDimension; readonly value: string | null }[]
}

/** How clusters stand to policies at an instant. */
export interface Compliance {
  readonly asOf: string
  readonly policies: readonly Policy[]
  readonly total: ComplianceCounts
  readonly groups: readonly ComplianceGroup[]
  /** True when there are more groups than `first`. */
  readonly truncated: boolean
  readonly coverage: Coverage
}

/** What compliance is asked for. */
export interface ComplianceAsk {
  /** One policy by name; all of them when nothing is said. */
  readonly policy?: string | null | undefined
  readonly groupBy?: readonly ComplianceDimension[] | null | undefined
  readonly filter?: ClusterFilter | null | undefined
  /** RFC 3339; now when nothing is said. */
  readonly asOf?: string | null | undefined
  readonly first?: number | null | undefined
  readonly selection: Selection
  readonly now: Date
}

type Counted = Omit<ComplianceCounts, 'ratio'>

interface Answer {
  readonly total: Counted
  readonly groups?: readonly (Counted & { readonly keys: readonly (string | null)[] })[]
  readonly policies?: Compliance['policies']
  readonly coverage?: Coverage
  readonly unknownSource?: string | null
  readonly policyKnown: boolean
}

const dimensionsMax = 5

/** Counts clusters by how they stand to policies, now or at an instant in the past. Throws `invalid` for what cannot be told. */
export async function readCompliance(db: Db, viewer: Viewer, ask: ComplianceAsk): Promise<Compliance> {
  const groupBy = [...new Set(ask.groupBy)]
  const first = ask.first ?? bucketsMax
  refuseNul('policy', ask.policy)
  if (groupBy.length > dimensionsMax)
    throw new FleetError('invalid', `groupBy takes at most ${dimensionsMax} dimensions.`)
  if (first < 0 || first > bucketsMax)
    throw new FleetError('invalid', `"first" is ${first}; 0 to ${bucketsMax} groups.`)
  if (ask.asOf != null && new Date(ask.asOf) > ask.now)
    throw new FleetError('invalid', `"asOf" is ${ask.asOf}, which is still to come; ask "forecast" for it.`)
  const answer = await readJson<Answer>(db, ask.now, statementOf(viewer, ask, groupBy, first + 1))
  refuseUnknown(answer)
  if (!answer.policyKnown)
    throw new FleetError('invalid', `There is no policy "${ask.policy}"; ask "policies" for their names.`)
  const groups = answer.groups ?? []
  return {
    asOf: ask.asOf ?? ask.now.toISOString(),
    policies: answer.policies ?? [],
    total: rated(answer.total),
    groups: groups.slice(0, first).map(({ keys, ...counted }) => ({
      ...rated(counted),
      keys: groupBy.map((dimension, at) => ({ dimension, value: keys[at] ?? null })),
    })),
    truncated: groups.length > first,
    coverage: answer.coverage ?? noCoverage,
  }
}

/** What is not known to comply counts as not complying: a share is never better than what is known. */
export const rated = (counted: Counted): ComplianceCounts => ({
  ...counted,
  ratio: counted.clusters === 0 ? null : counted.compliant / counted.clusters,
})

function statementOf(viewer: Viewer, ask: ComplianceAsk, groupBy: readonly ComplianceDimension[], limit: number): SQL {
  const { filter, selection, policy } = ask
  const ground = { kinds: sql.raw(clusterKinds), composed: true, ...amongSources(filter?.source) }
  const keys = groupBy.map((_, at) => sql.raw(`k${at}`))
  const ofFindings = groupBy.filter(isOfFindings)
  const parts: SQL[] = [
    sql`'policyKnown', ${policy ?? null}::text is null or exists (select from policy where name = ${policy ?? null})`,
    // A cluster has one row, but for findings' own dimensions.
    sql`'total', (select ${countsOf(besides)} from ${ofFindings.length === 0 ? sql`scored` : sql`(select max(worst) as worst from scored group by id) t`})`,
    ...unknownSourceSql(viewer, ground),
  ]
  if (selection.groups || selection.truncated) {
    const [from, by] =
      ofFindings.length === 0
        ? [sql`scored`, keys]
        : [sql`scored join places using (place) where worst is not null`, [...keys, sql`places.judged`]]
    const grouped = sql`select json_build_array(${sql.join(keys, sql`, `)}) as keys, ${countsOf(ofFindings.length === 0 ? besides : besidesFound)} as counted
      from ${from} ${by.length === 0 ? sql`` : sql`group by ${sql.join(by, sql`, `)}`}
      order by ${sql.join([sql`count(worst) desc`, ...keys], sql`, `)} limit ${limit}`
    parts.push(
      sql`'groups', (select coalesce(json_agg(counted::jsonb || jsonb_build_object('keys', keys)), '[]'::json) from (${grouped}) t)`,
    )
  }
  if (selection.policies) parts.push(sql`'policies', ${policiesSql(ask)}`)
  if (selection.coverage) parts.push(sql`'coverage', ${coverageSql(viewer, ground, selection.coverage)}`)
  return sql`with scored as (${scoredSql(viewer, ask, groupBy)}), places as (${places}) select json_build_object(${sql.join(parts, sql`, `)})`
}

const isOfFindings = (dimension: ComplianceDimension): dimension is FindingDimension => dimension in findingDimensions

const keyOf = (dimension: ComplianceDimension): SQL =>
  sql.raw(`(${isOfFindings(dimension) ? findingDimensions[dimension] : clusterDimensions[dimension]})::text`)

/** The worst outcome decides: one violation is not made good by nine rules that hold. */
const rankOf = (outcome: string): string =>
  `case ${outcome} when 'Fail' then 4 when 'Unknown' then 3 when 'Waived' then 2 when 'Pass' then 1 end`

const countsOf = (notApplicable: string): SQL =>
  sql.raw(`json_build_object('clusters', count(worst), 'compliant', count(*) filter (where worst = 1),
  'waived', count(*) filter (where worst = 2), 'unknown', count(*) filter (where worst = 3),
  'failing', count(*) filter (where worst = 4), 'notApplicable', ${notApplicable})`)

/** Clusters that no rule applies to, where each has one row. */
const besides = 'count(*) filter (where worst is null)'
/** By dimensions of findings a cluster has no row in a group that none of its findings is in. What was not judged yet is in none. */
const besidesFound = 'case when bool_or(unjudged) then 0 else places.judged - count(worst) end'
/** How many clusters were judged, by what of them is grouped by: among these are those that a group's rules do not apply to. */
const places = sql`select place, count(distinct id) filter (where not unjudged) as judged from scored group by place`

/** Each cluster (and policy, rule, severity, where these are asked) with the worst of its findings; null without one. */
function scoredSql(
  viewer: Viewer,
  { filter, policy, asOf }: ComplianceAsk,
  groupBy: readonly ComplianceDimension[],
): SQL {
  const ofFindings = groupBy.filter(isOfFindings)
  const own = sql.raw(ofFindings.map((dimension) => `, ${findingDimensions[dimension]}`).join(''))
  const findings = sql`select v.cluster_id, max(${sql.raw(rankOf('v.outcome'))}) as worst${own}
    from ${asOf == null ? sql`finding v` : findingsAt(asOf)} where ${policy == null ? sql`true` : sql`v.policy = ${policy}`}
    group by v.cluster_id${own}`
  const keys = groupBy.map((dimension, at) => sql`, ${keyOf(dimension)} as ${sql.raw(`k${at}`)}`)
  const judged = asksFreshness(filter, true) || groupBy.includes('freshness')
  // What was not judged yet is not known. Of the past only what was judged is told.
  const unjudged = sql.raw(asOf == null ? '(v.worst is null and a.judged_at is null)' : 'false')
  const around = groupBy.filter((dimension) => !isOfFindings(dimension)).map(keyOf)
  const place = ofFindings.length === 0 ? sql`''` : sql`json_build_array(${sql.join(around, sql`, `)})::text`
  return sql`select c.id, case when ${unjudged} then 3 else v.worst end as worst, ${unjudged} as unjudged,
      ${place} as place${sql.join(keys)}
    from ${sql.raw(fromClusters(judged, true))} left join (${findings}) v on v.cluster_id = c.id
    where ${all([visibleTo(viewer, 'c'), asOf == null ? sql.raw(livingOf('c')) : livingAt(asOf), whereOf(filter, clusterClauses)])}`
}

/** Clusters that were known, and there, at an instant. */
const livingAt = (at: string): SQL => sql`c.first_seen_at <= ${at} and (c.gone_at is null or c.gone_at > ${at})
  and c.source_id not in (select id from source where removed_at <= ${at})`

/** Findings as the history has them at an instant: the last word on each, unless that is that it went. */
const findingsAt = (at: string): SQL => sql`(
  select h.cluster_id, h.facts -> 'outcome' ->> 1 as outcome, h.facts -> 'policy' ->> 1 as policy,
    h.facts -> 'rule' ->> 1 as rule, h.facts -> 'severity' ->> 1 as severity
  from (select distinct on (subject_id) * from change where subject = 'finding' and received_at <= ${at}
    order by subject_id, received_at desc, cursor desc) h
  where h.what <> 'gone') v`

const policiesSql = ({ policy, asOf, now }: ComplianceAsk): SQL => sql`(
  select coalesce(json_agg(p.document order by p.position, p.name), '[]'::json)
  from policy p where (p.removed_at is null or p.removed_at > ${asOf ?? now.toISOString()}) and ${policy == null ? sql`true` : sql`p.name = ${policy}`})`
