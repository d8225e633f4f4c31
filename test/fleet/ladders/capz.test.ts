import { judgesAll } from './judges.ts'

judgesAll('CAPZ', [
  {
    file: 'azurecluster.infrastructure.cluster.x-k8s.io/not-ready',
    health: { state: 'Progressing', reason: 'Creating' },
    why: 'severity Info is the happy path',
  },
  {
    file: 'azurecluster.infrastructure.cluster.x-k8s.io/failing',
    health: { state: 'Degraded', reason: 'Failed' },
    why: 'an error that is retried',
  },
  {
    file: 'azurecluster.infrastructure.cluster.x-k8s.io/healthy',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'nothing wrong',
  },
  {
    file: 'azuremachine.infrastructure.cluster.x-k8s.io/not-ready',
    health: { state: 'Progressing', reason: 'Creating' },
    why: 'severity Info is the happy path',
  },
  {
    file: 'azuremachine.infrastructure.cluster.x-k8s.io/failed-new-conditions',
    health: { state: 'Failed', reason: 'CreateError', message: 'the VM size is not offered' },
    why: 'the failure fields end it, whatever its conditions look like',
  },
  {
    file: 'azuremachine.infrastructure.cluster.x-k8s.io/failing',
    health: { state: 'Degraded', reason: 'Failed' },
    why: 'an error that is retried',
  },
  {
    file: 'azuremachine.infrastructure.cluster.x-k8s.io/healthy',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'nothing wrong',
  },
  {
    file: 'azuremachinepool.infrastructure.cluster.x-k8s.io/not-ready',
    health: { state: 'Progressing', reason: 'Creating' },
    why: 'severity Info is the happy path',
  },
  {
    file: 'azuremachinepool.infrastructure.cluster.x-k8s.io/failing',
    health: { state: 'Degraded', reason: 'Failed' },
    why: 'an error that is retried',
  },
  {
    file: 'azuremachinepool.infrastructure.cluster.x-k8s.io/healthy',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'nothing wrong',
  },
  {
    file: 'azuremanagedcontrolplane.infrastructure.cluster.x-k8s.io/not-ready',
    health: { state: 'Progressing', reason: 'Creating' },
    why: 'severity Info is the happy path',
  },
  {
    file: 'azuremanagedcontrolplane.infrastructure.cluster.x-k8s.io/failing',
    health: { state: 'Degraded', reason: 'Failed' },
    why: 'an error that is retried',
  },
  {
    file: 'azuremanagedcontrolplane.infrastructure.cluster.x-k8s.io/healthy',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'nothing wrong',
  },
  {
    file: 'azuremanagedcluster.infrastructure.cluster.x-k8s.io/not-ready',
    health: { state: 'Progressing', reason: 'NotReady' },
    why: 'status.ready is all it has',
  },
  {
    file: 'azuremanagedcluster.infrastructure.cluster.x-k8s.io/healthy',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'status.ready is all it has',
  },
  {
    file: 'azuremanagedcluster.infrastructure.cluster.x-k8s.io/paused',
    health: { state: 'Suspended', reason: 'Paused', underlying: 'Healthy' },
    why: 'the annotation pauses providers too',
  },
  {
    file: 'azuremanagedmachinepool.infrastructure.cluster.x-k8s.io/failed',
    health: { state: 'Failed', reason: 'Quota' },
    why: 'its terminal fields have names of their own',
  },
  {
    file: 'azuremanagedmachinepool.infrastructure.cluster.x-k8s.io/healthy',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'nothing wrong',
  },
  {
    file: 'azureasomanagedcluster.infrastructure.cluster.x-k8s.io/child-not-ready',
    health: { state: 'Progressing', reason: 'NotReady' },
    why: 'a child that is not ready beats status.ready',
  },
  {
    file: 'azureasomanagedcluster.infrastructure.cluster.x-k8s.io/not-ready',
    health: { state: 'Progressing', reason: 'NotReady' },
    why: 'status.ready is all it has',
  },
  {
    file: 'azureasomanagedcluster.infrastructure.cluster.x-k8s.io/silent',
    health: { state: 'Unknown', reason: 'NotReported' },
    why: 'it says nothing',
  },
  {
    file: 'azureasomanagedcluster.infrastructure.cluster.x-k8s.io/newborn',
    health: { state: 'Progressing', reason: 'Newborn' },
    why: 'it says nothing yet',
  },
  {
    file: 'azureasomanagedcluster.infrastructure.cluster.x-k8s.io/healthy',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'ready, and so are its children',
  },
  {
    file: 'azureasomanagedcontrolplane.infrastructure.cluster.x-k8s.io/child-not-ready',
    health: { state: 'Progressing', reason: 'NotReady' },
    why: 'a child that is not ready beats status.ready',
  },
  {
    file: 'azureasomanagedcontrolplane.infrastructure.cluster.x-k8s.io/not-ready',
    health: { state: 'Progressing', reason: 'NotReady' },
    why: 'status.ready is all it has',
  },
  {
    file: 'azureasomanagedcontrolplane.infrastructure.cluster.x-k8s.io/silent',
    health: { state: 'Unknown', reason: 'NotReported' },
    why: 'it says nothing',
  },
  {
    file: 'azureasomanagedcontrolplane.infrastructure.cluster.x-k8s.io/newborn',
    health: { state: 'Progressing', reason: 'Newborn' },
    why: 'it says nothing yet',
  },
  {
    file: 'azureasomanagedcontrolplane.infrastructure.cluster.x-k8s.io/healthy',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'ready, and so are its children',
  },
  {
    file: 'azureasomanagedmachinepool.infrastructure.cluster.x-k8s.io/child-not-ready',
    health: { state: 'Progressing', reason: 'NotReady' },
    why: 'a child that is not ready beats status.ready',
  },
  {
    file: 'azureasomanagedmachinepool.infrastructure.cluster.x-k8s.io/not-ready',
    health: { state: 'Progressing', reason: 'NotReady' },
    why: 'status.ready is all it has',
  },
  {
    file: 'azureasomanagedmachinepool.infrastructure.cluster.x-k8s.io/silent',
    health: { state: 'Unknown', reason: 'NotReported' },
    why: 'it says nothing',
  },
  {
    file: 'azureasomanagedmachinepool.infrastructure.cluster.x-k8s.io/newborn',
    health: { state: 'Progressing', reason: 'Newborn' },
    why: 'it says nothing yet',
  },
  {
    file: 'azureasomanagedmachinepool.infrastructure.cluster.x-k8s.io/healthy',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'ready, and so are its children',
  },
])
