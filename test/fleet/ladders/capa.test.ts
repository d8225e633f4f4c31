import { judgesAll } from './judges.ts'

judgesAll('AWSManagedControlPlane, and providers nobody described', [
  {
    file: 'awsmanagedcontrolplane.controlplane.cluster.x-k8s.io/updating-new-conditions',
    health: { state: 'Progressing', reason: 'Updating' },
    why: 'its transient conditions mean the same in the new shape',
  },
  {
    file: 'awsmanagedcontrolplane.controlplane.cluster.x-k8s.io/failed',
    health: { state: 'Failed', reason: 'failureMessage' },
    why: "a provider's failureMessage is terminal whatever its API version",
  },
  {
    file: 'awsmanagedcontrolplane.controlplane.cluster.x-k8s.io/degraded',
    health: { state: 'Degraded', reason: 'EKSControlPlaneReconciliationFailed' },
    why: 'a problem beats a transient condition',
  },
  {
    file: 'awsmanagedcontrolplane.controlplane.cluster.x-k8s.io/updating',
    health: { state: 'Progressing', reason: 'EKSControlPlaneUpdating' },
    why: 'the only marker of an upgrade',
  },
  {
    file: 'awsmanagedcontrolplane.controlplane.cluster.x-k8s.io/at-rest',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'a transient condition at rest is False with Info',
  },
  {
    file: 'awsmanagedcontrolplane.controlplane.cluster.x-k8s.io/whole',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'both of them at rest',
  },
  {
    file: 'awsmanagedcontrolplane.controlplane.cluster.x-k8s.io/deleting',
    health: { state: 'Deleting', reason: 'EKSControlPlaneDeleting' },
    why: '*Deleting=True is deletion',
  },
  {
    file: 'ocimanagedcontrolplane.infrastructure.cluster.x-k8s.io/updating',
    health: { state: 'Progressing', reason: 'ControlPlaneUpdating' },
    why: 'an undescribed provider follows the contract',
  },
  {
    file: 'ocimanagedcontrolplane.infrastructure.cluster.x-k8s.io/new-conditions',
    health: { state: 'Degraded', reason: 'Broken' },
    why: 'metav1 conditions of a provider are judged like any other',
  },
])
