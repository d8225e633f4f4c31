import { sql } from 'drizzle-orm'
import type { Db } from '../client.ts'
import { uuids } from '../recordset.ts'
import type { Round, Taken } from './round.ts'

/** Owner references deeper than this are a loop. */
const depthMax = 8

/**
 * Lets objects that name no cluster, and act at no destination (db/settle/destination.ts), follow their parents: those that came before them, and those whose parent has moved to another
 * cluster. Clusters that lose or win a member this way, and are not being composed now, are marked.
 */
export async function inherit(tx: Db, { source }: Round, taken: readonly Taken[]): Promise<void> {
  const ids = uuids(taken.map(({ id }) => id))
  await tx.execute(sql`with recursive kin as (
      select o.id, o.cluster_id, o.owner_namespace, o.owner_name, 0 as depth from object o
      where o.cluster_id = any(${ids}) and o.source_id = ${source} and o.gone_at is null
        and (o.owner_named or o.acts_at is not null or not exists (
          select from object p where p.id = o.parent_id and p.source_id = o.source_id and p.gone_at is null
            and p.cluster_id is distinct from o.cluster_id))
      union all
      select c.id, kin.cluster_id, kin.owner_namespace, kin.owner_name, kin.depth + 1 from kin
      join object c on c.parent_id = kin.id and c.source_id = ${source} and not c.owner_named and c.acts_at is null
      where kin.depth < ${depthMax}),
    strays as (
      select o.id, p.cluster_id, p.owner_namespace, p.owner_name from object o
      join object p on p.id = o.parent_id and p.source_id = o.source_id and p.gone_at is null
      where o.cluster_id = any(${ids}) and o.source_id = ${source} and not o.owner_named and o.acts_at is null
        and p.cluster_id is distinct from o.cluster_id),
    moving as (
      select distinct on (m.id) m.id, m.cluster_id, m.owner_namespace, m.owner_name,
        o.cluster_id as left_id, o.owner_namespace as left_namespace, o.owner_name as left_name
      from (select id, cluster_id, owner_namespace, owner_name, depth from kin where depth > 0
            union all select id, cluster_id, owner_namespace, owner_name, 100 from strays) m
      join object o on o.id = m.id and o.source_id = ${source}
      where o.cluster_id is distinct from m.cluster_id order by m.id, m.depth),
    moved as (
      update object o set cluster_id = m.cluster_id, owner_namespace = m.owner_namespace, owner_name = m.owner_name
      from moving m where o.id = m.id and o.source_id = ${source} returning m.*)
    insert into unsettled (source_id, cluster_id, owner_namespace, owner_name)
    select ${source}, cluster_id, owner_namespace, owner_name from moved where cluster_id is not null and not cluster_id = any(${ids})
    union select ${source}, left_id, left_namespace, left_name from moved where left_id is not null and not left_id = any(${ids})`)
}
