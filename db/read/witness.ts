import { armClusterKind } from '../../fleet/reference.ts'
import { as, manyOf, objectOf, type Selection, type Shape } from './shape.ts'

// What the witnesses of a cluster `c` say of each other, and what is missing among what they say.

/** A field on which they differ, with what each says. */
export interface Disagreement {
  readonly field: string
  readonly values: readonly {
    readonly source: { readonly id: string; readonly name: string }
    readonly kind: string
    readonly resource: { readonly id: string; readonly kind: string; readonly namespace: string; readonly name: string }
    readonly value: string | null
    readonly observedAt: string | null
  }[]
}

/** `UNDECLARED`: Azure has it and nothing declares it. `MISSING`: it is declared and Azure does not have it. */
export type OrphanDirection = 'UNDECLARED' | 'MISSING'

/** How a cluster stands alone. */
export interface Orphan {
  readonly direction: OrphanDirection
  readonly armId: string | null
  readonly lastConfirmedAt: string | null
  /** What confirmed it: Azure's complete list, or its answer to one request for this id. */
  readonly confirmationMethod: 'LISTING' | 'GET'
  readonly createdBy: string | null
  /** When the last object that declared it went away. */
  readonly declaredUntil: string | null
  readonly nodeResourceGroup: string | null
}

/** Whose label names the owner. */
export type OwnershipSource = 'clusterLabel' | 'azureTag' | 'sourceLabel'

/** When a source last confirmed an object `e`: a reading of its kind that found it unchanged is newer than the object's own. */
const confirmed = `(select greatest(r.caught_up_at, r.verified_at, e.observed_at) from object e
  left join reading r on r.source_id = e.source_id and r.kind = e.kind where e.id = (x.said ->> 'objectId')::uuid)`

const valueShape: Shape<keyof Disagreement['values'][number]> = {
  source: (below) => objectOf({ id: as(`'Source:' || (x.said ->> 'source')`), name: as(`x.said ->> 'source'`) }, below),
  kind: as(`split_part(x.said ->> 'kind', '/', 2)`),
  resource: (below) =>
    `(select ${objectOf(
      {
        id: as(`'Resource:' || (x.said ->> 'objectId')`),
        kind: as(`split_part(x.said ->> 'kind', '/', 2)`),
        namespace: as(`coalesce(e.namespace, '')`),
        name: as(`coalesce(e.name, '')`),
      },
      below,
    )} from (values (1)) one left join object e on e.id = (x.said ->> 'objectId')::uuid)`,
  value: as(`x.said ->> 'value'`),
  observedAt: as(confirmed),
}

const disagreementShape: Shape<keyof Disagreement> = {
  field: as(`d.said ->> 'field'`),
  values: (below) =>
    manyOf(
      valueShape,
      below,
      `from jsonb_array_elements(d.said -> 'values') with ordinality x(said, place) order by x.place`,
    ),
}

export const disagreementsOf = (below: Selection): string =>
  manyOf(
    disagreementShape,
    below,
    'from jsonb_array_elements(c.disagreements) with ordinality d(said, place) order by d.place',
  )

/** The source that a cluster is itself: a management cluster of the fleet, which the fleet file (or a tag) declares. */
export const managementSource = `(select s.id from source s where s.type = 'managementCluster' and s.removed_at is null
  and s.arm_id = lower(c.arm_id))`

/** Azure's answer 404 to a request for the id that a cluster claims. */
const absences = 'from absence n where n.arm_id = lower(c.arm_id)'

/** The direction in which a cluster stands alone; null where it does not, or where nobody can tell. */
export const orphanDirectionOf = `case when c.gone_at is not null then null
  when c.kind = '${armClusterKind}' then case when not exists ${managementSource} then 'UNDECLARED' end
  when c.arm_id is not null and not 'arm' = any(c.witnesses) and exists (select ${absences}) then 'MISSING' end`

const orphanShape: Shape<keyof Orphan> = {
  direction: as(orphanDirectionOf),
  armId: as('c.arm_id'),
  lastConfirmedAt: as(`case when c.kind = '${armClusterKind}'
    then (select greatest(r.caught_up_at, r.verified_at) from reading r where r.source_id = c.source_id and r.kind = c.kind)
    else (select max(n.last_confirmed_at) ${absences}) end`),
  confirmationMethod: as(`case when c.kind = '${armClusterKind}' then 'LISTING' else 'GET' end`),
  createdBy: as('c.created_by'),
  declaredUntil: as('c.declared_until'),
  nodeResourceGroup: as('c.node_resource_group'),
}

export const orphanOf = (below: Selection): string =>
  `case when (${orphanDirectionOf}) is not null then ${objectOf(orphanShape, below)} end`

/** Labels that a rule demands of the cluster and nobody gives it, whether that is tolerated, waived or not. */
const missing = `from finding t cross join jsonb_array_elements(t.evidence) e
  where t.cluster_id = c.id and t.source_id = c.source_id and t.type = 'labels' and e ->> 'actual' is null and starts_with(e ->> 'field', 'labels.')`

export const missingTagsOf = `(select coalesce(json_agg(distinct substr(e ->> 'field', 8)), '[]'::json) ${missing})`
export const missesTags = `exists (select ${missing})`

/** By comparing values, because the store keeps who the owner is and not which label said so. Tags come second to labels. */
export const ownershipSourceOf = `case when c.owner is null then null
  when exists (select from object e, jsonb_each_text(e.labels) l
    where e.id = c.object_id and e.kind <> '${armClusterKind}' and l.value = c.owner) then 'clusterLabel'
  when exists (select from jsonb_each_text(c.labels) l where l.value = c.owner) then 'azureTag'
  else 'sourceLabel' end`
