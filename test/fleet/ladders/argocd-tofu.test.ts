import { judgesAll } from './judges.ts'

judgesAll('Terraform, Application, ApplicationSet', [
  {
    file: 'terraform.infra.contrib.fluxcd.io/retry-limit',
    health: { state: 'Failed', reason: 'RetryLimitReached' },
    why: 'Stalled beats a problem',
  },
  {
    file: 'terraform.infra.contrib.fluxcd.io/drifted',
    health: { state: 'Degraded', reason: 'DriftDetected', flags: ['tofuDrift'] },
    why: 'drift found by its own detection',
  },
  {
    file: 'terraform.infra.contrib.fluxcd.io/drifted-since',
    health: { state: 'Healthy', reason: 'NoDrift', flags: ['tofuDrift'] },
    why: 'drift seen after the last apply',
  },
  {
    file: 'terraform.infra.contrib.fluxcd.io/waits-for-approval',
    health: { state: 'Progressing', reason: 'TerraformPlannedWithChanges', flags: ['awaitingApproval'] },
    why: 'it waits for a person',
  },
  {
    file: 'terraform.infra.contrib.fluxcd.io/planned',
    health: { state: 'Progressing', reason: 'TerraformPlannedWithChanges', flags: [] },
    why: 'it goes on by itself',
  },
  {
    file: 'terraform.infra.contrib.fluxcd.io/running',
    health: { state: 'Progressing', reason: 'Progressing' },
    why: 'tofu sets no Reconciling',
  },
  {
    file: 'terraform.infra.contrib.fluxcd.io/suspended',
    health: { state: 'Suspended', reason: 'Suspended', underlying: 'Healthy' },
    why: 'spec.suspend',
  },
  {
    file: 'application.argoproj.io/invalid',
    health: { state: 'Failed', reason: 'InvalidSpecError' },
    why: 'a condition that is there is true, and this one is final',
  },
  {
    file: 'application.argoproj.io/degraded',
    health: { state: 'Degraded', reason: 'Degraded' },
    why: 'its own health beats the conditions and the running sync',
  },
  {
    file: 'application.argoproj.io/missing',
    health: { state: 'Degraded', reason: 'Missing' },
    why: 'Missing is a problem',
  },
  {
    file: 'application.argoproj.io/sync-failed',
    health: { state: 'Degraded', reason: 'SyncFailed' },
    why: 'a sync that failed after it last became Healthy',
  },
  {
    file: 'application.argoproj.io/sync-failed-before',
    health: { state: 'Healthy', reason: 'Healthy' },
    why: 'a failure that is over',
  },
  {
    file: 'application.argoproj.io/comparison-error',
    health: { state: 'Degraded', reason: 'ComparisonError' },
    why: 'an error condition beats Unknown; a warning does not count',
  },
  {
    file: 'application.argoproj.io/progressing',
    health: { state: 'Progressing', reason: 'Progressing', flags: ['outOfSync'] },
    why: 'a change',
  },
  {
    file: 'application.argoproj.io/syncing',
    health: { state: 'Progressing', reason: 'SyncRunning' },
    why: 'a sync under way',
  },
  { file: 'application.argoproj.io/unknown', health: { state: 'Unknown', reason: 'Unknown' }, why: 'it does not know' },
  {
    file: 'application.argoproj.io/suspended',
    health: { state: 'Suspended', reason: 'Suspended', underlying: 'Healthy' },
    why: 'its own word',
  },
  {
    file: 'application.argoproj.io/out-of-sync',
    health: { state: 'Healthy', reason: 'Healthy', flags: ['outOfSync'] },
    why: 'drift is not ill health',
  },
  {
    file: 'application.argoproj.io/newborn',
    health: { state: 'Progressing', reason: 'Newborn' },
    why: 'nothing reported yet',
  },
  {
    file: 'applicationset.argoproj.io/error',
    health: { state: 'Degraded', reason: 'RenderTemplateParamsError' },
    why: 'an error beats everything',
  },
  {
    file: 'applicationset.argoproj.io/outdated',
    health: { state: 'Degraded', reason: 'ApplicationSetModified' },
    why: 'a problem beats a change',
  },
  {
    file: 'applicationset.argoproj.io/rolling-out',
    health: { state: 'Progressing', reason: 'ApplicationSetModified' },
    why: 'a change beats Healthy',
  },
  {
    file: 'applicationset.argoproj.io/healthy',
    health: { state: 'Healthy', reason: 'ApplicationSetUpToDate' },
    why: 'nothing wrong',
  },
])
