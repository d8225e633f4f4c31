import { type SQL, sql } from 'drizzle-orm'
import { drift, gitops, stray } from '../drift-tables.ts'
import { columnsOf, excluded, names, recordset, values, writerOf } from '../recordset.ts'
import type { DriftRow, GitopsRow } from './drift-rows.ts'
import type { Beside } from './stored.ts'

/** What is to be written of what was composed. */
interface News {
  readonly statements: readonly SQL[]
}

const driftKey = columnsOf(drift, ['subjectId', 'sourceId'])
const writtenDrift = writerOf(drift, ['subjectId', 'sourceId'])

/** Makes these the drift of all subjects that `before` is of; `drifted` are those whose drift is another now. */
export function driftNews(
  rows: readonly DriftRow[],
  { drift: before }: Beside,
): News & { readonly drifted: readonly string[] } {
  const statements: SQL[] = []
  const keyOf = ({ subjectId, sourceId }: { subjectId: string; sourceId: string }) => `${subjectId} ${sourceId}`
  const known = new Map(before.map((row) => [keyOf(row), row.digest]))
  const present = new Set(rows.map(keyOf))
  const gone = before.filter((row) => !present.has(keyOf(row)))
  const news = rows.filter((row) => known.get(keyOf(row)) !== row.digest)
  if (gone.length > 0)
    statements.push(sql`delete from drift d using ${recordset(driftKey, gone)}
      where d.subject_id = r."subjectId" and d.source_id = r."sourceId"`)
  if (news.length > 0) statements.push(writtenDrift(news))
  return { statements, drifted: [...new Set([...gone, ...news].map(({ subjectId }) => subjectId))] }
}

const gitopsColumns = columnsOf(gitops)
const gitopsKey = columnsOf(gitops, ['id', 'sourceId', 'clusterId'])
const gitopsContent = gitopsColumns.filter(({ key }) => !['id', 'sourceId', 'behindSince'].includes(key))
/** As long as it has the same applied, it is behind since it first was. */
const behindSince = sql.raw(`behind_since = case when excluded.behind
  and known.applied_revision is not distinct from excluded.applied_revision
  then least(known.behind_since, excluded.behind_since) else excluded.behind_since end`)
const gitopsHead = sql`insert into gitops as known (${names(gitopsColumns)}) select ${values(gitopsColumns)} from`
const gitopsTail = sql`join object o on o.id = r.id and o.source_id = r."sourceId" and o.gone_at is null
    and (r."clusterId" is null or o.cluster_id = r."clusterId")
  on conflict (id, source_id) do update set ${excluded(gitopsContent)}, ${behindSince}`

/**
 * Makes these the reconcilers of all subjects that `before` is of. One that has moved to another cluster since it was read, in a source
 * that nobody holds here, is that one's to write and to end.
 */
export function gitopsNews(rows: readonly GitopsRow[], { gitops: before }: Beside): News {
  const statements: SQL[] = []
  const known = new Map(before.map((row) => [row.id, row.digest]))
  const present = new Set(rows.map(({ id }) => id))
  const gone = before.filter(({ id }) => !present.has(id))
  const news = rows.filter(({ id, digest }) => known.get(id) !== digest)
  if (gone.length > 0)
    statements.push(sql`delete from gitops g using ${recordset(gitopsKey, gone)}
      where g.id = r.id and g.source_id = r."sourceId" and g.cluster_id is not distinct from r."clusterId"`)
  if (news.length > 0) statements.push(sql`${gitopsHead} ${recordset(gitopsColumns, news)} ${gitopsTail}`)
  return { statements }
}

const strayColumns = columnsOf(stray)

/** Makes these the strays among all clusters that `before` is of; `sources` hold what strays, or did. */
export function strayNews(
  rows: Beside['strays'],
  { strays: before }: Beside,
): News & { readonly sources: readonly string[] } {
  const statements: SQL[] = []
  const keyOf = ({ sourceId, clusterId }: Beside['strays'][number]) => `${clusterId} ${sourceId}`
  const known = new Set(before.map(keyOf))
  const present = new Set(rows.map(keyOf))
  const gone = before.filter((row) => !present.has(keyOf(row)))
  const news = rows.filter((row) => !known.has(keyOf(row)))
  if (gone.length > 0)
    statements.push(sql`delete from stray s using ${recordset(strayColumns, gone)}
      where s.cluster_id = r."clusterId" and s.source_id = r."sourceId"`)
  if (news.length > 0)
    statements.push(sql`insert into stray (${names(strayColumns)}) select ${values(strayColumns)} from ${recordset(strayColumns, news)}
      on conflict do nothing`)
  return { statements, sources: [...new Set([...rows, ...before].map(({ sourceId }) => sourceId))] }
}
