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
  /** Management clusters of the fleet whose Cluster objects cannot be read now, in order: a cluster that seems to be nobody's may be theirs. */
  readonly declarersUnread: readonly string[]
  /** Whether `host:port` means the same server wherever it is asked for: it may then be a cluster of any source. */
  readonly isPublic: (endpoint: string) => boolean
  /** Since when (RFC 3339) which source in Azure, asked in complete listings and by id, does not have the declared cluster. Null: it has it, or nobody asked. */
  readonly missing: { readonly since: string; readonly source: string } | null
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
  declarersUnread: [],
  isPublic: () => false,
  missing: null,
  declaredUntil: null,
  managementCluster: null,
}
