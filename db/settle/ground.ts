import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { ClusterFacts } from '../../fleet/cluster.ts'
import type { Reading as Extent } from '../../fleet/composition/surroundings.ts'
import { defaultConventions, layeredConventions } from '../../fleet/convention.ts'
import { clusterKind, type KindKey } from '../../fleet/reference.ts'
import { cellsOf, eachOf, madeOf, type Query, queries } from '../query.ts'
import { source as sourceTable } from '../tables.ts'
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
  /** What a source says of all its clusters: a cluster's own labels and region win. */
  readonly settingOf: (home: string) => Pick<Composed, 'sourceRegion' | 'told'>
}

const { cells, read } = cellsOf(getTableColumns(sourceTable))

/** `sources`: a select of their ids. */
export const groundOf = (round: Round, sources: SQL): Query<Ground> =>
  madeOf(
    queries({
      rows: eachOf(sql`select ${cells} from source where id in (${sources})`, read),
      readings: eachOf(
        sql`select json_build_array(r.source_id, r.kind, r.stale, ${extentOf}, r.version is not null)
          from reading r where r.source_id in (${sources})`,
        ([source, kind, stale, extent, served]: [string, string, boolean, Extent, boolean]) => ({
          ...{ source, kind, stale, extent, served },
        }),
      ),
      unread: eachOf(
        sql`select json_build_array(s.id) from source s left join reading r on r.source_id = s.id and r.kind = ${clusterKind}
          where s.type = 'managementCluster' and s.removed_at is null and (r.last_success_at is null or r.trouble_code is not null)
            and r.trouble_code is distinct from 'NotInstalled' and (r.source_id is not null or s.discovered_at is null
              and not exists (select from reading o where o.source_id = s.id and o.version is not null))`,
        ([source]: [string]) => source,
      ),
    }),
    (told) => groundFrom(told, round),
  )

interface Told {
  readonly rows: readonly StoredSource[]
  readonly readings: readonly {
    readonly source: string
    readonly kind: string
    readonly stale: boolean
    readonly extent: Extent
    readonly served: boolean
  }[]
  readonly unread: readonly string[]
}

function groundFrom({ rows, readings, unread }: Told, { conventions = defaultConventions }: Round): Ground {
  const readingOf = new Map(readings.map((reading) => [`${reading.source} ${reading.kind}`, reading]))
  // Discovery names all that a server has; of a source that was never asked, nobody knows what it lacks.
  const discovered = new Set(readings.filter(({ served }) => served).map(({ source }) => source))
  const sources = new Map(rows.map((row) => [row.id, row]))
  return {
    sourceOf: (id) => sources.get(id),
    isStale: (source, kind) => readingOf.get(`${source} ${kind}`)?.stale === true,
    readingOf: (source, kind) =>
      readingOf.get(`${source} ${kind}`)?.extent ?? (discovered.has(source) ? 'notInstalled' : 'unreadable'),
    declarersUnread: unread.toSorted(),
    settingOf: (home) => ({
      sourceRegion: sources.get(home)?.region ?? null,
      told: (layers: ClusterFacts['labelLayers']) =>
        layeredConventions([...layers, sources.get(home)?.labels ?? {}], conventions),
    }),
  }
}
