import { judgesAll } from './judges.ts'

judgesAll('kinds of the GCP provider', [
  {
    file: 'gcpmanagedcontrolplane.infrastructure.cluster.x-k8s.io/deleting',
    health: { state: 'Deleting', reason: 'GKEControlPlaneDeleting' },
    why: '*Deleting=True is deletion',
  },
  {
    file: 'gcpmanagedcontrolplane.infrastructure.cluster.x-k8s.io/error',
    health: { state: 'Degraded', reason: 'GKEControlPlaneError' },
    why: 'GKE calls it broken while Ready stays True; beats an update',
  },
  {
    file: 'gcpmanagedcontrolplane.infrastructure.cluster.x-k8s.io/new-conditions',
    health: { state: 'Degraded', reason: 'Broken' },
    why: 'metav1 conditions are judged like any other',
  },
  {
    file: 'gcpmanagedcontrolplane.infrastructure.cluster.x-k8s.io/creating',
    health: { state: 'Progressing', reason: 'GKEControlPlaneCreating' },
    why: 'Info is a change, also of its own readiness',
  },
  {
    file: 'gcpmanagedcontrolplane.infrastructure.cluster.x-k8s.io/updating',
    health: { state: 'Progressing', reason: 'GKEControlPlaneUpdating' },
    why: 'the only marker of an upgrade',
  },
  {
    file: 'gcpmanagedcontrolplane.infrastructure.cluster.x-k8s.io/at-rest',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'transient conditions at rest are False with Info',
  },
  {
    file: 'gcpmanagedcluster.infrastructure.cluster.x-k8s.io/ready',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'nothing wrong',
  },
  {
    file: 'gcpmanagedmachinepool.infrastructure.cluster.x-k8s.io/error',
    health: { state: 'Degraded', reason: 'GKEMachinePoolError' },
    why: 'GKE calls it broken while Ready stays True',
  },
  {
    file: 'gcpmanagedmachinepool.infrastructure.cluster.x-k8s.io/updating',
    health: { state: 'Progressing', reason: 'GKEMachinePoolUpdating' },
    why: 'a change beats Healthy',
  },
  {
    file: 'gcpmanagedmachinepool.infrastructure.cluster.x-k8s.io/at-rest',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'transient conditions at rest are False with Info',
  },
  {
    file: 'gcpcluster.infrastructure.cluster.x-k8s.io/not-ready',
    health: { state: 'Progressing', reason: 'NotReady' },
    why: 'not ready is a change',
  },
  {
    file: 'gcpcluster.infrastructure.cluster.x-k8s.io/ready',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'a field and no condition',
  },
  {
    file: 'gcpmachine.infrastructure.cluster.x-k8s.io/failed',
    health: { state: 'Failed', reason: 'UpdateError' },
    why: 'failure fields beat status.ready',
  },
  {
    file: 'gcpmachine.infrastructure.cluster.x-k8s.io/ready',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'a field and no condition',
  },
  {
    file: 'gcpmachinepool.infrastructure.cluster.x-k8s.io/degraded',
    health: {
      state: 'Degraded',
      reason: 'ManagedInstanceGroupProvisionFailed',
      message: '* ManagedInstanceGroupReady: quota',
    },
    why: 'the reason of the input that is not met',
  },
  {
    file: 'gcpmachinepool.infrastructure.cluster.x-k8s.io/ready',
    health: { state: 'Healthy', reason: 'InfoReported' },
    why: 'nothing wrong',
  },
])
