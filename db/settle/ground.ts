import { sql } from 'drizzle-orm'
import type { ClusterFacts } from '../../fleet/cluster.ts'
import type { Reading as Extent } from '../../fleet/composition/surroundings.ts'
import { defaultConventions, layeredConventions } from '../../fleet/convention.ts'
import { clusterKind, type KindKey } from '../../fleet/reference.ts'
import { type Db, rowsOf } from '../client.ts'
import { texts } from '../recordset.ts'
import { source as sourceTable } from '../tables.ts'
import { wholeOf } from '../whole-row.ts'
import type { Composed } from './cluster-row.ts'
import { extentOf } from './mark.ts'
import type { Round } from './round.ts'

type StoredSource = typeof sourceTable.$inferSelect

/** What is known of the sources whose objects are composed. */
export interface Ground {
  readonly sourceOf: (id: string) => StoredSource | undefined
  /** Kinds that fell silent. */
  readonly isStale: (source: string, kind: KindKey) => boolean
  readonly readingOf: (source: string, kind: KindKey) => Extent
  /** Living management clusters whose Cluster objects were never read, or cannot be now, in order. */
  readonly declarersUnread: readonly string[]
  /** The living management cluster that a managed cluster in Azure is, by ARM id in lower case. */
  readonly managementClusterOf: (armId: string) => string | null
  /** What a source says of all its clusters: a cluster's own labels and region win. */
  readonly settingOf: (home: string) => Pick<Composed, 'sourceRegion' | 'told'>
}

const whole = wholeOf(sourceTable)

type Told =
  | { readonly what: 'source'; readonly cells: readonly unknown[] }
  | { readonly what: 'unread'; readonly cells: readonly [source: string] }
  | {
      readonly what: 'reading'
      readonly cells: readonly [source: string, kind: string, stale: boolean, Extent, served: boolean]
    }

/** `armIds` in lower case. One statement. */
export async function groundOf(
  tx: Db,
  { conventions = defaultConventions }: Round,
  ids: readonly string[],
  armIds: readonly string[] = [],
): Promise<Ground> {
  const told = await rowsOf<Told>(
    tx,
    sql`select 'source' as what, ${whole.cells} as cells from source where id = any(${texts(ids)})
        or (type = 'managementCluster' and removed_at is null and arm_id = any(${texts(armIds)}))
      union all select 'reading', json_build_array(r.source_id, r.kind, r.stale, ${extentOf}, r.version is not null)
        from reading r where r.source_id = any(${texts(ids)})
      union all select 'unread', json_build_array(s.id) from source s
        left join reading r on r.source_id = s.id and r.kind = ${clusterKind}
        where s.type = 'managementCluster' and s.removed_at is null and (r.last_success_at is null or r.trouble_code is not null)
          and r.trouble_code is distinct from 'NotInstalled'
          and (r.source_id is not null or s.discovered_at is null and not exists (select from reading o where o.source_id = s.id and o.version is not null))`,
  )
  const rows = told.flatMap(({ what, cells }) => (what === 'source' ? [whole.read(cells)] : []))
  const readings = told
    .flatMap((row) => (row.what === 'reading' ? [row.cells] : []))
    .map(([source, kind, stale, extent, served]) => ({ source, kind, stale, extent, served }))
  const readingOf = new Map(readings.map((reading) => [`${reading.source} ${reading.kind}`, reading]))
  // Discovery names all that a server has; of a source that was never asked, nobody knows what it lacks.
  const discovered = new Set(readings.filter(({ served }) => served).map(({ source }) => source))
  const sources = new Map(rows.map((row) => [row.id, row]))
  const living = rows.filter(({ type, removedAt }) => type === 'managementCluster' && removedAt === null)
  const managementClusters = new Map(living.map(({ id, armId }) => [armId, id]))
  return {
    sourceOf: (id) => sources.get(id),
    isStale: (source, kind) => readingOf.get(`${source} ${kind}`)?.stale === true,
    readingOf: (source, kind) =>
      readingOf.get(`${source} ${kind}`)?.extent ?? (discovered.has(source) ? 'notInstalled' : 'unreadable'),
    declarersUnread: told.flatMap((row) => (row.what === 'unread' ? [...row.cells] : [])).sort(),
    managementClusterOf: (armId) => managementClusters.get(armId) ?? null,
    settingOf: (home) => ({
      sourceRegion: sources.get(home)?.region ?? null,
      told: (layers: ClusterFacts['labelLayers']) =>
        layeredConventions([...layers, sources.get(home)?.labels ?? {}], conventions),
    }),
  }
}
