import type { TroubleCode } from '../../fleet/delivery.ts'
import type { Health } from '../../fleet/health.ts'
import { armClusterKind, clusterKind } from '../../fleet/reference.ts'
import type { FreshnessState } from '../../fleet/source.ts'
import { as, clock, objectOf, type Selection, type Shape } from './shape.ts'

/** How old an answer is, and who gave it. */
export interface Freshness {
  readonly state: FreshnessState
  /** When the source last confirmed it; null when it never did. */
  readonly observedAt: string | null
  readonly receivedAt: string | null
  readonly lagSeconds: number | null
  readonly source: { readonly id: string; readonly name: string }
}

/** Health as a reader sees it: `Stale`, with the last state underneath, once its source is silent. */
export type HealthView = Omit<Health, 'holdsUntil'>

const hinderedBut = (...codes: readonly TroubleCode[]): string =>
  `(s.trouble_code is not null or coalesce(r.trouble_code, 'NotInstalled') not in (${codes.map((code) => `'${code}'`).join(', ')}))`

/** Without trouble or merely not served: a kind that does not exist there cannot be unreadable (domain.md 6). */
const troubled = hinderedBut('NotInstalled')
/** Of a single object: what was read is not troubled by what could not be, which is known apart (`last_read_at`). */
const hindered = hinderedBut('NotInstalled', 'Partial')
/** Of a kind, because a source may answer while one kind is forbidden; that a kind is not served is an answer too. */
const kindSuccess = `coalesce(r.last_success_at, case when r.source_id is null or r.trouble_code = 'NotInstalled' then s.last_success_at end)`

/**
 * Of clusters and what is composed with them: a source's Cluster objects may be read, and its clusters not be made yet. Before they
 * were, for the first time, it has not reported any.
 */
export const composedSuccess = `case when r.kind in ('${clusterKind}', '${armClusterKind}') and r.composed_at is null and r.trouble_code is distinct from 'NotInstalled'
    then null else ${kindSuccess} end`

/** `freshnessOf` (fleet/freshness.ts) in SQL, over `s` (source) and `r` (reading). A test holds the two together. */
const stateOfRead = (success: string, trouble: string): string => `case
    when s.removed_at is not null then 'GONE'
    when ${success} is null then case when ${trouble} then 'UNREADABLE' else 'NEVER_REPORTED' end
    when ${success} + s.stale_after_ms * interval '1 millisecond' <= ${clock} then 'STALE'
    when ${trouble} then 'UNREADABLE'
    else 'FRESH' end`

/** The freshness of a whole source `s`. */
export const sourceState = stateOfRead('s.last_success_at', 's.trouble_code is not null')

/** The freshness of what a source `s` says of the kind whose reading is `r`. */
export const readingState = stateOfRead(kindSuccess, troubled)

/** The freshness of what a source `s` says of clusters, by its reading `r` of their kind. */
export const composedState = stateOfRead(composedSuccess, troubled)

/** Fields, of rows and of filters alike, that speak of `f`. */
const judgedFields: ReadonlySet<string> = new Set(['health', 'freshness', 'gitops', 'gitopsHealth'])

/** Whether a selection or a filter speaks of `f`, so that it must be joined. */
export function asksFreshness(asked: Selection | object | null | undefined, deep = false): boolean {
  return Object.entries(asked ?? {}).some(
    ([field, below]) => judgedFields.has(field) || (deep && typeof below === 'object' && asksFreshness(below, true)),
  )
}

/**
 * `f` of one source `s` and its reading `r` of a kind. `lastRead` is the SQL of when the object in question was last read, where that is
 * not with its kind (db/ingest/unread.ts).
 */
function judgedBy(of: 'observed' | 'composed', lastRead: string): string {
  const success = `coalesce(${lastRead}, ${of === 'composed' ? composedSuccess : kindSuccess})`
  const trouble = `(${lastRead} is not null or ${hindered})`
  return `select s.id as source_id, ${stateOfRead(success, trouble)} as state, ${success} as last_success_at,
    coalesce(${lastRead}, greatest(r.caught_up_at, r.verified_at)) as confirmed_at, s.removed_at,
    s.stale_after_ms * interval '1 millisecond' as patience, ${trouble} as troubled
  from source s left join reading r on r.source_id = s.id`
}

/** When the object of a cluster `row` that the source `s` has was last read. */
const lastReadOf = (row: string): string =>
  `case when s.id = ${row}.source_id then ${row}.last_read_at else ${row}.arm_last_read_at end`

/** Joins `f`: how fresh an object `o` is. Joined only where `asksFreshness`. */
export const joinFreshness = `left join lateral (
    ${judgedBy('observed', 'o.last_read_at')} and r.kind = o.kind where s.id = o.source_id) f on true`

/**
 * Joins `f` of what several witnesses tell: `home`, while it is trusted, else Azure if it is fresh. Nothing is stale while a witness is
 * fresh (design.md part 10). `azure` is the SQL of the source that reads the cluster there, `kind` that of the home's kind.
 */
const joinWitnesses = (
  of: 'observed' | 'composed',
  home: string,
  kind: string,
  azure: string,
  lastRead: string,
  azureSpeaks = 'true',
): string => `left join lateral (
    select * from (${judgedBy(of, lastRead)} and r.kind = case when s.id = ${home} then ${kind} else '${armClusterKind}' end
      where s.id = ${home} or s.id = ${azure}) x
    order by case when x.source_id = ${home} then case when x.state in ('FRESH', 'UNREADABLE') then 0 else 2 end
      when x.state = 'FRESH' and ${azureSpeaks} then 1 else 3 end limit 1) f on true`

const poolHome = 'case when w.id is null then coalesce(h.arm_source_id, p.source_id) else p.source_id end'
const poolLastRead = `case when s.id = p.source_id and w.id is not null then w.last_read_at else ${lastReadOf('h')} end`
const poolKind = `coalesce(w.kind, case when h.arm_source_id is null then h.kind end, '${armClusterKind}')`

/** Clusters `c`, `f`, and their home's objects `w`: looked up only where the kind is not fresh. */
export const judgedClusters = `cluster c ${joinWitnesses('composed', 'c.source_id', 'c.kind', 'c.arm_source_id', lastReadOf('c'))}
  left join object w on w.id = case when f.state <> 'FRESH' then c.object_id end and w.source_id = c.source_id`

/**
 * Node pools `p`, `f`, and their worker objects `w`, whose ids they have. Pools that are only listed have none: Azure lists them, or
 * an operator on the home, whose word is as old as that on its clusters. Azure need not list what is declared, and only `settle` knows
 * whether it does: it stores as Stale what no fresh witness speaks of.
 */
export const judgedPools = `node_pool p left join object w on w.id = p.id and w.source_id = p.source_id
  left join cluster h on h.id = p.cluster_id and h.source_id = p.source_id
  ${joinWitnesses('observed', poolHome, poolKind, 'h.arm_source_id', poolLastRead, `p.state <> 'Stale'`)}`

const gone = (row: string): string => `(${row === 'v' ? 'c' : row}.gone_at is not null or f.state = 'GONE')`

// A cluster is composed again when the clock turns, which is no news of it: what counts is its Cluster object, `w`. Of what a finding
// `v` rests on, other sources than the cluster's own did not even take part in that.
const ownOf = (row: string, column: 'received_at' | 'observed_at'): string => {
  if (row === 'o') return `o.${column}`
  if (row === 'p') return `w.${column}`
  if (row === 'v')
    return `coalesce(w.${column}, case when f.source_id in (c.source_id, c.arm_source_id) then c.composed_at end)`
  return `coalesce(w.${column}, c.composed_at)`
}

/** The newest word of a row: its kind was confirmed, or it was itself received while its kind could not be. */
const heardOf = (row: string): string => `greatest(f.last_success_at, ${ownOf(row, 'received_at')})`

/**
 * The freshness of a row: `freshnessOf` (fleet/freshness.ts) with its own reading as good as one of its kind. Its health is `Stale`
 * exactly where this is STALE or GONE (design.md part 13).
 */
export const freshnessStateOf = (row: string): string => `case when ${gone(row)} then 'GONE'
    when f.state = 'FRESH' or (f.state = 'UNREADABLE' and f.last_success_at is not null) then f.state
    when ${heardOf(row)} is null then f.state
    when ${heardOf(row)} + f.patience <= ${clock} then 'STALE'
    when f.troubled then 'UNREADABLE' else 'FRESH' end`

const freshnessShape = (row: string): Shape<keyof Freshness> =>
  freshnessOf('f', {
    state: freshnessStateOf(row),
    observedAt: observedAt(row),
    receivedAt: `coalesce(f.last_success_at, ${receivedAt(row)})`,
  })

const freshnessOf = (
  from: string,
  told: Readonly<Record<'state' | 'observedAt' | 'receivedAt', string>>,
): Shape<keyof Freshness> => ({
  state: as(told.state),
  observedAt: as(told.observedAt),
  receivedAt: as(told.receivedAt),
  lagSeconds: as(`floor(extract(epoch from ${clock} - ${told.observedAt}))::int`),
  source: (below) => objectOf({ id: as(`'Source:' || ${from}.source_id`), name: as(`${from}.source_id`) }, below),
})

// Objects know when they were last written; a reading that found them unchanged is newer.
const observedAt = (row: string): string =>
  row === 'o' ? 'greatest(f.confirmed_at, o.observed_at)' : `coalesce(f.confirmed_at, ${ownOf(row, 'observed_at')})`
const receivedAt = (row: string): string => (row === 'o' ? 'o.received_at' : `${row}.composed_at`)

/** Whether the evidence of a finding `v` names a source. */
const names = (source: string): string => `v.evidence @> jsonb_build_array(jsonb_build_object('from', ${source}))`

/**
 * The sources that a finding `v` rests on. Of drift: that of the object it is about (`k`), else its home, and all that its evidence
 * names. Else, of the sources of its cluster `c`, those that the evidence names; its home, where it names neither.
 */
const inputs = `case when v.code is not null
    then array(select e ->> 'from' from jsonb_array_elements(v.evidence) e) || coalesce(k.source_id, v.source_id)
  when c.arm_source_id is null or not ${names('c.arm_source_id')} then array[v.source_id]
  when ${names('v.source_id')} then array[v.source_id, c.arm_source_id] else array[c.arm_source_id] end`

/** What is heard of least comes first. */
const worstFirst = `array['GONE', 'STALE', 'NEVER_REPORTED', 'UNREADABLE', 'FRESH']`

/** The managed cluster that an Azure source has of a cluster `c`. */
const armObject = `(select n.id from object n
    where n.cluster_id = c.id and n.source_id = f.source_id and n.kind = '${armClusterKind}' order by n.gone_at desc nulls first limit 1)`

/** What a source `s` is asked of: the kind of the object it is about, else its clusters. */
const inputKind = `case when s.id = i.about_source then i.about_kind when s.id = v.source_id then coalesce(c.kind, '${clusterKind}')
  when s.type = 'azure' then '${armClusterKind}' else '${clusterKind}' end`
const inputLastRead = `case when s.id = i.about_source then i.about_read when s.id = v.source_id then c.last_read_at
  when s.id = c.arm_source_id then c.arm_last_read_at end`

/**
 * Joins `g`: the stalest of the sources that a finding `v` rests on, whether it is of a cluster `c` or of none. Another witness is no
 * comfort here: it does not say what the finding was judged by (design.md part 11). `offset 0`: the evidence is looked into once, not
 * once for every source. An object that is gone was last read with its kind.
 */
export const joinInputs = `cross join lateral (select ${inputs} as told, k.source_id as about_source, k.kind as about_kind,
      case when k.gone_at is null then k.last_read_at end as about_read
    from (values (1)) one left join object k on k.id = v.about_id offset 0) i left join lateral (
    select * from (select f.source_id, ${freshnessStateOf('v')} as state, ${observedAt('v')} as observed_at,
        coalesce(f.last_success_at, ${ownOf('v', 'received_at')}) as received_at
      from (${judgedBy('composed', inputLastRead)} and r.kind = ${inputKind} where s.id = any(i.told)) f
      left join object w on w.source_id = f.source_id and w.id = case when f.state = 'FRESH' then null
        when f.source_id = i.about_source then v.about_id
        when f.source_id = v.source_id then c.object_id when f.source_id = c.arm_source_id then ${armObject} end) x
    order by array_position(${worstFirst}, x.state), x.observed_at nulls first limit 1) g on true`

/** Over `g`. */
export const inputsShape = freshnessOf('g', {
  state: 'g.state',
  observedAt: 'g.observed_at',
  receivedAt: 'g.received_at',
})
export const inputsStale = `(g.state in ('STALE', 'GONE'))`

// What is fresh by its kind, as nearly everything is, needs no second look.
const silent = (row: string): string =>
  `(${gone(row)} or (f.state <> 'FRESH' and (${freshnessStateOf(row)}) in ('STALE', 'GONE')))`
const isStale = (row: string): string => `(${silent(row)} and ${row}.state <> 'Stale')`

/** The state as a reader sees it, for filters and groups as for fields: nothing is green on an old word. */
export const stateOf = (row: string): string => `case when ${isStale(row)} then 'Stale' else ${row}.state end`

const staleReason = (row: string): string => `case when ${gone(row)} then 'Gone' else 'Unreachable' end`
const staleMessage = (
  row: string,
): string => `case when ${gone(row)} then 'It is no longer there; this is the last that was seen.'
  else 'not read since its limit passed; it was ' || ${row}.state || ' (' || ${row}.reason || ')' end`
const staleSince = (row: string): string => `coalesce(${row}.gone_at, f.removed_at, ${heardOf(row)} + f.patience)`
/** What is gone says so, also where it was stale before. */
const isRetold = (row: string): string => `(${gone(row)} or ${isStale(row)})`

const healthShape = (row: string): Shape<keyof HealthView> => ({
  state: as(stateOf(row)),
  underlying: as(`case when ${isStale(row)} then ${row}.state else ${row}.underlying end`),
  reason: as(`case when ${isRetold(row)} then ${staleReason(row)} else ${row}.reason end`),
  message: as(`case when ${isRetold(row)} then ${staleMessage(row)} else ${row}.message end`),
  since: as(`case when ${isRetold(row)} then ${staleSince(row)} else ${row}.since end`),
  flags: as(`to_json(${row}.flags)`),
})

/** A health kept whole as jsonb, turned stale like the one kept as columns. */
export const keptHealthOf = (row: string, column: string): string =>
  `case when ${gone(row)} or (${silent(row)} and ${column} ->> 'state' <> 'Stale') then ${column} || jsonb_build_object(
    'state', 'Stale', 'underlying', case when ${column} ->> 'state' = 'Stale' then ${column} -> 'underlying' else ${column} -> 'state' end, 'reason', ${staleReason(row)},
    'message', ${staleMessage(row)}, 'since', ${staleSince(row)}) else ${column} end`

/** `health` and `freshness` of a noun whose row is `row`, joined to `f`. */
export function judgedShape(row: string): Shape<'health' | 'freshness'> {
  const [health, freshness] = [healthShape(row), freshnessShape(row)]
  return { health: (below) => objectOf(health, below), freshness: (below) => objectOf(freshness, below) }
}
