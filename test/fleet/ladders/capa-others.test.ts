import { judgesAll } from './judges.ts'

judgesAll('other kinds of the AWS provider', [
  {
    file: 'awsmanagedcluster.infrastructure.cluster.x-k8s.io/ready',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'a field and no condition',
  },
  {
    file: 'awsmanagedcluster.infrastructure.cluster.x-k8s.io/not-ready',
    health: { state: 'Progressing', reason: 'NotReady' },
    why: 'not ready is a change',
  },
  {
    file: 'awsmanagedmachinepool.infrastructure.cluster.x-k8s.io/failed',
    health: { state: 'Failed', reason: 'InvalidConfiguration' },
    why: 'failureReason beats the conditions',
  },
  {
    file: 'awsmanagedmachinepool.infrastructure.cluster.x-k8s.io/degraded',
    health: { state: 'Degraded', reason: 'EKSNodegroupReconciliationFailed' },
    why: 'an error beats status.ready',
  },
  {
    file: 'awsmanagedmachinepool.infrastructure.cluster.x-k8s.io/waiting',
    health: { state: 'Progressing', reason: 'WaitingForEKSControlPlane' },
    why: 'Info waits',
  },
  {
    file: 'awsmanagedmachinepool.infrastructure.cluster.x-k8s.io/ready',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'nothing wrong',
  },
  {
    file: 'awscluster.infrastructure.cluster.x-k8s.io/degraded',
    health: { state: 'Degraded', reason: 'LoadBalancerFailed' },
    why: 'an error',
  },
  {
    file: 'awscluster.infrastructure.cluster.x-k8s.io/creating',
    health: { state: 'Progressing', reason: 'VpcCreationStarted' },
    why: 'Info is a change',
  },
  {
    file: 'awscluster.infrastructure.cluster.x-k8s.io/ready',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'nothing wrong',
  },
  {
    file: 'awsmachine.infrastructure.cluster.x-k8s.io/failed',
    health: { state: 'Failed', reason: 'UpdateError' },
    why: 'the instance was terminated',
  },
  {
    file: 'awsmachine.infrastructure.cluster.x-k8s.io/not-ready',
    health: { state: 'Degraded', reason: 'InstanceNotReady' },
    why: 'a warning is a problem',
  },
  {
    file: 'awsmachine.infrastructure.cluster.x-k8s.io/ready',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'nothing wrong',
  },
  {
    file: 'awsmachinepool.infrastructure.cluster.x-k8s.io/degraded',
    health: { state: 'Degraded', reason: 'LaunchTemplateReconcileFailed' },
    why: 'an error',
  },
  {
    file: 'awsmachinepool.infrastructure.cluster.x-k8s.io/unknown',
    health: { state: 'Unknown', reason: 'ASGNotFound' },
    why: 'it could not ask',
  },
  {
    file: 'awsmachinepool.infrastructure.cluster.x-k8s.io/ready',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'nothing wrong',
  },
  {
    file: 'rosacontrolplane.controlplane.cluster.x-k8s.io/failed',
    health: { state: 'Failed', reason: 'failureMessage' },
    why: 'the installation ended in error',
  },
  {
    file: 'rosacontrolplane.controlplane.cluster.x-k8s.io/invalid',
    health: { state: 'Degraded', reason: 'InvalidConfiguration' },
    why: 'beats an upgrade, though its readiness does not show it',
  },
  {
    file: 'rosacontrolplane.controlplane.cluster.x-k8s.io/upgrade-failed',
    health: { state: 'Degraded', reason: 'failed' },
    why: 'an upgrade that could not be scheduled shows nowhere else',
  },
  {
    file: 'rosacontrolplane.controlplane.cluster.x-k8s.io/installing',
    health: { state: 'Progressing', reason: 'installing' },
    why: 'Info is a change',
  },
  {
    file: 'rosacontrolplane.controlplane.cluster.x-k8s.io/upgrading',
    health: { state: 'Progressing', reason: 'started' },
    why: 'the only marker of an upgrade',
  },
  {
    file: 'rosacontrolplane.controlplane.cluster.x-k8s.io/ready',
    health: { state: 'Healthy', reason: 'ROSAControlPlaneReady' },
    why: 'its own readiness, and an upgrade at rest',
  },
  {
    file: 'rosacluster.infrastructure.cluster.x-k8s.io/ready',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'a field and no condition',
  },
  {
    file: 'rosamachinepool.infrastructure.cluster.x-k8s.io/upgrade-failed',
    health: { state: 'Degraded', reason: 'failed' },
    why: 'Ready does not show it',
  },
  {
    file: 'rosamachinepool.infrastructure.cluster.x-k8s.io/upgrading',
    health: { state: 'Progressing', reason: 'started' },
    why: 'the only marker of an upgrade',
  },
  {
    file: 'rosamachinepool.infrastructure.cluster.x-k8s.io/ready',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'nothing wrong',
  },
])
