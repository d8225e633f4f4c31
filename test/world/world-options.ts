import type { Profile } from './api/discovery.ts'
import { siteOptionsOf } from './fleet.ts'
import { Site } from './site.ts'

export interface WorldOptions {
  /** The same seed gives the same world: names, uids, resourceVersions, everything but certificates and ports. */
  readonly seed?: string | number
  readonly managementClusters?: number
  /** Workload clusters in Azure, over all management clusters. */
  readonly clusters?: number
  /**
   * EKS and GKE clusters besides, on management clusters that have their providers (every fourth, from the third on); by default one
   * for every eight. They come last, so that the others are the same with them and without.
   */
  readonly cloudClusters?: number
  /** The fleet file says which clusters Argo CD's names mean (`World.destinations`): nobody can tell by default. */
  readonly destinations?: boolean
  /** A fixed instant, moved by `advance`; or a clock to follow. */
  readonly now?: Date | (() => Date)
  /** How long after Cluster API asked Azure shows it; at once by default. */
  readonly azureLagMs?: number
  /** One kind of API server for all; by default old and new alternate with the Cluster API releases. */
  readonly profile?: Profile
}

/** Where a workload cluster is. */
export interface Place {
  readonly source: string
  readonly namespace: string
  readonly name: string
}

/** Any moment will do as long as it is always the same one. */
const defaultNow = new Date('2026-11-22T09:00:00Z')

export interface Plan {
  readonly seed: string
  readonly clusters: number
  readonly cloudClusters: number
  readonly now: Date
  readonly clock: (() => Date) | null
  readonly azureLagMs: number
  readonly explains: boolean
  readonly sites: readonly Site[]
}

/** What a world is made from. */
export function planOf(options: WorldOptions): Plan {
  const { seed = 1, managementClusters = 4, clusters = 80, now = defaultNow } = options
  const clock = typeof now === 'function' ? now : null
  const begun = typeof now === 'function' ? now() : now
  return {
    seed: String(seed),
    clusters,
    cloudClusters: options.cloudClusters ?? Math.floor(clusters / 8),
    now: begun,
    clock,
    azureLagMs: options.azureLagMs ?? 0,
    explains: options.destinations ?? false,
    sites: Array.from(
      { length: managementClusters },
      (_, i) => new Site(siteOptionsOf(i, String(seed), options.profile), begun),
    ),
  }
}
