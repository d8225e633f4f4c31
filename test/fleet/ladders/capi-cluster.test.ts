import { judgesAll } from './judges.ts'

judgesAll('Cluster', [
  {
    file: 'cluster.cluster.x-k8s.io/deleting',
    health: {
      state: 'Deleting',
      reason: 'WaitingForWorkersDeletion',
      underlying: null,
      flags: [],
      holdsUntil: '2026-06-01T12:30:00.000Z',
      since: '2026-06-01T11:30:00Z',
    },
    why: 'deletion beats a pause',
  },
  {
    file: 'cluster.cluster.x-k8s.io/deleting-stuck',
    health: { state: 'Deleting', reason: 'DeletionRequested', flags: ['stuck'], holdsUntil: null },
    why: 'deleting for more than an hour is stuck',
  },
  {
    file: 'cluster.cluster.x-k8s.io/paused-degraded',
    health: { state: 'Suspended', reason: 'Paused', underlying: 'Degraded', since: '2026-06-01T11:30:00Z' },
    why: 'a pause beats a problem and keeps it underneath',
  },
  {
    file: 'cluster.cluster.x-k8s.io/paused-by-annotation',
    health: { state: 'Suspended', reason: 'Paused', underlying: 'Healthy' },
    why: 'the annotation counts with any value, even none',
  },
  {
    file: 'cluster.cluster.x-k8s.io/remote-probe-failed',
    health: { state: 'Degraded', reason: 'ProbeFailed' },
    why: 'a False summary gives its first unmet input; workers being added do not excuse the rest',
  },
  {
    file: 'cluster.cluster.x-k8s.io/unavailable-beats-scaling',
    health: { state: 'Degraded', reason: 'NotAvailable' },
    why: 'a problem beats a change',
  },
  {
    file: 'cluster.cluster.x-k8s.io/workers-coming',
    health: { state: 'Progressing', reason: 'ScalingUp' },
    why: 'only WorkersAvailable is unmet while workers are being added',
  },
  {
    file: 'cluster.cluster.x-k8s.io/workers-missing',
    health: { state: 'Degraded', reason: 'NotAvailable' },
    why: 'the same without scaling is a problem',
  },
  {
    file: 'cluster.cluster.x-k8s.io/gate-unmet',
    health: { state: 'Degraded', reason: 'BackupRunning' },
    why: "a user's gate has the polarity it declares",
  },
  {
    file: 'cluster.cluster.x-k8s.io/topology-before-gate',
    health: { state: 'Degraded', reason: 'ClusterClassNotReconciled' },
    why: "the topology comes before the user's gates",
  },
  {
    file: 'cluster.cluster.x-k8s.io/topology-failed',
    health: { state: 'Degraded', reason: 'ReconcileFailed' },
    why: 'a failed topology is a problem before the control plane is initialised',
  },
  {
    file: 'cluster.cluster.x-k8s.io/provisioning',
    health: { state: 'Progressing', reason: 'NotInitialized', holdsUntil: '2026-06-01T12:01:00.000Z' },
    why: 'Available=False is expected while the control plane is being made, for an hour',
  },
  {
    file: 'cluster.cluster.x-k8s.io/provisioning-too-long',
    health: { state: 'Degraded', reason: 'QuotaExceeded', holdsUntil: null },
    why: 'after an hour it is a problem',
  },
  {
    file: 'cluster.cluster.x-k8s.io/lagging',
    health: { state: 'Progressing', reason: 'GenerationNotObserved', holdsUntil: '2026-06-01T12:08:00.000Z' },
    context: { seen: '2026-06-01T11:58:00Z' },
    why: 'a lag beats a change',
  },
  {
    file: 'cluster.cluster.x-k8s.io/lagging-long',
    health: { state: 'Stale', reason: 'ControllerNotObserving' },
    context: { seen: '2026-06-01T11:49:00Z' },
    why: 'a lag of more than ten minutes',
  },
  {
    file: 'cluster.cluster.x-k8s.io/problem-beats-lag',
    health: { state: 'Degraded', reason: 'NotAvailable' },
    why: "the condition's own observedGeneration is current though the status lags",
  },
  {
    file: 'cluster.cluster.x-k8s.io/rolling-out',
    health: { state: 'Progressing', reason: 'RollingOut' },
    why: 'an upgrade under way',
  },
  {
    file: 'cluster.cluster.x-k8s.io/topology-pending',
    health: { state: 'Progressing', reason: 'MachineDeploymentsUpgradePending' },
    why: 'every other reason of TopologyReconciled is a change',
  },
  {
    file: 'cluster.cluster.x-k8s.io/counters-differ',
    health: { state: 'Progressing', reason: 'ScalingUp' },
    why: 'counters are trusted over absent conditions',
  },
  {
    file: 'cluster.cluster.x-k8s.io/change-beats-unknown',
    health: { state: 'Progressing', reason: 'Remediating' },
    why: 'a change beats Unknown',
  },
  {
    file: 'cluster.cluster.x-k8s.io/unknown',
    health: { state: 'Unknown', reason: 'AvailableUnknown' },
    why: 'the summary does not know',
  },
  {
    file: 'cluster.cluster.x-k8s.io/unrecognised',
    health: { state: 'Unknown', reason: 'Perhaps' },
    why: 'a status nobody defined is Unknown',
  },
  {
    file: 'cluster.cluster.x-k8s.io/newborn',
    health: { state: 'Progressing', reason: 'Newborn', holdsUntil: '2026-06-01T12:02:00.000Z' },
    why: 'no conditions yet, three minutes old',
  },
  {
    file: 'cluster.cluster.x-k8s.io/newborn-no-longer',
    health: { state: 'Unknown', reason: 'NotReported' },
    why: 'no conditions after five minutes',
  },
  {
    file: 'cluster.cluster.x-k8s.io/manifest',
    health: { state: 'Progressing', reason: 'Newborn', holdsUntil: null },
    why: 'without creationTimestamp it is a manifest, not a reading',
  },
  {
    file: 'cluster.cluster.x-k8s.io/without-primary',
    health: { state: 'Unknown', reason: 'NotReported' },
    why: 'other conditions without Available',
  },
  {
    file: 'cluster.cluster.x-k8s.io/healthy',
    health: { state: 'Healthy', reason: 'Available', since: '2026-06-01T11:30:00Z', flags: [], holdsUntil: null },
    why: 'nothing wrong',
  },
  {
    file: 'cluster.cluster.x-k8s.io/old-read-new-conditions',
    health: { state: 'Healthy', reason: 'Available' },
    why: 'status.v1beta2.conditions wins over the legacy set',
  },
  {
    file: 'cluster.cluster.x-k8s.io/new-read-legacy-kept',
    health: { state: 'Healthy', reason: 'Available', flags: ['legacyFailure'] },
    why: 'the deprecated set is shown, not judged',
  },
  {
    file: 'cluster.cluster.x-k8s.io/legacy-degraded',
    health: { state: 'Degraded', reason: 'VnetFailed' },
    why: 'a legacy False is fresh though observedGeneration lags',
  },
  {
    file: 'cluster.cluster.x-k8s.io/legacy-lagging',
    health: { state: 'Progressing', reason: 'GenerationNotObserved' },
    why: 'a legacy True is not',
  },
  {
    file: 'cluster.cluster.x-k8s.io/legacy-failed',
    health: { state: 'Failed', reason: 'PhaseFailed' },
    why: 'phase Failed is terminal in a legacy read',
  },
  {
    file: 'cluster.cluster.x-k8s.io/malformed',
    health: { state: 'Unknown', reason: 'MalformedStatus' },
    why: 'conditions that are no list',
  },
])
