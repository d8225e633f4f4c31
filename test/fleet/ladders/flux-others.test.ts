import { judgesAll } from './judges.ts'

judgesAll('image automation, ResourceSets, and what clusterctl installed', [
  {
    file: 'imagerepository.image.toolkit.fluxcd.io/suspended',
    health: { state: 'Suspended', reason: 'Suspended', underlying: 'Healthy' },
    why: 'spec.suspend',
  },
  {
    file: 'imagerepository.image.toolkit.fluxcd.io/read-failed',
    health: { state: 'Degraded', reason: 'ReadOperationFailed' },
    why: 'a failing scan keeps Reconciling=True',
  },
  {
    file: 'imagerepository.image.toolkit.fluxcd.io/ready',
    health: { state: 'Healthy', reason: 'Succeeded' },
    why: 'nothing wrong',
  },
  {
    file: 'imagepolicy.image.toolkit.fluxcd.io/no-tag',
    health: { state: 'Failed', reason: 'InvalidPolicy' },
    why: 'Stalled beats a problem',
  },
  {
    file: 'imagepolicy.image.toolkit.fluxcd.io/waiting',
    health: { state: 'Progressing', reason: 'DependencyNotReady' },
    why: 'it waits for its repository',
  },
  {
    file: 'imagepolicy.image.toolkit.fluxcd.io/ready',
    health: { state: 'Healthy', reason: 'Succeeded' },
    why: 'nothing wrong',
  },
  {
    file: 'imageupdateautomation.image.toolkit.fluxcd.io/push-failed',
    health: { state: 'Degraded', reason: 'GitOperationFailed' },
    why: 'a push that is refused',
  },
  {
    file: 'imageupdateautomation.image.toolkit.fluxcd.io/ready',
    health: { state: 'Healthy', reason: 'Succeeded' },
    why: 'nothing wrong',
  },
  {
    file: 'resourceset.fluxcd.controlplane.io/disabled',
    health: { state: 'Suspended', reason: 'Suspended', underlying: 'Healthy' },
    why: "the operator's annotation",
  },
  {
    file: 'resourceset.fluxcd.controlplane.io/build-failed',
    health: { state: 'Degraded', reason: 'BuildFailed' },
    why: 'a template that cannot be filled',
  },
  {
    file: 'resourceset.fluxcd.controlplane.io/ready',
    health: { state: 'Healthy', reason: 'ReconciliationSucceeded' },
    why: 'nothing wrong',
  },
  {
    file: 'resourcesetinputprovider.fluxcd.controlplane.io/stalled',
    health: { state: 'Failed', reason: 'InvalidSpec' },
    why: 'Stalled beats a problem',
  },
  {
    file: 'resourcesetinputprovider.fluxcd.controlplane.io/ready',
    health: { state: 'Healthy', reason: 'ReconciliationSucceeded' },
    why: 'nothing wrong',
  },
  {
    file: 'provider.clusterctl.cluster.x-k8s.io/infrastructure',
    health: { state: 'Healthy', reason: 'Static' },
    why: 'a note that nobody reconciles',
  },
  {
    file: 'infrastructureprovider.operator.cluster.x-k8s.io/ready',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'the operator reports it as any controller does',
  },
  {
    file: 'externalartifact.source.toolkit.fluxcd.io/ready',
    health: { state: 'Healthy', reason: 'Succeeded' },
    why: 'nothing wrong',
  },
])
