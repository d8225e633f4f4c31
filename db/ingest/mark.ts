import { type SQL, sql } from 'drizzle-orm'
import type { Kind } from '../../fleet/kinds/kind.ts'
import type { Facts } from '../../fleet/observation.ts'
import { clusterKind, kindKeyOf } from '../../fleet/reference.ts'
import { destinationsId, sourceSubjectId } from '../claim.ts'
import { columnsOf, names, recordset, uuids, values } from '../recordset.ts'
import { unsettled } from '../tables.ts'
import type { Owned } from './owner.ts'
import type { Progress } from './progress.ts'
import type { Read } from './read.ts'
import { actsAtOf } from './row.ts'

/** A cluster to compose again, or a management cluster itself. */
export type Mark = Pick<typeof unsettled.$inferInsert, 'clusterId' | 'ownerNamespace' | 'ownerName'>

const markColumns = columnsOf(unsettled)

/** Has what a management cluster holds beside its workload clusters composed again. */
export const ownMark = (source: string): Mark => nameless(sourceSubjectId(source))

/** Has the destinations of a source's objects looked up again. */
export const destinationsMark = (source: string): Mark => nameless(destinationsId(source))

const nameless = (clusterId: string): Mark => ({ clusterId, ownerNamespace: '', ownerName: '' })

/** Whether it is an object of a GitOps tool: what acts on no known cluster, and what others apply from, is its management cluster's own. */
const isOfGit = ({ part }: Kind, facts: Facts): boolean => facts.gitops !== undefined || part === 'gitops'

/** Both the cluster an object belongs to and the one it left are composed again. */
export function marksOf(source: string, kind: Kind, { observation, owner, known }: Owned): Mark[] {
  const { facts } = observation
  const marks: Mark[] = []
  if (owner)
    marks.push({ clusterId: owner.clusterId, ownerNamespace: owner.name.namespace, ownerName: owner.name.name })
  if (known?.clusterId && known.clusterId !== owner?.clusterId) {
    const { clusterId, ownerNamespace, ownerName } = known
    marks.push({ clusterId, ownerNamespace: ownerNamespace ?? '', ownerName: ownerName ?? '' })
  }
  const isUnclaimed = owner === null || known?.clusterId === null
  if ((isUnclaimed && isOfGit(kind, facts)) || (known?.goneAt && kindKeyOf(kind) === clusterKind))
    marks.push(ownMark(source))
  // What has another destination than before belongs to no cluster until it is found (db/settle/destination.ts).
  const isAsBefore = known?.goneAt === null && !known.ownerNamed && known.actsAt === actsAtOf(facts)
  if (facts.actsAt && observation.owner === null && !isAsBefore) marks.push(destinationsMark(source))
  return marks
}

/**
 * One mark per cluster, however many of its objects ask for it, and one for each cluster with an object that relies on one of these.
 */
export function marked(source: string, marks: readonly Mark[], reliedOn: readonly string[] = []): SQL | null {
  const byCluster = new Map(marks.map((mark) => [mark.clusterId, mark]))
  const rows = [...byCluster.values()].map((mark) => ({ sourceId: source, ...mark }))
  if (reliedOn.length === 0 && rows.length === 0) return null
  const own = sql`select ${values(markColumns)} from ${recordset(markColumns, rows)}`
  const all =
    reliedOn.length === 0
      ? own
      : rows.length === 0
        ? depending(source, reliedOn)
        : sql`${own} union all ${depending(source, reliedOn)}`
  return sql`insert into unsettled (${names(markColumns)}) ${all}`
}

/**
 * Which of these objects others may rely on. Until a kind was read to its end for the first time none need be told: its end concerns
 * everything of the source (`markTurned`).
 */
export function reliedOnAmong(
  ids: readonly string[],
  { delivery: { proof } }: Read,
  { isReliedOn, isFirst }: Progress,
): readonly string[] {
  return isReliedOn && !(isFirst && 'run' in proof) ? ids : []
}

/** A chart's repository, the chart, its release: nothing of Flux or Argo CD is deeper, and a loop ends here. */
const depthMax = 4

/**
 * The clusters, or the management cluster itself, with objects that rely on these. Beyond the first step only what applies from another
 * object hands on: a Cluster relies on what applied it, and not on that one's source.
 */
function depending(source: string, ids: readonly string[]): SQL {
  return sql`select * from (with recursive depending as (
      select id, cluster_id, owner_namespace, owner_name, 1 as depth from object
      where relies_on && ${uuids(ids)} and gone_at is null
      union
      select o.id, o.cluster_id, o.owner_namespace, o.owner_name, d.depth + 1 from depending d
      join object o on o.relies_on @> array[d.id] and o.gone_at is null
      where d.depth < ${depthMax} and o.facts ? 'appliesFrom')
    select distinct on (1, 2) ${source}::text, coalesce(cluster_id, ${sourceSubjectId(source)}::uuid),
      case when cluster_id is null then '' else coalesce(owner_namespace, '') end,
      case when cluster_id is null then '' else coalesce(owner_name, '') end from depending) d`
}
