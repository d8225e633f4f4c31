import { judgesAll } from './judges.ts'

judgesAll('Machine, MachineHealthCheck, ClusterClass, ClusterResourceSet', [
  {
    file: 'machine.cluster.x-k8s.io/failed',
    health: { state: 'Failed', reason: 'PhaseFailed' },
    why: 'phase Failed is terminal in a v1beta1 read',
  },
  {
    file: 'machine.cluster.x-k8s.io/phase-failed-no-longer',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'phase is not read under v1beta2',
  },
  {
    file: 'machine.cluster.x-k8s.io/health-check-failed',
    health: { state: 'Degraded', reason: 'NodeUnhealthy' },
    why: 'a failed health check beats an update',
  },
  {
    file: 'machine.cluster.x-k8s.io/not-ready',
    health: { state: 'Degraded', reason: 'NodeConditionsFailed' },
    why: 'Ready=False with a node; the first unmet input is the reason',
  },
  {
    file: 'machine.cluster.x-k8s.io/updating',
    health: { state: 'Progressing', reason: 'InPlaceUpdating' },
    why: 'Ready=False is expected while it updates',
  },
  {
    file: 'machine.cluster.x-k8s.io/outdated',
    health: { state: 'Progressing', reason: 'NotUpToDate' },
    why: 'about to be replaced',
  },
  {
    file: 'machine.cluster.x-k8s.io/without-node',
    health: { state: 'Progressing', reason: 'NotReady' },
    why: 'no node yet',
  },
  {
    file: 'machine.cluster.x-k8s.io/without-node-ready',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'no node counts only while Ready is not True',
  },
  {
    file: 'machine.cluster.x-k8s.io/legacy-failure-flag',
    health: { state: 'Healthy', reason: 'Ready', flags: ['legacyFailure'] },
    why: 'no longer terminal',
  },
  {
    file: 'machine.cluster.x-k8s.io/deleting-condition',
    health: { state: 'Deleting', reason: 'DrainingNode', flags: ['stuck'] },
    why: 'a Deleting condition alone is enough, and dates the hour',
  },
  {
    file: 'machinehealthcheck.cluster.x-k8s.io/too-many-unhealthy',
    health: { state: 'Degraded', reason: 'TooManyUnhealthy' },
    why: 'a problem beats the counters',
  },
  {
    file: 'machinehealthcheck.cluster.x-k8s.io/unhealthy',
    health: { state: 'Progressing', reason: 'MachinesUnhealthy' },
    why: 'remediation is under way',
  },
  {
    file: 'machinehealthcheck.cluster.x-k8s.io/healthy',
    health: { state: 'Healthy', reason: 'RemediationAllowed' },
    why: 'nothing wrong',
  },
  {
    file: 'machinehealthcheck.cluster.x-k8s.io/legacy',
    health: { state: 'Degraded', reason: 'TooManyUnhealthy' },
    why: 'its legacy primary is RemediationAllowed too',
  },
  {
    file: 'clusterclass.cluster.x-k8s.io/variables',
    health: { state: 'Degraded', reason: 'VariableDiscoveryFailed' },
    why: 'its primary is False',
  },
  {
    file: 'clusterclass.cluster.x-k8s.io/references',
    health: { state: 'Degraded', reason: 'RefVersionsNotUpToDate' },
    why: 'references a version that is not the newest',
  },
  {
    file: 'clusterclass.cluster.x-k8s.io/healthy',
    health: { state: 'Healthy', reason: 'VariablesReady' },
    why: 'nothing wrong',
  },
  {
    file: 'clusterresourceset.addons.cluster.x-k8s.io/failed',
    health: { state: 'Degraded', reason: 'NotApplied' },
    why: 'its primary is False',
  },
  {
    file: 'clusterresourceset.addons.cluster.x-k8s.io/healthy',
    health: { state: 'Healthy', reason: 'ResourcesApplied' },
    why: 'nothing wrong',
  },
  {
    file: 'clusterresourceset.addons.cluster.x-k8s.io/legacy',
    health: { state: 'Degraded', reason: 'ApplyFailed' },
    why: 'its legacy primary is ResourcesApplied too',
  },
])
