import { sql } from 'drizzle-orm'
import { FleetError } from '../../fleet/error.ts'
import { foresee, type Turn } from '../../fleet/policy/forecast.ts'
import type { Outcome, Verdict } from '../../fleet/policy/policy.ts'
import { compileRules } from '../../fleet/policy/rules-in-force.ts'
import type { Subject } from '../../fleet/policy/subject.ts'
import { type Memory, verdictKey } from '../../fleet/policy/verdict-key.ts'
import type { Viewer } from '../../fleet/source.ts'
import type { Db } from '../client.ts'
import { rulesAt } from '../judge/rules.ts'
import { subjectsOf } from '../judge/subject.ts'
import { answer, eachOf, queries } from '../query.ts'
import { uuids } from '../recordset.ts'
import { type ClusterFilter, clustersWhere, readClustersById } from './cluster.ts'
import { type ComplianceCounts, rated } from './compliance.ts'
import { type Coverage, coverageSql, refuseUnknown, unknownSourceSql } from './coverage.ts'
import { all, refuseNul } from './filter.ts'
import type { Cluster } from './noun.ts'
import { noCoverage } from './page.ts'
import type { Selection } from './shape.ts'
import { readJson } from './statement.ts'
import type { EvidenceView, Waiver } from './verdict-noun.ts'
import { readWaiversById } from './waiver.ts'

/** A finding that the clock alone turns into another. */
export interface ForecastFinding extends Pick<Verdict, 'rule' | 'type' | 'severity' | 'message'> {
  readonly cluster: Cluster
  readonly policy: { readonly name: string; readonly version: string }
  readonly outcomeNow: Outcome
  readonly outcomeThen: Outcome
  /** When it first is another than now. */
  readonly changesAt: string
  readonly evidence: readonly EvidenceView[]
  /** The waiver that excuses it now, else the one that will. */
  readonly waiver: Waiver | null
}

/** What the same rules will say of the same facts at a later instant. */
export interface Forecast {
  readonly at: string
  readonly counts: { readonly now: ComplianceCounts; readonly later: ComplianceCounts; readonly changes: number }
  /** The first to change first. */
  readonly findings: readonly ForecastFinding[]
  readonly truncated: boolean
  readonly coverage: Coverage
}

export interface ForecastAsk {
  /** RFC 3339. */
  readonly at: string
  readonly policy?: string | null | undefined
  readonly filter?: ClusterFilter | null | undefined
  /** Only findings that say one of these now, or then. */
  readonly outcomeNow?: readonly Outcome[] | null | undefined
  readonly outcomeThen?: readonly Outcome[] | null | undefined
  readonly first?: number | null | undefined
  readonly selection: Selection
  readonly now: Date
}

/** Each is evaluated now and at every turn on the way: about a second for so many. */
const clustersMax = 5000
/** Between two of them others get their turn. */
const clustersAtOnce = 250
const findingsMax = 100
const findingsDefault = 20

/** Evaluates clusters as they are known now by the clock of `at`. Throws `invalid` for what cannot be told. */
export async function readForecast(db: Db, viewer: Viewer, ask: ForecastAsk): Promise<Forecast> {
  const first = ask.first ?? findingsDefault
  refuseNul('policy', ask.policy)
  if (first < 0 || first > findingsMax)
    throw new FleetError('invalid', `"first" is ${first}; 0 to ${findingsMax} findings.`)
  const at = new Date(ask.at)
  if (at < ask.now)
    throw new FleetError('invalid', `"at" is ${ask.at}, which has passed; ask "compliance(asOf:)" for it.`)
  const { ids, coverage } = await scopeOf(db, viewer, ask)
  const { policies, waivers, calendar } = await answer(db, rulesAt(ask.now))
  const asked = policies.filter(({ name }) => ask.policy == null || name === ask.policy)
  if (ask.policy != null && asked.length === 0)
    throw new FleetError('invalid', `There is no policy "${ask.policy}"; ask "policies" for their names.`)
  const rules = compileRules(asked, waivers, { ...calendar, foreseenFrom: ask.now })
  const changes: Change[] = []
  const isAsked = ({ before, after }: Turn) =>
    (ask.outcomeNow?.includes(before.outcome) ?? true) && (ask.outcomeThen?.includes(after.outcome) ?? true)
  const counts = { now: counter(), later: counter() }
  for (let from = 0; from < ids.length; from += clustersAtOnce) {
    for (const { subject, violatedSince } of await judgedOf(db, ids.slice(from, from + clustersAtOnce))) {
      const { before, after, turns } = foresee(subject, rules, { now: ask.now, at }, violatedSince)
      counts.now.add(before)
      counts.later.add(after)
      changes.push(...turns.filter(isAsked).map((turn) => ({ ...turn, subject })))
    }
  }
  changes.sort(byTime)
  return {
    at: ask.at,
    counts: { now: counts.now.sum(), later: counts.later.sum(), changes: changes.length },
    findings: await shown(db, viewer, ask, changes.slice(0, first)),
    truncated: changes.length > first,
    coverage,
  }
}

async function scopeOf(db: Db, viewer: Viewer, { filter, selection, now }: ForecastAsk) {
  const { from, where, ground } = clustersWhere(viewer, { filter })
  const parts = [
    sql`'ids', (select coalesce(json_agg(id), '[]'::json) from (select c.id from ${sql.raw(from({}))} where ${all(where)}
      order by c.name, c.id limit ${clustersMax + 1}) t)`,
    ...unknownSourceSql(viewer, ground),
    ...(selection.coverage ? [sql`'coverage', ${coverageSql(viewer, ground, selection.coverage)}`] : []),
  ]
  const answer = await readJson<{
    readonly ids: readonly string[]
    readonly coverage?: Coverage
    readonly unknownSource?: string | null
  }>(db, now, sql`json_build_object(${sql.join(parts, sql`, `)})`)
  refuseUnknown(answer)
  if (answer.ids.length > clustersMax) {
    throw new FleetError(
      'invalid',
      `A forecast looks at ${clustersMax} clusters at most, and the filter leaves more; narrow it, by source or environment for example.`,
    )
  }
  return { ids: answer.ids, coverage: answer.coverage ?? noCoverage }
}

interface Judged {
  readonly subject: Subject
  readonly violatedSince: Memory
}

async function judgedOf(db: Db, ids: readonly string[]): Promise<readonly Judged[]> {
  const { subjects, violations } = await answer(
    db,
    queries({
      subjects: subjectsOf(ids),
      violations: eachOf(
        sql`select json_build_array(cluster_id, policy, rule, about_id, field, violated_since) from finding
          where cluster_id = any(${uuids(ids)}) and violated_since is not null`,
        (violation: Violation) => violation,
      ),
    }),
  )
  const known = new Map(
    violations.map(([id, policy, rule, aboutId, field, since]) => [
      keyOf(id, verdictKey(policy, rule, aboutId, field)),
      new Date(since).toISOString(),
    ]),
  )
  return [...subjects.values()].map((subject) => ({
    subject,
    violatedSince: (verdict) => known.get(keyOf(subject.clusterId, verdict)) ?? null,
  }))
}

type Violation = readonly [
  id: string,
  policy: string,
  rule: string,
  aboutId: string | null,
  field: string | null,
  since: string,
]

const keyOf = (cluster: string, verdict: string): string => `${cluster} ${verdict}`

interface Change extends Turn {
  readonly subject: Subject
}

const byTime = (a: Change, b: Change): number => {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1
  return a.subject.name < b.subject.name ? -1 : 1
}

/** As `compliance` counts: the worst of a cluster's findings decides. */
function counter() {
  const counts = { clusters: 0, compliant: 0, failing: 0, waived: 0, unknown: 0, notApplicable: 0 }
  return {
    add(verdicts: readonly Verdict[]): void {
      const has = (outcome: Outcome) => verdicts.some((verdict) => verdict.outcome === outcome)
      if (verdicts.length === 0) counts.notApplicable++
      else counts.clusters++
      if (has('Fail')) counts.failing++
      else if (has('Unknown')) counts.unknown++
      else if (has('Waived')) counts.waived++
      else if (verdicts.length > 0) counts.compliant++
    },
    sum: (): ComplianceCounts => rated(counts),
  }
}

async function shown(
  db: Db,
  viewer: Viewer,
  { selection, now }: ForecastAsk,
  changes: readonly Change[],
): Promise<readonly ForecastFinding[]> {
  const { cluster = {}, waiver } = selection.findings ?? {}
  const wanted = { ...cluster, id: {}, freshness: { ...cluster.freshness, observedAt: {} } }
  const clusterIds = [...new Set(changes.map(({ subject }) => subject.clusterId))]
  const waiverIds = [...new Set(changes.flatMap((change) => waiverOf(change) ?? []))]
  const [clusters, waivers] = await Promise.all([
    clusterIds.length === 0 ? [] : readClustersById(db, viewer, clusterIds, now, wanted),
    waiverIds.length === 0 || !waiver ? [] : readWaiversById(db, viewer, waiverIds, now, { ...waiver, id: {} }),
  ])
  const clusterOf = new Map(clusters.map((one) => [one.id, one]))
  const excuseOf = new Map(waivers.map((one) => [one.id, one]))
  return changes.flatMap((change) => {
    const found = clusterOf.get(`Cluster:${change.subject.clusterId}`)
    // It went away between two statements.
    if (found === undefined) return []
    const { policy, policyVersion, rule, type, severity, message, evidence, outcome } = change.after
    const { observedAt } = found.freshness
    return {
      cluster: found,
      policy: { name: policy, version: policyVersion },
      ...{ rule, type, severity, message, changesAt: change.at },
      ...{ outcomeNow: change.before.outcome, outcomeThen: outcome },
      evidence: evidence.map(({ from, ...said }) => ({
        ...said,
        source: from,
        observedAt: said.asOf === null ? observedAt : null,
      })),
      waiver: excuseOf.get(`Waiver:${waiverOf(change)}`) ?? null,
    }
  })
}

const waiverOf = ({ before, after }: Change): string | null => before.waiverId ?? after.waiverId
