import { sql } from 'drizzle-orm'
import { vanishedMs } from '../../fleet/drift/source.ts'
import { clusterKind } from '../../fleet/reference.ts'
import { type Db, rowsOf } from '../client.ts'
import { texts, uuids } from '../recordset.ts'
import type { ClusterRow } from './cluster-row.ts'
import { holdDestinations } from './destination.ts'
import { markDestinations } from './mark.ts'
import type { StoredCluster } from './stored.ts'

/** A cluster before and after it was composed; null: it was not known, or is gone now. */
export interface Moved {
  readonly before: StoredCluster | null
  readonly row: ClusterRow | null
}

/**
 * What clusters that came, went or are reached elsewhere now mean to others: reconcilers that act on them by a destination are looked
 * up again, and the sources given back had a Cluster object of theirs which vanished there. Nothing is asked where none did.
 */
export async function concernedBy(tx: Db, moved: readonly Moved[], now: Date): Promise<readonly string[]> {
  const found = moved.map(moveOf).filter(({ has }) => has)
  if (found.length === 0) return []
  const ids = uuids(found.map(({ id }) => id))
  const endpoints = [...new Set(found.flatMap(({ endpoints }) => endpoints))]
  await holdDestinations(tx)
  const since = new Date(now.getTime() - vanishedMs).toISOString()
  const rows = await rowsOf<{ source: string; own: boolean }>(
    tx,
    sql`select s.id as source, false as own from source s where exists (
        select from object o where o.source_id = s.id and o.acts_at = any(${texts(endpoints.map((one) => `server:${one}`))}) and o.gone_at is null)
      union select s.id, false from binding b join destination d on d.claim = b.claim join source s on d.source_id in ('', s.id)
        where b.cluster_id = any(${ids})
          and exists (select from object o where o.source_id = s.id and o.acts_at = d.acts_at and o.gone_at is null)
      union select source_id, true from object where cluster_id = any(${ids}) and kind = ${clusterKind} and gone_at > ${since}
      union select source_id, true from cluster where endpoint = any(${texts(endpoints)}) and gone_at > ${since}`,
  )
  await markDestinations(
    tx,
    rows.filter(({ own }) => !own).map(({ source }) => source),
  )
  return rows.filter(({ own }) => own).map(({ source }) => source)
}

function moveOf({ before, row }: Moved): { readonly id: string; readonly has: boolean; readonly endpoints: string[] } {
  const living = before && before.goneAt === null ? before : null
  const endpoints = [living?.endpoint, row?.endpoint].filter((endpoint) => endpoint != null)
  const isElsewhere = living?.kind !== row?.kind || living?.sourceId !== row?.sourceId
  return {
    id: row?.id ?? before?.id ?? '',
    has: isElsewhere || living?.endpoint !== (row?.endpoint ?? null),
    endpoints,
  }
}
