import { type Draft, modern } from './draft.ts'
import type { FluxSite } from './gitops/flux-site.ts'
import type { Reconciler } from './gitops/reconciler.ts'

const group = 'fluxcd.controlplane.io'
const version = 'v2.7.3'
const components = ['source-controller', 'kustomize-controller', 'helm-controller', 'notification-controller'] as const

const base = (flux: FluxSite, kind: string) => ({
  ...{ group, kind, name: 'flux', namespace: 'flux-system' },
  createdAt: flux.createdAt,
  since: flux.createdAt,
})

/** Flux Operator applies Flux itself, from no source that is an object. */
export const fluxInstance = (flux: FluxSite): Reconciler => ({
  ...{ tool: 'flux', kind: 'FluxInstance', namespace: 'flux-system', name: 'flux', app: 'flux', target: null },
  ...{ astray: false, source: null, applied: `${version}@${flux.digest}`, appliedAt: null, ready: 'True' },
  ...{ suspended: false, suspension: null, state: 'Healthy', chart: null, shows: [], gaps: [] },
  draft: instanceDraft(flux),
})

/** How Flux itself is installed. Flux Operator writes no `status.observedGeneration` (domain.md 2.5). */
function instanceDraft(flux: FluxSite): Draft {
  return {
    ...base(flux, 'FluxInstance'),
    finalizers: ['fluxcd.controlplane.io/finalizer'],
    spec: {
      components: [...components],
      distribution: { registry: 'ghcr.io/fluxcd', version: '2.x' },
      sync: {
        interval: '1m',
        kind: 'GitRepository',
        path: './clusters',
        ref: 'refs/heads/main',
        url: 'ssh://git@git.example/platform/fleet',
      },
    },
    status: {
      components: components.map((name) => ({
        name,
        digest: flux.digest,
        repository: `ghcr.io/fluxcd/${name}`,
        tag: 'v1.7.3',
      })),
      conditions: [modern('Ready', true, 'ReconciliationSucceeded', 'Reconciliation finished in 1s')],
      lastAppliedRevision: `${version}@${flux.digest}`,
      lastArtifactRevision: flux.digest,
      lastAttemptedRevision: `${version}@${flux.digest}`,
    },
  }
}

/** A summary of everything Flux does here: all of it is in `spec`. */
export function reportDraft(
  flux: FluxSite,
  counts: { readonly kustomizations: number; readonly helmReleases: number },
): Draft {
  const stats = (running: number, failing = 0, suspended = 0) => ({ running, failing, suspended })
  return {
    ...base(flux, 'FluxReport'),
    spec: {
      cluster: { nodes: 5, platform: 'linux/amd64', serverVersion: 'v1.34.1' },
      components: components.map((name) => ({
        name,
        ready: true,
        status: 'Current Deployment is available. Replicas: 1',
        image: `ghcr.io/fluxcd/${name}:v1.7.3`,
      })),
      distribution: { entitlement: 'Issued by controlplane', managedBy: 'flux-operator', status: 'Installed', version },
      reconcilers: [
        {
          apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
          kind: 'Kustomization',
          stats: stats(counts.kustomizations - 1, 1, 1),
        },
        { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', stats: stats(counts.helmReleases) },
        { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository', stats: stats(1) },
      ],
      sync: {
        id: 'kustomization/flux-system',
        path: './clusters',
        ready: true,
        source: 'ssh://git@git.example/platform/fleet',
        status: `Applied revision: ${flux.revision}`,
      },
    },
    status: { conditions: [modern('Ready', true, 'ReportingSucceeded', 'Reporting finished in 10ms')] },
  }
}
