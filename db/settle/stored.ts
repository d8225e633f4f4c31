import { type SQL, sql } from 'drizzle-orm'
import { formerClaim } from '../claim.ts'
import { type Db, rowsOf } from '../client.ts'
import { cluster } from '../cluster-tables.ts'
import { texts, uuids } from '../recordset.ts'
import { wholeOf } from '../whole-row.ts'

export type StoredCluster = typeof cluster.$inferSelect

/** What is stored of what subjects were composed into, beside their clusters. */
export interface Beside {
  readonly drift: readonly { readonly subjectId: string; readonly sourceId: string; readonly digest: string }[]
  readonly gitops: readonly {
    readonly id: string
    readonly sourceId: string
    readonly clusterId: string | null
    readonly digest: string
  }[]
  readonly strays: readonly { readonly sourceId: string; readonly clusterId: string }[]
}

/** What is stored of clusters by their ids, gone ones included. */
export interface Stored extends Beside {
  readonly clusters: ReadonlyMap<string, StoredCluster>
  /** Ids that turned out to be another cluster's, with that one's. */
  readonly former: ReadonlyMap<string, string>
}

const whole = wholeOf(cluster)
const nothing: Stored = { clusters: new Map(), former: new Map(), drift: [], gitops: [], strays: [] }

/** At most one statement. */
export async function storedOf(tx: Db, ids: readonly string[]): Promise<Stored> {
  if (ids.length === 0) return nothing
  const given = uuids(ids)
  const told = await toldBy(
    tx,
    sql`select 'cluster' as what, ${whole.cells} as cells from cluster where id = any(${given})
      union all select 'former', json_build_array(substr(claim, 4), cluster_id) from binding where claim = any(${texts(ids.map(formerClaim))})
      union all select 'drift', ${driftCells} from drift where subject_id = any(${given})
      union all select 'gitops', ${gitopsCells} from gitops where cluster_id = any(${given})
      union all select 'stray', json_build_array(source_id, cluster_id) from stray where cluster_id = any(${given})`,
  )
  const clusters = told('cluster').map(whole.read)
  return {
    ...besideOf(told),
    clusters: new Map(clusters.map((row) => [row.id, row])),
    former: new Map(told('former').map(([id, now]) => [String(id), String(now)])),
  }
}

/** Of a management cluster itself. One statement. */
export async function storedOfSource(tx: Db, source: string, subjectId: string): Promise<Beside> {
  return besideOf(
    await toldBy(
      tx,
      sql`select 'drift' as what, ${driftCells} as cells from drift where subject_id = ${subjectId}
        union all select 'gitops', ${gitopsCells} from gitops where source_id = ${source} and cluster_id is null`,
    ),
  )
}

const driftCells = sql.raw('json_build_array(subject_id, source_id, digest)')
const gitopsCells = sql.raw('json_build_array(id, source_id, cluster_id, digest)')

type Told = (what: string) => readonly (readonly unknown[])[]

async function toldBy(tx: Db, statement: SQL): Promise<Told> {
  const rows = await rowsOf<{ what: string; cells: readonly unknown[] }>(tx, statement)
  return (what) => rows.filter((row) => row.what === what).map(({ cells }) => cells)
}

function besideOf(told: Told): Beside {
  const strings = (what: string) => told(what).map((cells) => cells.map(String))
  return {
    drift: strings('drift').map(([subjectId = '', sourceId = '', digest = '']) => ({ subjectId, sourceId, digest })),
    gitops: told('gitops').map(([id, source, clusterId, digest]) => ({
      id: String(id),
      sourceId: String(source),
      clusterId: clusterId === null ? null : String(clusterId),
      digest: String(digest),
    })),
    strays: strings('stray').map(([sourceId = '', clusterId = '']) => ({ sourceId, clusterId })),
  }
}
