import { sql } from 'drizzle-orm'
import type { Surroundings } from '../../fleet/composition/surroundings.ts'
import { armClusterKind } from '../../fleet/reference.ts'
import { type Db, rowsOf } from '../client.ts'
import { texts } from '../recordset.ts'
import { armKeyOf, type Membership } from './members.ts'

type Absence = NonNullable<Surroundings['missing']>

/**
 * Since when (RFC 3339), and as which source says, Azure, asked for them by id, does not have clusters that are declared: by ARM id
 * in lower case. Nothing is asked where Azure itself tells of the cluster.
 */
export async function absencesOf(
  tx: Db,
  clusters: Iterable<readonly Membership[]>,
): Promise<ReadonlyMap<string, Absence>> {
  const keys = new Set<string>()
  for (const own of clusters) {
    if (own.some(({ row }) => row.kind === armClusterKind)) continue
    for (const { row } of own) for (const key of armKeyOf(row)) keys.add(key)
  }
  if (keys.size === 0) return new Map()
  const rows = await rowsOf<{ key: string; since: string | Date; source: string }>(
    tx,
    sql`select distinct on (arm_id) arm_id as key, first_confirmed_at as since, source_id as source from absence
      where arm_id = any(${texts([...keys])}) order by arm_id, first_confirmed_at, source_id`,
  )
  return new Map(rows.map(({ key, since, source }) => [key, { since: new Date(since).toISOString(), source }]))
}
