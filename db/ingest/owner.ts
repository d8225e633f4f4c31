import { sql } from 'drizzle-orm'
import type { ClusterName } from '../../fleet/observation.ts'
import { claimOf, mintedId } from '../claim.ts'
import { type Db, rowsOf } from '../client.ts'
import { texts, uuids } from '../recordset.ts'
import type { Changed } from './probe.ts'
import type { Read } from './read.ts'
import { actsAtOf } from './row.ts'

/** The cluster an object belongs to. */
export interface Owner {
  readonly name: ClusterName
  readonly clusterId: string
}

/**
 * A changed object with its owner: the one it names, else the one its destination means (db/settle/destination.ts), else its parent's,
 * whose own owner was resolved when it came.
 */
export interface Owned extends Changed {
  readonly owner: Owner | null
}

/**
 * Resolves owners. A parent that comes after its child, or in the same page, is taken up by `settle` (db/settle/inherit.ts):
 * here nothing is locked, so that two kinds of a source never wait for each other.
 */
export async function resolveOwners(
  tx: Db,
  { delivery: { source }, kind }: Read,
  changed: readonly Changed[],
): Promise<Owned[]> {
  const claimed = changed.map(({ observation }) => claimOf(source, kind, observation))
  const parents = changed.flatMap(({ observation: o }) =>
    o.owner === null && o.parentId !== null && !o.facts.actsAt ? [o.parentId] : [],
  )
  const bound = await boundTo(tx, [...new Set(claimed.filter((claim) => claim !== null))])
  const inherited = await ownersOf(tx, source, [...new Set(parents)])
  return changed.map((one, n) => {
    const { owner, parentId } = one.observation
    const claim = claimed[n]
    if (one.observation.facts.actsAt && !owner) return { ...one, owner: destinedTo(one) }
    if (!owner || !claim) return { ...one, owner: (parentId ? inherited.get(parentId) : null) ?? null }
    return { ...one, owner: { name: owner, clusterId: bound.get(claim) ?? mintedId(claim) } }
  })
}

/** The cluster that the object's destination was found to mean, for as long as it has the same. */
function destinedTo({ observation, known }: Changed): Owner | null {
  if (!known?.clusterId || known.ownerNamed || known.goneAt !== null) return null
  if (known.actsAt !== actsAtOf(observation.facts)) return null
  const { clusterId, ownerNamespace, ownerName } = known
  return { clusterId, name: { namespace: ownerNamespace ?? '', name: ownerName ?? '' } }
}

async function boundTo(tx: Db, claims: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (claims.length === 0) return new Map()
  const rows = await rowsOf<{ claim: string; id: string }>(
    tx,
    sql`select claim, cluster_id as id from binding
      where claim = any(${texts(claims)})`,
  )
  return new Map(rows.map(({ claim, id }) => [claim, id]))
}

async function ownersOf(tx: Db, source: string, ids: readonly string[]): Promise<ReadonlyMap<string, Owner>> {
  if (ids.length === 0) return new Map()
  const rows = await rowsOf<{ id: string; cluster: string; namespace: string; name: string }>(
    tx,
    sql`select id, cluster_id as cluster, owner_namespace as namespace, owner_name as name from object
      where id = any(${uuids(ids)}) and source_id = ${source} and cluster_id is not null`,
  )
  return new Map(
    rows.map(({ id, cluster, namespace, name }) => [id, { clusterId: cluster, name: { namespace, name } }]),
  )
}
