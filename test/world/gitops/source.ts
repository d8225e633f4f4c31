import { type Modern, modern } from '../draft.ts'
import { base, type FluxSite } from './flux-site.ts'
import { type Source, type Suspension, suspendedBy } from './reconciler.ts'

const group = 'source.toolkit.fluxcd.io'

interface Told {
  readonly name: string
  readonly namespace?: string
  readonly revision: string
  readonly revisionAt: Date
  readonly suspension?: Suspension
  /** Since when it cannot be fetched. */
  readonly failingSince?: Date
}

/** A Git repository; `ref` is what of it is wanted. */
export const gitRepository = (
  flux: FluxSite,
  told: Told & { readonly repository: string; readonly ref: Readonly<Record<string, string>> },
): Source =>
  sourceOf(flux, 'GitRepository', told, {
    interval: '1m0s',
    ref: told.ref,
    secretRef: { name: 'flux-system' },
    timeout: '60s',
    url: `ssh://git@git.example/platform/${told.repository}`,
  })

export const ociRepository = (flux: FluxSite, told: Told): Source =>
  sourceOf(flux, 'OCIRepository', told, {
    interval: '10m0s',
    provider: 'generic',
    ref: { semver: '1.x' },
    timeout: '60s',
    url: `oci://registry.example/charts/${told.name}`,
  })

export const helmRepository = (flux: FluxSite, told: Told): Source =>
  sourceOf(flux, 'HelmRepository', told, {
    interval: '1h0m0s',
    timeout: '60s',
    url: `https://charts.example/${told.name}`,
  })

/** The chart that Flux makes of a HelmRelease's template, beside the repository. */
export const helmChart = (
  flux: FluxSite,
  told: Told & { readonly chart: string; readonly version: string; readonly from: Source },
): Source => ({
  ...sourceOf(flux, 'HelmChart', told, {
    chart: told.chart,
    interval: '1h0m0s',
    reconcileStrategy: 'ChartVersion',
    sourceRef: { kind: told.from.kind, name: told.from.name },
    version: told.version,
  }),
  from: told.from,
})

/** A HelmRepository of type oci is only an address: it never gets a status (domain.md 2.5). */
export const ociAddress = (flux: FluxSite) => ({
  ...base(flux, group, 'HelmRepository', 'platform-charts'),
  spec: { interval: '1h0m0s', type: 'oci', url: 'oci://registry.example/charts' },
})

function sourceOf(flux: FluxSite, kind: string, told: Told, spec: Readonly<Record<string, unknown>>): Source {
  const { name, namespace = 'flux-system', revision, revisionAt, suspension = null, failingSince } = told
  const message = "failed to checkout and determine revision: unable to clone 'ssh://git@git.example': i/o timeout"
  const conditions: readonly Modern[] =
    failingSince === undefined
      ? stored(revision)
      : [
          modern('Ready', false, 'GitOperationFailed', message),
          modern('FetchFailed', true, 'GitOperationFailed', message),
          modern('ArtifactInStorage', true, 'Succeeded', `stored artifact for revision '${revision}'`),
        ]
  return {
    kind,
    namespace,
    name,
    revision,
    revisionAt,
    from: null,
    suspension,
    failing: failingSince !== undefined,
    draft: {
      ...base(flux, group, kind, name, namespace),
      since: failingSince ?? revisionAt,
      ...suspendedBy(suspension),
      spec: { ...spec, ...(suspension === null ? {} : { suspend: true }) },
      status: {
        artifact: artifactOf(flux, { kind, namespace, name }, revision, revisionAt),
        conditions,
        observedGeneration: 0,
      },
    },
  }
}

const artifactOf = (
  flux: FluxSite,
  of: { readonly kind: string; readonly namespace: string; readonly name: string },
  revision: string,
  revisionAt: Date,
) => {
  const place = `${of.kind.toLowerCase()}/${of.namespace}/${of.name}`
  return {
    digest: flux.digest,
    lastUpdateTime: revisionAt.toISOString().replace(/\.\d+Z$/, 'Z'),
    path: `${place}/${flux.digest.slice(7, 19)}.tar.gz`,
    revision,
    size: 48_213,
    url: `http://source-controller.flux-system.svc.cluster.local./${place}/latest.tar.gz`,
  }
}

const stored = (revision: string): readonly Modern[] => [
  modern('Ready', true, 'Succeeded', `stored artifact for revision '${revision}'`),
  modern('ArtifactInStorage', true, 'Succeeded', `stored artifact for revision '${revision}'`),
]
