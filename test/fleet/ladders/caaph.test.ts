import { judgesAll } from './judges.ts'

judgesAll('HelmChartProxy, HelmReleaseProxy', [
  {
    file: 'helmreleaseproxy.addons.cluster.x-k8s.io/failed-upgrade',
    health: { state: 'Degraded', reason: 'HelmInstallOrUpgradeFailed' },
    why: 'the reason of the input that is not met',
  },
  {
    file: 'helmreleaseproxy.addons.cluster.x-k8s.io/unreachable',
    health: { state: 'Degraded', reason: 'GetKubeconfigFailed' },
    why: 'an input that fails beats one that only works',
  },
  {
    file: 'helmreleaseproxy.addons.cluster.x-k8s.io/legacy',
    health: { state: 'Degraded', reason: 'HelmInstallOrUpgradeFailed' },
    why: 'old releases with severities',
  },
  {
    file: 'helmreleaseproxy.addons.cluster.x-k8s.io/not-observed',
    health: { state: 'Progressing', reason: 'GenerationNotObserved' },
    why: 'nobody has looked at this generation',
  },
  {
    file: 'helmreleaseproxy.addons.cluster.x-k8s.io/waits-for-cluster',
    health: { state: 'Progressing', reason: 'NotAvailable' },
    why: 'it waits for a control plane',
  },
  {
    file: 'helmreleaseproxy.addons.cluster.x-k8s.io/pending',
    health: { state: 'Progressing', reason: 'HelmReleasePending' },
    why: 'Helm is at work',
  },
  {
    file: 'helmreleaseproxy.addons.cluster.x-k8s.io/ready',
    health: { state: 'Healthy', reason: 'InfoReported' },
    why: 'nothing wrong',
  },
  {
    file: 'helmchartproxy.addons.cluster.x-k8s.io/paused',
    health: { state: 'Suspended', reason: 'Paused', underlying: 'Healthy' },
    why: 'the annotation, whatever its value',
  },
  {
    file: 'helmchartproxy.addons.cluster.x-k8s.io/bad-values',
    health: { state: 'Degraded', reason: 'ValueParsingFailed' },
    why: 'a template that cannot be read',
  },
  {
    file: 'helmchartproxy.addons.cluster.x-k8s.io/updating',
    health: { state: 'Progressing', reason: 'HelmReleaseProxySpecsUpdating' },
    why: 'its releases follow',
  },
  {
    file: 'helmchartproxy.addons.cluster.x-k8s.io/ready',
    health: { state: 'Healthy', reason: 'InfoReported' },
    why: 'nothing wrong',
  },
])
