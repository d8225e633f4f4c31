import { hash } from 'node:crypto'
import { type Draft, type Modern, modern } from './draft.ts'
import { instanceDraft, reportDraft } from './flux-operator.ts'
import type { Site } from './site.ts'
import type { Workload } from './workload.ts'

const source = 'source.toolkit.fluxcd.io'
const kustomize = 'kustomize.toolkit.fluxcd.io'
const helm = 'helm.toolkit.fluxcd.io'

/** What every Flux object of a site starts from. */
export interface FluxSite {
  readonly name: string
  readonly createdAt: Date
  /** `main@sha1:…`, one per push. */
  readonly revision: string
  readonly digest: string
}

interface AddOns {
  readonly workload: Workload
  readonly state: 'applied' | 'failing' | 'behind'
  readonly release: 'released' | 'rolledBack' | null
}

/** Who gets add-ons from the management cluster: the first few, whatever they are up to, so that it stays readable. */
const addOnsOf = (workloads: readonly Workload[]): readonly AddOns[] =>
  workloads.slice(0, 6).map((workload, i) => ({
    workload,
    state: i === 4 ? 'failing' : i === 5 ? 'behind' : 'applied',
    release: i > 2 ? null : i === 2 ? 'rolledBack' : 'released',
  }))

/** What GitOps should be found to say of a cluster; null where nothing acts on it from here. */
export function expectedGitopsOf(
  workload: Workload,
  workloads: readonly Workload[],
): 'Healthy' | 'Progressing' | 'Degraded' | null {
  const found = addOnsOf(workloads).find((one) => one.workload === workload)
  if (found === undefined) return null
  if (found.state === 'failing' || found.release === 'rolledBack') return 'Degraded'
  return found.state === 'behind' ? 'Progressing' : 'Healthy'
}

/** GitOps of one management cluster: sources, what is applied here, and what is applied to its workload clusters. */
export function fluxDrafts(site: Site, workloads: readonly Workload[], commits: number): readonly Draft[] {
  const sha = hash('sha1', `${site.name} ${commits}`, 'hex')
  const createdAt = new Date('2025-03-03T08:00:00Z')
  const flux: FluxSite = {
    name: site.name,
    createdAt,
    revision: `main@sha1:${sha}`,
    digest: `sha256:${hash('sha256', sha, 'hex')}`,
  }
  const addOns = addOnsOf(workloads)
  const released = addOns.filter((one) => one.release !== null)
  return [
    gitRepositoryDraft(flux),
    ociRepositoryDraft(flux),
    helmRepositoryDraft(flux),
    ociHelmRepositoryDraft(flux),
    kustomizationDraft(flux, 'flux-system', './clusters', {}),
    kustomizationDraft(flux, 'clusters', './workload-clusters', {}),
    kustomizationDraft(flux, 'policies', './policies', { suspend: true }),
    ...addOns.map(({ workload, state }) =>
      kustomizationDraft(flux, `${workload.name}-addons`, './addons', { remote: workload, state }),
    ),
    ...released.map(({ workload, release }) => helmReleaseDraft(flux, workload, release ?? 'released')),
    instanceDraft(flux),
    reportDraft(flux, { kustomizations: 3 + addOns.length, helmReleases: released.length }),
  ]
}

const base = (flux: FluxSite, group: string, kind: string, name: string, namespace = 'flux-system') => ({
  ...{ group, kind, name, namespace },
  labels: { 'app.kubernetes.io/managed-by': 'flux', 'app.kubernetes.io/part-of': 'flux' },
  finalizers: ['finalizers.fluxcd.io'],
  createdAt: flux.createdAt,
  since: flux.createdAt,
})

const artifactOf = (flux: FluxSite, kind: string, name: string, revision: string) => ({
  digest: flux.digest,
  lastUpdateTime: '2026-11-20T10:00:00Z',
  path: `${kind}/flux-system/${name}/${flux.digest.slice(7, 19)}.tar.gz`,
  revision,
  size: 48_213,
  url: `http://source-controller.flux-system.svc.cluster.local./${kind}/flux-system/${name}/latest.tar.gz`,
})

const stored = (revision: string): readonly Modern[] => [
  modern('Ready', true, 'Succeeded', `stored artifact for revision '${revision}'`),
  modern('ArtifactInStorage', true, 'Succeeded', `stored artifact for revision '${revision}'`),
]

function gitRepositoryDraft(flux: FluxSite): Draft {
  return {
    ...base(flux, source, 'GitRepository', 'flux-system'),
    spec: {
      interval: '1m0s',
      ref: { branch: 'main' },
      secretRef: { name: 'flux-system' },
      timeout: '60s',
      url: 'ssh://git@git.example/platform/fleet',
    },
    status: {
      artifact: artifactOf(flux, 'gitrepository', 'flux-system', flux.revision),
      conditions: stored(flux.revision),
      observedGeneration: 0,
    },
  }
}

function ociRepositoryDraft(flux: FluxSite): Draft {
  const revision = `1.8.2@${flux.digest}`
  return {
    ...base(flux, source, 'OCIRepository', 'podinfo'),
    spec: {
      interval: '10m0s',
      provider: 'generic',
      ref: { semver: '1.x' },
      timeout: '60s',
      url: 'oci://registry.example/charts/podinfo',
    },
    status: {
      artifact: artifactOf(flux, 'ocirepository', 'podinfo', revision),
      conditions: stored(revision),
      observedGeneration: 0,
    },
  }
}

function helmRepositoryDraft(flux: FluxSite): Draft {
  return {
    ...base(flux, source, 'HelmRepository', 'ingress-nginx'),
    spec: { interval: '1h0m0s', timeout: '60s', url: 'https://charts.example/ingress-nginx' },
    status: {
      artifact: artifactOf(flux, 'helmrepository', 'ingress-nginx', flux.digest),
      conditions: stored(flux.digest),
      observedGeneration: 0,
    },
  }
}

/** A HelmRepository of type oci is only an address: it never gets a status (domain.md 2.5). */
function ociHelmRepositoryDraft(flux: FluxSite): Draft {
  return {
    ...base(flux, source, 'HelmRepository', 'platform-charts'),
    spec: { interval: '1h0m0s', type: 'oci', url: 'oci://registry.example/charts' },
  }
}

interface Applied {
  readonly suspend?: boolean
  /** The workload cluster it acts on, by the kubeconfig Secret that Cluster API writes. */
  readonly remote?: Workload
  readonly state?: 'applied' | 'failing' | 'behind'
}

const earlier = 'main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738'

function kustomizationDraft(
  flux: FluxSite,
  name: string,
  path: string,
  { suspend, remote, state = 'applied' }: Applied,
): Draft {
  const failing = state === 'failing'
  const applied = state === 'applied' ? flux.revision : earlier
  const message = 'Deployment/ingress/controller dry-run failed: admission webhook "policy.example" denied the request'
  const ready = failing
    ? modern('Ready', false, 'ReconciliationFailed', message)
    : state === 'behind'
      ? modern(
          'Ready',
          null,
          'Progressing',
          `Running health checks for revision ${flux.revision} with a timeout of 4m30s`,
        )
      : modern('Ready', true, 'ReconciliationSucceeded', `Applied revision: ${applied}`)
  return {
    ...base(flux, kustomize, 'Kustomization', name, remote?.namespace ?? 'flux-system'),
    spec: {
      force: false,
      interval: '10m0s',
      path,
      prune: true,
      sourceRef: {
        kind: 'GitRepository',
        name: 'flux-system',
        ...(remote === undefined ? {} : { namespace: 'flux-system' }),
      },
      ...(suspend ? { suspend } : {}),
      ...(remote === undefined ? {} : { kubeConfig: { secretRef: { name: `${remote.name}-kubeconfig` } } }),
    },
    status: {
      conditions: state === 'behind' ? [ready, modern('Reconciling', true, 'Progressing', ready.message)] : [ready],
      inventory: { entries: inventory },
      lastAppliedRevision: applied,
      lastAttemptedRevision: flux.revision,
      observedGeneration: 0,
    },
  }
}

const inventory = ['ingress_controller_apps_Deployment', 'ingress_controller__Service', '_ingress__Namespace'].map(
  (id) => ({ id, v: 'v1' }),
)

function helmReleaseDraft(flux: FluxSite, workload: Workload, state: 'released' | 'rolledBack'): Draft {
  const back = state === 'rolledBack'
  const version = '4.11.3'
  const release = {
    chartName: 'ingress-nginx',
    chartVersion: version,
    configDigest: flux.digest,
    digest: flux.digest,
    firstDeployed: '2026-09-01T10:00:00Z',
    lastDeployed: '2026-11-01T10:00:00Z',
    name: 'ingress-nginx',
    namespace: 'ingress',
    status: 'deployed',
    version: 7,
  }
  const failure = 'Helm rollback to previous release ingress/ingress-nginx.v6 succeeded'
  return {
    ...base(flux, helm, 'HelmRelease', `${workload.name}-ingress`, workload.namespace),
    spec: {
      chart: {
        spec: {
          chart: 'ingress-nginx',
          sourceRef: { kind: 'HelmRepository', name: 'ingress-nginx', namespace: 'flux-system' },
          version: '4.x',
        },
      },
      interval: '30m0s',
      kubeConfig: { secretRef: { name: `${workload.name}-kubeconfig` } },
      targetNamespace: 'ingress',
    },
    status: {
      conditions: back
        ? [
            modern('Ready', false, 'RollbackSucceeded', failure),
            modern('Released', false, 'UpgradeFailed', 'Helm upgrade failed: timed out waiting for the condition'),
            modern('Remediated', true, 'RollbackSucceeded', failure),
          ]
        : [
            modern(
              'Ready',
              true,
              'UpgradeSucceeded',
              `Helm upgrade succeeded for release ingress/ingress-nginx.v7 with chart ingress-nginx@${version}`,
            ),
            modern('Released', true, 'UpgradeSucceeded', `Helm upgrade succeeded for release ingress/ingress-nginx.v7`),
          ],
      history: [release],
      lastAttemptedGeneration: 1,
      lastAttemptedReleaseAction: 'upgrade',
      lastAttemptedRevision: back ? '4.12.0' : version,
      observedGeneration: 0,
      storageNamespace: 'ingress',
      ...(back ? { failures: 1, upgradeFailures: 1 } : {}),
    },
  }
}
