import { type SQL, sql } from 'drizzle-orm'
import type { Viewer } from '../../fleet/source.ts'

/** The rows of a table (by its alias) that are still there: not seen deleted, and of a source that is still in the fleet file. */
export const livingOf = (row: string): string =>
  `(${row}.gone_at is null and ${row}.source_id not in (select id from source where removed_at is not null))`

/** The rows of a table (by its alias) a viewer may see, as a condition in every read: the seam for tenants (design.md part 12). */
export function visibleTo(viewer: Viewer, _row: string): SQL {
  switch (viewer.scope) {
    case 'everything':
      return sql`true`
  }
}
