import { judgesAll } from './judges.ts'

judgesAll('KubeadmControlPlane', [
  {
    file: 'kubeadmcontrolplane.controlplane.cluster.x-k8s.io/unavailable',
    health: { state: 'Degraded', reason: 'EtcdQuorumLost' },
    why: 'unavailable once initialised beats a rollout',
  },
  {
    file: 'kubeadmcontrolplane.controlplane.cluster.x-k8s.io/initialising',
    health: { state: 'Progressing', reason: 'NotInitialized' },
    why: 'not yet initialised',
  },
  {
    file: 'kubeadmcontrolplane.controlplane.cluster.x-k8s.io/rolling-out',
    health: { state: 'Progressing', reason: 'RollingOut' },
    why: 'a rollout beats Healthy',
  },
  {
    file: 'kubeadmcontrolplane.controlplane.cluster.x-k8s.io/scaling',
    health: { state: 'Progressing', reason: 'ScalingUp' },
    why: 'replicas differ from the wish',
  },
  {
    file: 'kubeadmcontrolplane.controlplane.cluster.x-k8s.io/short',
    health: { state: 'Degraded', reason: 'ReplicasShort' },
    why: 'one machine has been missing for more than 15 minutes, counted from MachinesReady',
  },
  {
    file: 'kubeadmcontrolplane.controlplane.cluster.x-k8s.io/short-lately',
    health: { state: 'Progressing', reason: 'ReplicasShort', holdsUntil: '2026-06-01T12:05:00.000Z' },
    why: 'the same for ten minutes is a change',
  },
  {
    file: 'kubeadmcontrolplane.controlplane.cluster.x-k8s.io/short-unseen',
    health: { state: 'Progressing', reason: 'ReplicasShort', holdsUntil: '2026-06-01T12:05:00.000Z' },
    context: { short: '2026-06-01T11:50:00Z' },
    why: 'without MachinesReady it counts from our first sight',
  },
  {
    file: 'kubeadmcontrolplane.controlplane.cluster.x-k8s.io/paused',
    health: { state: 'Suspended', reason: 'Paused', underlying: 'Healthy' },
    why: 'presence of the annotation, not its value',
  },
  {
    file: 'kubeadmcontrolplane.controlplane.cluster.x-k8s.io/healthy',
    health: { state: 'Healthy', reason: 'Available' },
    why: 'nothing wrong',
  },
  {
    file: 'kubeadmcontrolplane.controlplane.cluster.x-k8s.io/legacy-upgrade',
    health: { state: 'Progressing', reason: 'RollingUpdateInProgress @ KubeadmControlPlane/a' },
    why: 'a change reason beats severity Warning, with the suffix of an aggregate too',
  },
  {
    file: 'kubeadmcontrolplane.controlplane.cluster.x-k8s.io/legacy-failed',
    health: { state: 'Failed', reason: 'failureMessage' },
    why: 'terminal under v1beta1',
  },
  {
    file: 'kubeadmcontrolplane.controlplane.cluster.x-k8s.io/legacy-without-ready',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'status.ready stands in for Ready',
  },
  {
    file: 'kubeadmcontrolplane.controlplane.cluster.x-k8s.io/legacy-short',
    health: { state: 'Degraded', reason: 'ReplicasShort' },
    context: { short: '2026-06-01T11:40:00Z' },
    why: 'counters are judged in a legacy read as well',
  },
])
