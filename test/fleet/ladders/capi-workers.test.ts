import { judgesAll } from './judges.ts'

judgesAll('MachineDeployment, MachinePool, MachineSet', [
  {
    file: 'machinedeployment.cluster.x-k8s.io/unavailable',
    health: { state: 'Degraded', reason: 'NotAvailable' },
    why: 'unavailable, and nothing is being added',
  },
  {
    file: 'machinedeployment.cluster.x-k8s.io/unavailable-scaling',
    health: { state: 'Progressing', reason: 'ScalingUp' },
    why: 'unavailable while machines are being added',
  },
  {
    file: 'machinedeployment.cluster.x-k8s.io/paused',
    health: { state: 'Suspended', reason: 'Paused', underlying: 'Degraded' },
    why: 'spec.paused exists here too',
  },
  {
    file: 'machinedeployment.cluster.x-k8s.io/scaling-down',
    health: { state: 'Progressing', reason: 'ScalingDown' },
    why: 'a change beats Healthy',
  },
  {
    file: 'machinedeployment.cluster.x-k8s.io/scaling-beats-shortage',
    health: { state: 'Progressing', reason: 'RollingOut' },
    context: { short: '2026-06-01T11:00:00Z' },
    why: 'a shortage during a rollout does not stand alone',
  },
  {
    file: 'machinedeployment.cluster.x-k8s.io/short',
    health: { state: 'Degraded', reason: 'ReplicasShort' },
    context: { short: '2026-06-01T11:40:00Z' },
    why: 'short of a ready replica for 20 minutes',
  },
  {
    file: 'machinedeployment.cluster.x-k8s.io/healthy',
    health: { state: 'Healthy', reason: 'Available' },
    why: 'nothing wrong',
  },
  {
    file: 'machinedeployment.cluster.x-k8s.io/legacy-phase',
    health: { state: 'Healthy', reason: 'PhaseRunning' },
    why: 'without Ready the phase speaks',
  },
  {
    file: 'machinedeployment.cluster.x-k8s.io/legacy-phase-scaling',
    health: { state: 'Progressing', reason: 'PhaseScalingUp' },
    why: 'without Ready the phase speaks',
  },
  {
    file: 'machinedeployment.cluster.x-k8s.io/legacy-waiting',
    health: { state: 'Progressing', reason: 'WaitingForAvailableMachines' },
    why: 'WaitingFor… is a change reason',
  },
  {
    file: 'machinedeployment.cluster.x-k8s.io/legacy-empty-severity',
    health: { state: 'Degraded', reason: 'Odd' },
    why: 'a legacy False without severity should not happen: Degraded',
  },
  {
    file: 'machinepool.cluster.x-k8s.io/failed',
    health: { state: 'Failed', reason: 'CreateError' },
    why: 'a terminal field in a v1beta1 read beats the problem',
  },
  {
    file: 'machinepool.cluster.x-k8s.io/failed-no-longer-terminal',
    health: { state: 'Healthy', reason: 'Ready', flags: ['legacyFailure'] },
    why: 'the same field in a v1beta2 read is a flag',
  },
  {
    file: 'machinepool.cluster.x-k8s.io/degraded',
    health: { state: 'Degraded', reason: 'InstanceProvisionFailed' },
    why: 'a problem beats the phase',
  },
  {
    file: 'machinepool.cluster.x-k8s.io/short',
    health: { state: 'Degraded', reason: 'ReplicasShort' },
    context: { short: '2026-06-01T11:40:00Z' },
    why: 'too few available replicas for 20 minutes, whatever else goes on',
  },
  {
    file: 'machinepool.cluster.x-k8s.io/short-lately',
    health: { state: 'Progressing', reason: 'WaitingForReplicasReady', holdsUntil: '2026-06-01T12:05:00.000Z' },
    context: { short: '2026-06-01T11:50:00Z' },
    why: 'for ten minutes it is a change',
  },
  {
    file: 'machinepool.cluster.x-k8s.io/lagging',
    health: { state: 'Progressing', reason: 'GenerationNotObserved' },
    why: 'a lag beats the phase',
  },
  {
    file: 'machinepool.cluster.x-k8s.io/scaling',
    health: { state: 'Progressing', reason: 'PhaseScalingUp' },
    why: 'a phase other than Running is a change',
  },
  {
    file: 'machinepool.cluster.x-k8s.io/unknown',
    health: { state: 'Unknown', reason: 'Odd' },
    why: 'Ready is Unknown',
  },
  {
    file: 'machinepool.cluster.x-k8s.io/silent',
    health: { state: 'Unknown', reason: 'NotReported' },
    why: 'phase Unknown is no change where nothing else is said',
  },
  {
    file: 'machinepool.cluster.x-k8s.io/paused',
    health: { state: 'Suspended', reason: 'Paused', underlying: 'Healthy' },
    why: 'Paused is taken from the new set, Ready from the old',
  },
  {
    file: 'machinepool.cluster.x-k8s.io/healthy',
    health: { state: 'Healthy', reason: 'Ready' },
    why: 'its primary is the legacy Ready, whose reason is empty',
  },
  {
    file: 'machineset.cluster.x-k8s.io/degraded',
    health: { state: 'Degraded', reason: 'NotReady' },
    why: 'a problem beats a change',
  },
  {
    file: 'machineset.cluster.x-k8s.io/scaling',
    health: { state: 'Progressing', reason: 'ScalingDown' },
    why: 'a change beats Healthy',
  },
  {
    file: 'machineset.cluster.x-k8s.io/replicas-differ',
    health: { state: 'Progressing', reason: 'ScalingDown' },
    why: 'more replicas than wanted',
  },
  {
    file: 'machineset.cluster.x-k8s.io/healthy',
    health: { state: 'Healthy', reason: 'MachinesReady' },
    why: 'nothing wrong',
  },
])
