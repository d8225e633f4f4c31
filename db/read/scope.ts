import { type SQL, sql } from 'drizzle-orm'
import type { Viewer } from '../../fleet/source.ts'

/** The rows of a table (by its alias) a viewer may see, as a condition in every read: the seam for tenants (design.md part 12). */
export function visibleTo(viewer: Viewer, _row: string): SQL {
  switch (viewer.scope) {
    case 'everything':
      return sql`true`
  }
}
