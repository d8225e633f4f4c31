import { sql } from 'drizzle-orm'
import type { Db } from '../client.ts'
import { columnsOf, names, type Row, recordset, uuids, values } from '../recordset.ts'
import { unsettled } from '../tables.ts'
import type { Round, Taken } from './round.ts'
import type { Stored } from './stored.ts'

const columns = columnsOf(unsettled)

/**
 * Of the marked clusters, those whose home is the round's source: one that has no row yet, too. A cluster is written by the rounds of
 * its home alone, so marks on others are handed over to it. Objects that still name the former id of a cluster follow it.
 */
export async function atHome(
  tx: Db,
  { source }: Round,
  taken: readonly Taken[],
  { clusters, former }: Stored,
): Promise<readonly Taken[]> {
  // They are read again with the objects that follow them here.
  const joined = new Set(former.values())
  const own: Taken[] = []
  const handed: Row<typeof unsettled>[] = []
  for (const one of taken) {
    const { id, name } = one
    const now = former.get(id)
    const home = (now === undefined ? clusters.get(id)?.sourceId : undefined) ?? source
    if (now === undefined && home === source && !joined.has(id)) own.push(one)
    else handed.push({ sourceId: home, clusterId: now ?? id, ownerNamespace: name.namespace, ownerName: name.name })
  }
  if (handed.length === 0) return own
  if (former.size > 0)
    await tx.execute(sql`update object o set cluster_id = m.cluster_id
      from (select unnest(${uuids([...former.keys()])}) as id, unnest(${uuids([...former.values()])}) as cluster_id) m
      where o.cluster_id = m.id and o.source_id = ${source}`)
  await tx.execute(
    sql`insert into unsettled (${names(columns)}) select ${values(columns)} from ${recordset(columns, handed)}`,
  )
  return own
}
