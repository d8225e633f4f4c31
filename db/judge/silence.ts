import { sql } from 'drizzle-orm'
import type { Drift } from '../../fleet/drift/difference.ts'
import type { Silence } from '../../fleet/policy/subject.ts'
import { type Db, rowsOf } from '../client.ts'
import { uuids } from '../recordset.ts'

/**
 * Who is silent of those that the drift of subjects names as evidence, as `settle` noted last, so that verdicts turn when it marks them.
 * One statement; what it gives tells of one subject's drift.
 */
export async function readSilence(
  db: Db,
  subjectIds: readonly string[],
): Promise<(drift: Drift) => readonly Silence[]> {
  const rows = await rowsOf<Silence & { readonly since: string | Date }>(
    db,
    sql`select r.source_id as source, r.kind, r.last_success_at + s.stale_after_ms * interval '1 millisecond' as since
      from reading r join source s on s.id = r.source_id where r.stale and r.last_success_at is not null
        and r.source_id in (select jsonb_path_query(differences, '$[*].evidence[*].from') #>> '{}' from drift
          where subject_id = any(${uuids(subjectIds)}))
      order by 1, 2`,
  )
  if (rows.length === 0) return () => []
  const silent = rows.map(({ since, ...row }): Silence => ({ ...row, since: new Date(since).toISOString() }))
  return ({ differences }) => {
    const named = new Set(differences.flatMap(({ evidence }) => evidence.map(({ from }) => from)))
    return silent.filter(({ source }) => named.has(source))
  }
}
