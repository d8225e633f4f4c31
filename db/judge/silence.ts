import { sql } from 'drizzle-orm'
import type { Drift } from '../../fleet/drift/difference.ts'
import type { Silence } from '../../fleet/policy/subject.ts'
import type { KindKey } from '../../fleet/reference.ts'
import { listOf, madeOf, type Query } from '../query.ts'
import { uuids } from '../recordset.ts'

/**
 * Who is silent of those that the drift of subjects names as evidence, as `settle` noted last, so that verdicts turn when it marks them.
 * What it gives tells of one subject's drift.
 */
export const silenceOf = (subjectIds: readonly string[]): Query<(drift: Drift) => readonly Silence[]> =>
  madeOf(
    listOf(
      sql`select json_build_array(r.source_id, r.kind, r.last_success_at + s.stale_after_ms * interval '1 millisecond')
        from reading r join source s on s.id = r.source_id where r.stale and r.last_success_at is not null
          and r.source_id in (select jsonb_path_query(differences, '$[*].evidence[*].from') #>> '{}' from drift
            where subject_id = any(${uuids(subjectIds)}))
        order by r.source_id, r.kind`,
      ([source, kind, since]: [string, KindKey, string]): Silence => ({
        ...{ source, kind },
        since: new Date(since).toISOString(),
      }),
    ),
    (silent) =>
      ({ differences }) => {
        if (silent.length === 0) return []
        const named = new Set(differences.flatMap(({ evidence }) => evidence.map(({ from }) => from)))
        return silent.filter(({ source }) => named.has(source))
      },
  )
