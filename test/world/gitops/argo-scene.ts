import type { Workload } from '../workload.ts'
import { application, applicationSet } from './application.ts'
import { hoursBefore } from './flux-site.ts'
import type { Reconciler } from './reconciler.ts'
import type { Stage } from './scene.ts'

const states = ['synced', 'outOfSync', 'unknown', 'synced', 'degraded', 'synced'] as const

/** Argo CD beside Flux: one app on the first clusters, itself, and one app on a cluster that nobody knows. */
export function applications({ flux, site, workloads, explains }: Stage): {
  readonly reconcilers: readonly Reconciler[]
  readonly drafts: readonly ReturnType<typeof applicationSet>[]
} {
  // Nobody can name a cluster that has no address yet, and one that was moved from elsewhere is somebody else's.
  const isOld = ({ createdAt }: Workload) => createdAt < hoursBefore(flux.begun, 1)
  const chosen = workloads.filter((one) => isOld(one) && one.region === site.region).slice(0, states.length)
  const guestbooks = chosen.map((workload, i) =>
    application(flux, {
      ...{ name: `${workload.name}-guestbook`, app: 'guestbook', is: states[i] ?? 'synced' },
      destination: { workload, by: i === 5 ? 'name' : 'server', known: i !== 5 || explains },
      ...{ automated: i !== 3, severalSources: i === 5 },
    }),
  )
  return {
    reconcilers: [
      ...guestbooks,
      application(flux, { name: 'argocd', app: 'argocd', destination: { by: 'home' } }),
      application(flux, {
        ...{ name: 'lost-guestbook', app: 'guestbook' },
        destination: { by: 'elsewhere', server: 'https://10.99.0.1:6443' },
      }),
      // Of the clusters themselves.
      application(flux, { name: 'clusters', app: 'clusters', destination: { by: 'home' } }),
    ],
    drafts: [applicationSet(flux, 'guestbook')],
  }
}
