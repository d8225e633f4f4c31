import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import { formerClaim } from '../claim.ts'
import { cluster } from '../cluster-tables.ts'
import { cellsOf, eachOf, madeOf, type Query, queries } from '../query.ts'
import { texts, uuids } from '../recordset.ts'

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
  /** What means them, and which of them. Who holds a cluster's source holds these, too: nobody gives them to another meanwhile. */
  readonly claims: ReadonlyMap<string, string>
}

const { cells, read } = cellsOf(getTableColumns(cluster))

export function storedOf(ids: readonly string[]): Query<Stored> {
  const given = uuids(ids)
  return madeOf(
    queries({
      drift: driftWhere(sql`subject_id = any(${given})`),
      gitops: gitopsWhere(sql`cluster_id = any(${given})`),
      strays: eachOf(
        sql`select json_build_array(source_id, cluster_id) from stray where cluster_id = any(${given})`,
        ([sourceId, clusterId]: [string, string]) => ({ sourceId, clusterId }),
      ),
      clusters: eachOf(sql`select ${cells} from cluster where id = any(${given})`, read),
      former: eachOf(
        sql`select json_build_array(substr(claim, 4), cluster_id) from binding where claim = any(${texts(ids.map(formerClaim))})`,
        (pair: readonly [string, string]) => pair,
      ),
      claims: eachOf(
        sql`select json_build_array(claim, cluster_id) from binding where cluster_id = any(${given})`,
        (pair: readonly [string, string]) => pair,
      ),
    }),
    ({ clusters, former, claims, ...beside }) => ({
      ...beside,
      clusters: new Map(clusters.map((row) => [row.id, row])),
      former: new Map(former),
      claims: new Map(claims),
    }),
  )
}

/** Of a management cluster itself. */
export const storedOfSource = (source: string, subjectId: string): Query<Beside> =>
  madeOf(
    queries({
      drift: driftWhere(sql`subject_id = ${subjectId}`),
      gitops: gitopsWhere(sql`source_id = ${source} and cluster_id is null`),
    }),
    (told) => ({ ...told, strays: [] }),
  )

const driftWhere = (which: SQL): Query<Beside['drift']> =>
  eachOf(
    sql`select json_build_array(subject_id, source_id, digest) from drift where ${which}`,
    ([subjectId, sourceId, digest]: [string, string, string]) => ({ subjectId, sourceId, digest }),
  )

const gitopsWhere = (which: SQL): Query<Beside['gitops']> =>
  eachOf(
    sql`select json_build_array(id, source_id, cluster_id, digest) from gitops where ${which}`,
    ([id, sourceId, clusterId, digest]: [string, string, string | null, string]) => ({
      id,
      sourceId,
      clusterId,
      digest,
    }),
  )
