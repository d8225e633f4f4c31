import pLimit from 'p-limit'
import type { Trouble } from '../../fleet/delivery.ts'
import type { Kube } from './kube.ts'
import { type Result, recordOf } from './trouble.ts'

/** A kind as a server offers it; versions in the server's own order of preference. */
export interface CatalogueKind {
  readonly group: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  readonly versions: readonly string[]
}

export interface Catalogue {
  readonly kinds: readonly CatalogueKind[]
  /** Groups that could not be read, wholly or in part, and why. */
  readonly unread: ReadonlyMap<string, Trouble>
}

/** One resource of one version of one group: what every form of discovery boils down to. */
interface Offer {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
}

const aggregated = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',')

const parallel = 8

/** Reads discovery of the wanted groups: aggregated where the server offers it (1.26 and later), group by group where not. */
export async function readCatalogue(
  kube: Kube,
  groups: ReadonlySet<string>,
  etag: string | null,
): Promise<Result<{ readonly catalogue: Catalogue; readonly etag: string | null } | 'notModified'>> {
  const reply = await kube.get('/apis', { accept: aggregated, etag })
  if (reply.as === 'failure') return { trouble: reply.trouble }
  if (reply.as === 'notModified') return { value: 'notModified' }
  const unread = new Map<string, Trouble>()
  const core = groups.has('') ? await readVersions(kube, '', ['v1'], unread) : []
  if (reply.body.kind === 'APIGroupDiscoveryList') {
    const offers = aggregatedOffers(kube, reply.body.items, groups, unread)
    return { value: { catalogue: { kinds: kindsOf([...core, ...offers]), unread }, etag: reply.etag } }
  }
  if (!Array.isArray(reply.body.groups)) {
    const message = `${kube.server} answered /apis with something that is no list of API groups`
    return { trouble: { code: 'BadAnswer', message } }
  }
  const wanted = reply.body.groups.map(classicGroup).filter(({ group }) => groups.has(group))
  const few = pLimit(parallel)
  const offers = await Promise.all(
    wanted.map(({ group, versions }) => few(() => readVersions(kube, group, versions, unread))),
  )
  return { value: { catalogue: { kinds: kindsOf([...core, ...offers.flat()]), unread }, etag: null } }
}

function aggregatedOffers(
  kube: Kube,
  items: unknown,
  groups: ReadonlySet<string>,
  unread: Map<string, Trouble>,
): readonly Offer[] {
  return listOf(items).flatMap((item) => {
    const group = textOf(recordOf(recordOf(item).metadata).name)
    if (!groups.has(group)) return []
    return listOf(recordOf(item).versions).flatMap((entry) => {
      const { version, freshness, resources } = recordOf(entry)
      if (freshness === 'Stale') {
        const message = `${kube.server} says that what it knows of API group ${group} is stale: see the APIService behind it`
        unread.set(group, { code: 'ServerError', message })
        return []
      }
      return listOf(resources).flatMap((resource) => {
        const { resource: plural, responseKind, scope, verbs } = recordOf(resource)
        if (!listOf(verbs).includes('list')) return []
        const kind = textOf(recordOf(responseKind).kind)
        return [{ group, version: textOf(version), kind, plural: textOf(plural), namespaced: scope === 'Namespaced' }]
      })
    })
  })
}

/** A group of the classic list, the preferred version first. */
function classicGroup(entry: unknown): { readonly group: string; readonly versions: readonly string[] } {
  const { name, versions, preferredVersion } = recordOf(entry)
  const preferred = textOf(recordOf(preferredVersion).version)
  const served = listOf(versions).map((one) => textOf(recordOf(one).version))
  return { group: textOf(name), versions: served.toSorted((a, b) => Number(b === preferred) - Number(a === preferred)) }
}

async function readVersions(
  kube: Kube,
  group: string,
  versions: readonly string[],
  unread: Map<string, Trouble>,
): Promise<readonly Offer[]> {
  const offers = await Promise.all(
    versions.map(async (version): Promise<readonly Offer[]> => {
      const reply = await kube.get(`${groupPath(group, version)}`)
      if (reply.as !== 'body') {
        // 404: a version that went away between the two requests.
        if (reply.as === 'failure' && reply.status !== 404) unread.set(group, reply.trouble)
        return []
      }
      return listOf(reply.body.resources).flatMap((resource) => {
        const { name, kind, namespaced, verbs } = recordOf(resource)
        if (textOf(name).includes('/') || !listOf(verbs).includes('list')) return []
        return [{ group, version, kind: textOf(kind), plural: textOf(name), namespaced: namespaced === true }]
      })
    }),
  )
  return offers.flat()
}

/** `/apis/cluster.x-k8s.io/v1beta2`, or `/api/v1` for the core group. */
export const groupPath = (group: string, version: string): string =>
  group === '' ? `/api/${version}` : `/apis/${group}/${version}`

function kindsOf(offers: readonly Offer[]): readonly CatalogueKind[] {
  const byPlural = Map.groupBy(offers, ({ group, plural }) => `${group}/${plural}`)
  return [...byPlural.values()].flatMap((same) => {
    const [first] = same
    if (first === undefined || first.kind === '' || first.plural === '') return []
    const { group, kind, plural, namespaced } = first
    return [{ group, kind, plural, namespaced, versions: same.map(({ version }) => version) }]
  })
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
