import { type Draft, modern } from '../draft.ts'
import type { Workload } from '../workload.ts'
import type { FluxSite } from './flux-site.ts'
import type { Reconciler } from './reconciler.ts'

const group = 'addons.cluster.x-k8s.io'
const repoURL = 'https://charts.example/metrics-server'

export interface ProxyModel {
  readonly target: Workload
  readonly chart: string
  readonly version: string
  readonly failing?: boolean
}

/** A chart for every Cluster that its selector matches (CAAPH). */
export function helmChartProxy(flux: FluxSite, targets: readonly Workload[], chart: string, version: string): Draft {
  return {
    ...common(flux, 'HelmChartProxy', chart),
    finalizers: ['helmchartproxy.addons.cluster.x-k8s.io'],
    spec: {
      clusterSelector: { matchLabels: { 'metrics-server': 'enabled' } },
      chartName: chart,
      namespace: 'kube-system',
      releaseName: chart,
      repoURL,
      version,
    },
    status: {
      observedGeneration: 0,
      matchingClusters: targets.map(clusterRef),
      conditions: [
        modern('Ready', true, 'InfoReported'),
        modern('HelmReleaseProxiesReady', true, 'Ready'),
        modern('HelmReleaseProxySpecsUpToDate', true, 'UpToDate'),
      ],
    },
  }
}

/** The chart on one of them. */
export function helmReleaseProxy(flux: FluxSite, { target, chart, version, failing = false }: ProxyModel): Reconciler {
  const name = `${chart}-${target.name}`
  const draft = common(flux, 'HelmReleaseProxy', name)
  const message = 'failed to install Helm release: timed out waiting for the condition'
  return {
    ...{ tool: 'caaph', kind: 'HelmReleaseProxy', namespace: draft.namespace, name, app: chart, target, chart },
    ...{
      source: null,
      wanted: version,
      applied: failing ? null : version,
      appliedAt: null,
      suspended: false,
      suspension: null,
      astray: false,
    },
    ready: failing ? 'False' : 'True',
    state: failing ? 'Degraded' : 'Healthy',
    shows: failing ? ['applyFailed'] : [],
    gaps: [],
    draft: {
      ...draft,
      labels: {
        'cluster.x-k8s.io/cluster-name': target.name,
        'helmreleaseproxy.addons.cluster.x-k8s.io/helmchartproxy-name': chart,
      },
      finalizers: ['helmreleaseproxy.addons.cluster.x-k8s.io'],
      owner: { group, kind: 'HelmChartProxy', name: chart },
      spec: {
        chartName: chart,
        clusterRef: clusterRef(target),
        namespace: 'kube-system',
        reconcileStrategy: 'Continuous',
        releaseName: chart,
        repoURL,
        version,
      },
      status: {
        observedGeneration: 0,
        status: failing ? 'failed' : 'deployed',
        revision: 1,
        conditions: [
          failing
            ? modern('Ready', false, 'IssuesReported', `* HelmReleaseReady: ${message}`)
            : modern('Ready', true, 'InfoReported'),
          modern('ClusterAvailable', true, 'Available'),
          failing
            ? modern('HelmReleaseReady', false, 'HelmInstallOrUpgradeFailed', message)
            : modern('HelmReleaseReady', true, 'HelmReleaseReady'),
        ],
      },
    },
  }
}

const common = (flux: FluxSite, kind: string, name: string) => ({
  ...{ group, kind, namespace: 'clusters', name },
  createdAt: flux.createdAt,
  since: flux.createdAt,
})

const clusterRef = ({ namespace, name }: Workload) => ({
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'Cluster',
  name,
  namespace,
})
