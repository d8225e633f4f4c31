import { armClusterKind, clusterKind } from '../../fleet/reference.ts'
import { inputsShape, inputsStale } from './freshness.ts'
import { as, manyOf, objectOf, type Selection, type Shape } from './shape.ts'
import type { DriftSubject, EvidenceView, Suppression, VerdictView } from './verdict-noun.ts'

// What findings and drift share: rows of `finding v`, with the cluster `c` that they are of, if they are of one.

/** A finding that tells of drift: something differs, tolerated or excused though it may be, or nobody can tell whether it does. */
export const isDrift = `(v.code is not null and (v.outcome <> 'Pass' or v.violated_since is not null))`

/** Whether the fields of a verdict speak of `g`, so that it must be joined. */
export const asksInputs = ({ stale, freshness }: Selection): boolean => Boolean(stale ?? freshness)

/** Whether a filter speaks of how fresh a verdict's inputs are, at any depth. */
export const asksStale = (filter: object | null | undefined): boolean =>
  Object.entries(filter ?? {}).some(
    ([field, below]) => field === 'stale' || (typeof below === 'object' && asksStale(below)),
  )

/** What a person calls the object that a verdict is about: of an ARM id the last segment (`shortNameOf`, fleet/reference.ts). */
export const aboutName = `substring(v.about ->> 'name' from '[^/]*$')`

/** The kind of the object that a verdict is about; null without one. */
const aboutKind = `(v.about ->> 'group') || '/' || (v.about ->> 'kind')`
const teller = `case when e.said ->> 'from' = c.arm_source_id then c.arm_source_id
  when v.code is not null then e.said ->> 'from' else v.source_id end`
const ofCluster = `case when exists (select from source z where z.id = e.said ->> 'from' and z.type = 'azure') then '${armClusterKind}'
  else coalesce(c.kind, '${clusterKind}') end`

// Without a day of its own, evidence is as old as the last reading of who gives it: of the kind it is about, where that is told.
const evidenceShape: Shape<keyof EvidenceView> = {
  field: as(`e.said ->> 'field'`),
  expected: as(`e.said ->> 'expected'`),
  actual: as(`e.said ->> 'actual'`),
  source: as(`e.said ->> 'from'`),
  asOf: as(`e.said ->> 'asOf'`),
  observedAt:
    as(`case when e.said ->> 'asOf' is null then (select greatest(r.caught_up_at, r.verified_at) from reading r
    where r.source_id = ${teller} and r.kind in (${aboutKind}, ${ofCluster})
    order by r.kind is not distinct from ${aboutKind} desc limit 1) end`),
}

const subjectShape: Shape<keyof DriftSubject> = {
  id: as(`'Resource:' || v.about_id`),
  group: as(`v.about ->> 'group'`),
  kind: as(`v.about ->> 'kind'`),
  namespace: as(`v.about ->> 'namespace'`),
  name: as(aboutName),
}

const ignoreReason = `(select i.entry ->> 'reason' from policy n
  cross join jsonb_array_elements(n.document -> 'rules') r(rule)
  cross join jsonb_array_elements(case jsonb_typeof(r.rule -> 'ignore') when 'array' then r.rule -> 'ignore' end) i(entry)
  where n.name = v.policy and r.rule ->> 'id' = v.rule and i.entry ->> 'id' = v.suppressed_by limit 1)`
const suppressionShape: Shape<keyof Suppression> = {
  policy: as('v.policy'),
  rule: as('v.rule'),
  ignore: as('v.suppressed_by'),
  reason: as(ignoreReason),
}

/** While a violation is tolerated; past its grace it fails at the next look. */
export const isTolerated = `(v.outcome = 'Pass' and v.violated_since is not null)`

/** Everything of a verdict but whose id it goes by, its cluster, and what excuses it: those lead to other nouns (db/read/graph.ts). */
export const verdictFields: Shape<Exclude<keyof VerdictView, 'id' | 'waiver'>> = {
  policy: (below) => objectOf({ name: as('v.policy'), version: as('v.policy_version') }, below),
  rule: as('v.rule'),
  type: as('v.type'),
  severity: as('v.severity'),
  outcome: as('v.outcome'),
  message: as('v.message'),
  evidence: (below) =>
    manyOf(
      evidenceShape,
      below,
      'from jsonb_array_elements(v.evidence) with ordinality e(said, place) order by e.place',
    ),
  since: as('v.since'),
  cause: as('v.cause'),
  violatedSince: as('v.violated_since'),
  graceUntil: as('v.grace_until'),
  code: as('v.code'),
  dimension: as('v.dimension'),
  subject: (below) => `case when v.about_id is not null then ${objectOf(subjectShape, below)} end`,
  field: as('v.field'),
  expected: as('v.expected'),
  actual: as('v.actual'),
  suppressedBy: (below) => `case when v.suppressed_by is not null then ${objectOf(suppressionShape, below)} end`,
  holdsUntil: as('v.holds_until'),
  stale: as(inputsStale),
  freshness: (below) => objectOf(inputsShape, below),
  judgedAt: as('v.judged_at'),
}
