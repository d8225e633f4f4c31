import { judgesAll } from './judges.ts'

judgesAll('Kustomization, HelmRelease, FluxInstance, FluxReport', [
  {
    file: 'kustomization.kustomize.toolkit.fluxcd.io/stalled',
    health: { state: 'Failed', reason: 'InvalidPath' },
    why: 'Stalled beats a problem',
  },
  {
    file: 'kustomization.kustomize.toolkit.fluxcd.io/stalled-before',
    health: { state: 'Healthy', reason: 'Ok' },
    why: 'a Stalled of an older generation counts no more',
  },
  {
    file: 'kustomization.kustomize.toolkit.fluxcd.io/retrying',
    health: { state: 'Degraded', reason: 'BuildFailed' },
    why: 'it keeps Reconciling=True and a lagging status for as long as it fails',
  },
  {
    file: 'kustomization.kustomize.toolkit.fluxcd.io/unhealthy',
    health: { state: 'Degraded', reason: 'HealthCheckFailed' },
    why: 'Healthy=False beats Ready=True',
  },
  {
    file: 'kustomization.kustomize.toolkit.fluxcd.io/unhealthy-while-unknown',
    health: { state: 'Progressing', reason: 'Progressing' },
    why: 'but not Ready=Unknown',
  },
  {
    file: 'kustomization.kustomize.toolkit.fluxcd.io/first-reconcile',
    health: { state: 'Progressing', reason: 'Progressing' },
    why: 'Reconciling alone comes before the first Ready',
  },
  {
    file: 'kustomization.kustomize.toolkit.fluxcd.io/lagging',
    health: { state: 'Progressing', reason: 'GenerationNotObserved' },
    why: 'nothing fresh yet',
  },
  {
    file: 'kustomization.kustomize.toolkit.fluxcd.io/never-observed',
    health: { state: 'Unknown', reason: 'NotReported' },
    why: '-1 is no generation that lags',
  },
  {
    file: 'kustomization.kustomize.toolkit.fluxcd.io/waiting',
    health: { state: 'Progressing', reason: 'DependencyNotReady' },
    why: 'a wait reason is a change',
  },
  {
    file: 'kustomization.kustomize.toolkit.fluxcd.io/working',
    health: { state: 'Progressing', reason: 'Odd' },
    why: 'Unknown while it reconciles',
  },
  {
    file: 'kustomization.kustomize.toolkit.fluxcd.io/unknown',
    health: { state: 'Unknown', reason: 'Odd' },
    why: 'Unknown without Reconciling',
  },
  {
    file: 'kustomization.kustomize.toolkit.fluxcd.io/reconciling',
    health: { state: 'Healthy', reason: 'Ok', flags: ['reconciling'] },
    why: 'Ready and Reconciling at once: every interval begins so',
  },
  {
    file: 'kustomization.kustomize.toolkit.fluxcd.io/suspended',
    health: { state: 'Suspended', reason: 'Suspended', underlying: 'Degraded' },
    why: 'keeps what is underneath',
  },
  {
    file: 'helmrelease.helm.toolkit.fluxcd.io/retries-exceeded',
    health: { state: 'Failed', reason: 'RetriesExceeded' },
    why: 'Stalled beats a rollback',
  },
  {
    file: 'helmrelease.helm.toolkit.fluxcd.io/rolled-back',
    health: { state: 'Degraded', reason: 'RolledBack' },
    why: 'the reason says Succeeded, but of the rollback',
  },
  {
    file: 'helmrelease.helm.toolkit.fluxcd.io/tests-failed',
    health: { state: 'Degraded', reason: 'TestFailed' },
    why: 'failed tests beat a wait reason',
  },
  {
    file: 'helmrelease.helm.toolkit.fluxcd.io/tests-failed-ready',
    health: { state: 'Healthy', reason: 'Ok' },
    why: 'failed tests count only when Ready is False',
  },
  {
    file: 'helmrelease.helm.toolkit.fluxcd.io/drifted',
    health: { state: 'Healthy', reason: 'Ok', flags: ['helmDrift'] },
    why: 'drift is not ill health',
  },
  {
    file: 'helmrelease.helm.toolkit.fluxcd.io/upgrading',
    health: { state: 'Progressing', reason: 'Progressing' },
    why: 'a change',
  },
  {
    file: 'fluxinstance.fluxcd.controlplane.io/disabled',
    health: { state: 'Suspended', reason: 'Suspended', underlying: 'Healthy' },
    why: 'it has no spec.suspend, but an annotation',
  },
  {
    file: 'fluxinstance.fluxcd.controlplane.io/outdated',
    health: { state: 'Degraded', reason: 'OutdatedVersion' },
    why: 'its primary is False',
  },
  {
    file: 'fluxinstance.fluxcd.controlplane.io/healthy',
    health: { state: 'Healthy', reason: 'ReconciliationSucceeded' },
    why: 'it has no status.observedGeneration',
  },
  {
    file: 'fluxreport.fluxcd.controlplane.io/healthy',
    health: { state: 'Healthy', reason: 'ReconciliationSucceeded' },
    why: 'what it reports stands in its spec',
  },
])
