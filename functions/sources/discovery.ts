import type { ServedKind, Trouble } from '../../fleet/delivery.ts'
import type { Kind } from '../../fleet/kinds/kind.ts'
import { type KindKey, kindKeyOf } from '../../fleet/reference.ts'
import { type Catalogue, type CatalogueKind, readCatalogue } from './catalogue.ts'
import type { Kube } from './kube.ts'
import { chooseVersion, isReadable } from './served-version.ts'
import type { Result } from './trouble.ts'

/** A kind to read, and the other versions that would do where a conversion webhook fails. */
export interface Served extends ServedKind {
  readonly others: readonly string[]
}

export interface Discovered {
  readonly served: readonly Served[]
  /** Kinds of groups that discovery could not read: neither served nor "not installed". */
  readonly troubled: readonly { readonly kind: KindKey; readonly trouble: Trouble }[]
}

/**
 * What servers said they serve, per source. Kept in memory on purpose: it only saves bytes. A process that knows nothing
 * asks once (one request, or a few dozen small ones on servers before 1.26), and no answer hangs on an old copy.
 */
export type Catalogues = Map<string, KeptCatalogue>

interface KeptCatalogue {
  readonly server: string
  readonly etag: string | null
  readonly readAt: Date
  readonly catalogue: Catalogue
}

/** How long a catalogue without an ETag is believed, in ms. A kind that is gone answers 404 before, and ends it. */
const catalogueAgeMaxMs = 600_000

/** Provider groups: kinds there that nobody wrote a file for are still part of clusters, and go through the generic family. */
const genericGroups = ['infrastructure.cluster.x-k8s.io', 'controlplane.cluster.x-k8s.io']
/** Moulds for objects, not objects of a cluster. */
const mould = /(Template|Identity|Config)$/

/** Asks which of our kinds are served and in which version (design.md 8.1). Trouble only where nothing can be said of any. */
export async function discover(
  kube: Kube,
  kinds: readonly Kind[],
  catalogues: Catalogues,
  now: Date,
): Promise<Result<Discovered>> {
  const reachable = kinds.flatMap(({ group, kind, reach }) => (reach.by === 'kube' ? [{ group, kind, ...reach }] : []))
  const groups = new Set([...reachable.map(({ group }) => group), ...genericGroups])
  const catalogue = await currentCatalogue(kube, groups, catalogues, now)
  if (catalogue.trouble !== undefined) return catalogue
  const { kinds: served, unread } = catalogue.value
  const byKey = new Map(served.map((one) => [kindKeyOf(one), one]))
  const known = new Set(reachable.map(kindKeyOf))
  const generic = served.filter(
    (one) => genericGroups.includes(one.group) && !known.has(kindKeyOf(one)) && !mould.test(one.kind),
  )
  const troubled = reachable.flatMap((one) => {
    const trouble = unread.get(one.group)
    return trouble !== undefined && !byKey.has(kindKeyOf(one)) ? [{ kind: kindKeyOf(one), trouble }] : []
  })
  return {
    value: {
      served: [
        ...reachable.flatMap((one) => {
          const found = byKey.get(kindKeyOf(one))
          return found === undefined ? [] : servedAs(found, one.versions)
        }),
        ...generic.flatMap((one) => servedAs(one, [])),
      ],
      troubled,
    },
  }
}

function servedAs(found: CatalogueKind, preference: readonly string[] | 'newest'): readonly Served[] {
  const version = chooseVersion(preference, found.versions)
  if (version === null) return []
  const { plural, namespaced } = found
  const others = found.versions.filter((other) => other !== version && isReadable(other))
  return [{ kind: kindKeyOf(found), version, plural, namespaced, others }]
}

async function currentCatalogue(
  kube: Kube,
  groups: ReadonlySet<string>,
  catalogues: Catalogues,
  now: Date,
): Promise<Result<Catalogue>> {
  const before = catalogues.get(kube.source)
  const kept = before?.server === kube.server ? before : undefined
  if (kept !== undefined && kept.etag === null && now.getTime() - kept.readAt.getTime() < catalogueAgeMaxMs)
    return { value: kept.catalogue }
  const read = await readCatalogue(kube, groups, kept?.etag ?? null)
  if (read.trouble !== undefined) return read
  if (read.value === 'notModified' && kept !== undefined) return { value: kept.catalogue }
  if (read.value === 'notModified') {
    const message = `${kube.server} answered 304 to a request for /apis that named no ETag`
    return { trouble: { code: 'BadAnswer', message } }
  }
  const { catalogue, etag } = read.value
  // A catalogue with holes is asked for again at the next poll.
  if (catalogue.unread.size === 0) catalogues.set(kube.source, { server: kube.server, etag, readAt: now, catalogue })
  return { value: catalogue }
}
