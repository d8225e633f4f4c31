import { judgesAll } from './judges.ts'

judgesAll('AKS by Azure Resource Manager', [
  {
    file: 'managedclusters.Microsoft.ContainerService/deleting',
    health: { state: 'Deleting', reason: 'Deleting' },
    why: 'even when stopped',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/starting',
    health: { state: 'Progressing', reason: 'Starting' },
    why: 'beats powerState',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/stopped',
    health: { state: 'Suspended', reason: 'Stopped', underlying: 'Healthy' },
    why: 'a stopped cluster has no capacity to miss',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/stopped-failed',
    health: {
      state: 'Suspended',
      reason: 'Stopped',
      underlying: 'Failed',
      message: 'stopped; before that QuotaExceeded: no cores',
    },
    why: 'even when Failed; the error comes second',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/failed',
    health: { state: 'Failed', reason: 'QuotaExceeded' },
    why: 'the error has a code',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/failed-without-code',
    health: { state: 'Failed', reason: 'Failed' },
    why: 'the error has none',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/upgrading',
    health: { state: 'Progressing', reason: 'Upgrading' },
    why: 'a gerund of the cluster beats its pools',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/upgrading',
    context: { short: '2026-06-01T09:30:00Z' },
    health: { state: 'Progressing', reason: 'Upgrading', holdsUntil: '2026-06-01T12:30:00.000Z' },
    why: 'Azure does not date it: our own first sight does',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/upgrading',
    context: { short: '2026-06-01T09:00:00Z' },
    health: { state: 'Degraded', reason: 'Stuck', since: '2026-06-01T09:00:00.000Z' },
    why: 'seen for three hours',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/upgrading-stuck',
    health: { state: 'Degraded', reason: 'Stuck' },
    why: 'over three hours',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/upgrading-dated',
    health: { state: 'Progressing', reason: 'Upgrading', holdsUntil: '2026-06-01T12:30:00.000Z' },
    why: 'under three hours',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/canceled',
    health: { state: 'Degraded', reason: 'OperationCanceled' },
    why: 'beats its pools',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/unrecognised',
    health: { state: 'Unknown', reason: 'UnrecognisedState:Pondering' },
    why: 'a word nobody documented',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/empty',
    health: { state: 'Unknown', reason: 'ProvisioningStateNotReported' },
    why: 'the empty word says nothing, and that is no word',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/power-unrecognised',
    health: { state: 'Unknown', reason: 'UnrecognisedPowerState:Deallocated' },
    why: 'whether it runs is not known; that its System pool is empty may follow from it',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/power-unrecognised-pool-failed',
    health: { state: 'Degraded', reason: 'PoolFailed:np' },
    why: 'what surely failed comes first',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/power-unreported',
    health: { state: 'Healthy', reason: 'Succeeded' },
    why: 'a power state that is absent says nothing',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/pool-unrecognised',
    health: { state: 'Unknown', reason: 'UnrecognisedPoolState:np' },
    why: 'a word nobody documented, of a pool alone',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/pool-unrecognised-other-updating',
    health: { state: 'Progressing', reason: 'PoolUpdating:np2' },
    why: 'what is surely under way comes first',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/system-pool-failed',
    health: { state: 'Failed', reason: 'SystemPoolFailed' },
    why: 'beats a failed User pool',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/pool-failed',
    health: { state: 'Degraded', reason: 'PoolFailed:np' },
    why: 'beats a pool at work',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/pool-canceled',
    health: { state: 'Degraded', reason: 'PoolFailed:np' },
    why: 'Canceled as well',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/pool-updating',
    health: { state: 'Progressing', reason: 'PoolUpdating:np' },
    why: 'one pool is worked on alone',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/no-system-capacity',
    health: { state: 'Degraded', reason: 'NoSystemCapacity' },
    why: 'every System pool is empty',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/user-pool-stopped',
    health: { state: 'Healthy', reason: 'Succeeded' },
    why: 'a stopped User pool is normal',
  },
  {
    file: 'managedclusters.Microsoft.ContainerService/without-pools',
    health: { state: 'Healthy', reason: 'Succeeded' },
    why: 'hosted system pools do not show',
  },
])
