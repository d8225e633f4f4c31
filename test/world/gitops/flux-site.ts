import { hash } from 'node:crypto'
import type { Site } from '../site.ts'

/** What every GitOps object of a management cluster starts from. */
export interface FluxSite {
  readonly name: string
  readonly createdAt: Date
  /** When the world began: what happened before is told from there. */
  readonly begun: Date
  /** `main@sha1:…`, one per push. */
  readonly revision: string
  readonly digest: string
  /** When that was pushed. */
  readonly pushedAt: Date
  /** helm-controller says in conditions what it finds drifted (1.6 and later). */
  readonly tellsDrift: boolean
}

/** So many pushes to the repository of a management cluster, and when the last one was. */
export interface Pushes {
  readonly count: number
  readonly at: Date
}

export function fluxSiteOf(site: Site, begun: Date, pushes: Pushes): FluxSite {
  const sha = hash('sha1', `${site.name} ${pushes.count}`, 'hex')
  return {
    name: site.name,
    createdAt: new Date('2025-03-03T08:00:00Z'),
    begun,
    revision: `main@sha1:${sha}`,
    digest: `sha256:${hash('sha256', sha, 'hex')}`,
    pushedAt: pushes.at,
    tellsDrift: site.era === 'new',
  }
}

/** What was applied before anybody remembers. */
export const earlier = 'main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738'

export const minutesBefore = (at: Date, minutes: number): Date => new Date(at.getTime() - minutes * 60_000)
export const hoursBefore = (at: Date, hours: number): Date => minutesBefore(at, hours * 60)
export const daysBefore = (at: Date, days: number): Date => hoursBefore(at, days * 24)

/** What every object that Flux looks after has. */
export const base = (flux: FluxSite, group: string, kind: string, name: string, namespace = 'flux-system') => ({
  ...{ group, kind, name, namespace },
  labels: { 'app.kubernetes.io/managed-by': 'flux', 'app.kubernetes.io/part-of': 'flux' },
  finalizers: ['finalizers.fluxcd.io'],
  createdAt: flux.createdAt,
  since: flux.createdAt,
})
