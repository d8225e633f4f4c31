import { judgesAll } from './judges.ts'

judgesAll('Azure Service Operator', [
  {
    file: 'managedcluster.containerservice.azure.com/deleting',
    health: { state: 'Deleting', reason: 'Deleting' },
    why: 'reason Deleting beats severity Info',
  },
  {
    file: 'managedcluster.containerservice.azure.com/skip',
    health: { state: 'Suspended', reason: 'ReconcilePolicySkip', underlying: 'Degraded', flags: ['observeOnly'] },
    why: 'a pause beats a problem and keeps it underneath',
  },
  {
    file: 'managedcluster.containerservice.azure.com/skip-by-capz',
    health: { state: 'Suspended', reason: 'ReconcilePolicySkip', underlying: 'Healthy', flags: [] },
    why: 'CAPZ paused it: not a resource that is only observed',
  },
  {
    file: 'managedcluster.containerservice.azure.com/detach',
    health: { state: 'Healthy', reason: 'Succeeded' },
    why: 'detach-on-delete is no suspension',
  },
  {
    file: 'managedcluster.containerservice.azure.com/fatal',
    health: { state: 'Failed', reason: 'QuotaExceeded' },
    why: 'severity Error: the operator stopped trying',
  },
  {
    file: 'managedcluster.containerservice.azure.com/fatal-reconciling',
    health: { state: 'Progressing', reason: 'Reconciling' },
    why: 'the reason is asked before the severity',
  },
  {
    file: 'managedcluster.containerservice.azure.com/spec-changed-since',
    health: { state: 'Progressing', reason: 'GenerationNotObserved' },
    why: 'the error is of an older generation',
  },
  {
    file: 'managedcluster.containerservice.azure.com/retrying',
    health: { state: 'Degraded', reason: 'ReferenceNotFound' },
    why: 'severity Warning',
  },
  {
    file: 'managedcluster.containerservice.azure.com/without-severity',
    health: { state: 'Degraded', reason: 'Odd' },
    why: 'a False without severity should not happen: Degraded',
  },
  {
    file: 'managedcluster.containerservice.azure.com/in-progress',
    health: { state: 'Progressing', reason: 'Provisioning' },
    why: 'severity Info',
  },
  {
    file: 'managedcluster.containerservice.azure.com/unknown',
    health: { state: 'Unknown', reason: 'Odd' },
    why: 'it does not know',
  },
  {
    file: 'managedcluster.containerservice.azure.com/healthy',
    health: { state: 'Healthy', reason: 'Succeeded' },
    why: 'nothing wrong',
  },
  {
    file: 'managedclustersagentpool.containerservice.azure.com/unknown',
    health: { state: 'Unknown', reason: 'Odd' },
    why: 'it does not know',
  },
  {
    file: 'managedclustersagentpool.containerservice.azure.com/healthy',
    health: { state: 'Healthy', reason: 'Succeeded' },
    why: 'nothing wrong',
  },
  {
    file: 'resourcegroup.resources.azure.com/unknown',
    health: { state: 'Unknown', reason: 'Odd' },
    why: 'it does not know',
  },
  {
    file: 'resourcegroup.resources.azure.com/healthy',
    health: { state: 'Healthy', reason: 'Succeeded' },
    why: 'nothing wrong',
  },
])
