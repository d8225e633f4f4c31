import { hash } from 'node:crypto'
import type { Discovery, ServedKind, Trouble } from '../../fleet/delivery.ts'
import { declarationOf } from '../../fleet/kinds/declared.ts'
import type { Kind } from '../../fleet/kinds/kind.ts'
import { type KindKey, kindKeyOf } from '../../fleet/reference.ts'
import { type Catalogue, type CatalogueKind, readCatalogue } from './catalogue.ts'
import type { Kube } from './kube.ts'
import { genericGroups, isGeneric } from './read-kind.ts'
import { chooseVersion, isReadable } from './served-version.ts'
import type { Result } from './trouble.ts'

export interface Discovered {
  readonly served: readonly ServedKind[]
  /** Kinds of groups that discovery could not read: neither served nor "not installed". */
  readonly troubled: readonly { readonly kind: KindKey; readonly trouble: Trouble }[]
  /** What to keep of it; null when it has holes, and is asked for again at the next poll. */
  readonly discovery: Discovery | null
}

/** What a server said before, as the store kept it. */
export interface Known {
  readonly discovery: Discovery
  readonly served: readonly ServedKind[]
}

/**
 * How long a server's word on what it serves is believed without asking, in ms: a kind that is installed meanwhile is read so
 * much later. One that is gone answers 404, and ends it.
 */
export const discoveryAgeMaxMs = 600_000

/** Asks which of our kinds are served and in which version (design.md 8.1). Trouble only where nothing can be said of any. */
export async function discover(
  kube: Kube,
  kinds: readonly Kind[],
  before: Known | null,
  now: Date,
): Promise<Result<Discovered>> {
  const reachable = reachableOf(kinds)
  const asked = askedFor(kinds)
  const known = before?.discovery.asked === asked ? before : null
  if (known !== null && now.getTime() - known.discovery.at.getTime() < discoveryAgeMaxMs)
    return { value: { ...known, troubled: [] } }
  const groups = new Set([...reachable.map(({ group }) => group), ...genericGroups])
  const read = await readCatalogue(kube, groups, known?.discovery.etag ?? null)
  if (read.trouble !== undefined) return read
  if (read.value === 'notModified') {
    if (known !== null) return { value: { ...known, troubled: [], discovery: { ...known.discovery, at: now } } }
    const message = `${kube.server} answered 304 to a request for /apis that named no ETag`
    return { trouble: { code: 'BadAnswer', message } }
  }
  const { catalogue, etag } = read.value
  const discovery = catalogue.unread.size === 0 ? { at: now, etag, asked } : null
  return { value: { ...sorted(catalogue, reachable), discovery } }
}

interface Reachable {
  readonly group: string
  readonly kind: string
  readonly plural: string
  readonly versions: readonly string[] | 'newest'
  /** Of a kind that an operator declares. */
  readonly declaration: string | null
}

const reachableOf = (kinds: readonly Kind[]): readonly Reachable[] =>
  kinds.flatMap((one) => {
    const { group, kind, reach } = one
    return reach.by === 'kube' ? [{ group, kind, ...reach, declaration: declarationOf(one) }] : []
  })

/** Digest of what a server is asked for: another one where kinds, the order of their versions or a declaration changed. */
export function askedFor(kinds: readonly Kind[]): string {
  const asked = reachableOf(kinds).map(({ group, kind, versions, declaration }) => [
    ...[group, kind, versions],
    ...(declaration === null ? [] : [declaration]),
  ])
  return hash('sha256', JSON.stringify([asked, genericGroups]))
}

/** What a catalogue means for the kinds we look for, and for those of provider groups that nobody wrote a file for. */
function sorted(
  { kinds, unread }: Catalogue,
  reachable: readonly Reachable[],
): Pick<Discovered, 'served' | 'troubled'> {
  const plurals = new Map(reachable.map((one) => [kindKeyOf(one), one.plural]))
  const isMeant = (one: CatalogueKind) => plurals.get(kindKeyOf(one)) === one.plural
  // Of two resources of one kind the one whose name we know is meant: the last entry of a key stays.
  const byKey = new Map([...kinds, ...kinds.filter(isMeant)].map((one) => [kindKeyOf(one), one]))
  const known = new Set(reachable.map(kindKeyOf))
  const generic = kinds.filter((one) => isGeneric(one) && !known.has(kindKeyOf(one)))
  const ours = reachable.flatMap((one) => {
    const found = byKey.get(kindKeyOf(one))
    return found === undefined ? [] : servedAs(found, one.versions)
  })
  const troubled = reachable.flatMap((one) => {
    const trouble = unread.get(one.group)
    return trouble !== undefined && !byKey.has(kindKeyOf(one)) ? [{ kind: kindKeyOf(one), trouble }] : []
  })
  return { served: [...ours, ...generic.flatMap((one) => servedAs(one, []))], troubled }
}

function servedAs(found: CatalogueKind, preference: readonly string[] | 'newest'): readonly ServedKind[] {
  const version = chooseVersion(preference, found.versions)
  if (version === null) return []
  const { plural, namespaced } = found
  const otherVersions = found.versions.filter((other) => other !== version && isReadable(other))
  return [{ kind: kindKeyOf(found), version, otherVersions, plural, namespaced }]
}
