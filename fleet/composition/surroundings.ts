import type { Member } from '../cluster.ts'
import { type Conventions, defaultConventions } from '../convention.ts'
import type { Kind } from '../kinds/kind.ts'
import { kindOf } from '../kinds/registry.ts'
import type { KindKey } from '../reference.ts'

/** How far a source can tell of a kind: it was read completely, it could not be, or there is no such kind there. */
export type Reading = 'read' | 'unreadable' | 'notInstalled'

/** What composing needs to know beside the members themselves. */
export interface Surroundings {
  /** The kinds understood, those that operators declare included. */
  readonly kinds: (key: KindKey) => Kind
  readonly conventions: Conventions
  /** Objects that members rely on (`appliesFrom`, `reliesOn`, and what those rely on), by object id. */
  readonly around: ReadonlyMap<string, Member>
  readonly readingOf: (source: string, kind: KindKey) => Reading
  /** RFC 3339; since when Azure, asked in complete listings and by id, does not have the declared cluster. Null: it has it, or nobody asked. */
  readonly missingSince: string | null
  /** RFC 3339; when the last Cluster object went away of a cluster that Azure alone knows now. */
  readonly declaredUntil: string | null
  /** The source that the cluster is itself: the fleet file declares it. Null: none. */
  readonly managementCluster: string | null
}

/** Where nothing is known but the members. */
export const alone: Surroundings = {
  kinds: kindOf,
  conventions: defaultConventions,
  around: new Map(),
  readingOf: () => 'read',
  missingSince: null,
  declaredUntil: null,
  managementCluster: null,
}
