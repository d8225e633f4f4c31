import { judgesAll } from './judges.ts'

judgesAll('Flux sources', [
  {
    file: 'gitrepository.source.toolkit.fluxcd.io/fetch-failed',
    health: { state: 'Degraded', reason: 'FetchFailed' },
    why: 'the last artifact is still served, the source is ill',
  },
  {
    file: 'gitrepository.source.toolkit.fluxcd.io/stalled',
    health: { state: 'Failed', reason: 'URLInvalid' },
    why: 'Stalled beats Ready=False',
  },
  {
    file: 'gitrepository.source.toolkit.fluxcd.io/suspended',
    health: { state: 'Suspended', reason: 'Suspended', underlying: 'Healthy' },
    why: 'spec.suspend',
  },
  {
    file: 'gitrepository.source.toolkit.fluxcd.io/healthy',
    health: { state: 'Healthy', reason: 'Succeeded' },
    why: 'nothing wrong',
  },
  {
    file: 'ocirepository.source.toolkit.fluxcd.io/fetch-failed',
    health: { state: 'Degraded', reason: 'FetchFailed' },
    why: 'the last artifact is still served, the source is ill',
  },
  {
    file: 'ocirepository.source.toolkit.fluxcd.io/stalled',
    health: { state: 'Failed', reason: 'URLInvalid' },
    why: 'Stalled beats Ready=False',
  },
  {
    file: 'ocirepository.source.toolkit.fluxcd.io/suspended',
    health: { state: 'Suspended', reason: 'Suspended', underlying: 'Healthy' },
    why: 'spec.suspend',
  },
  {
    file: 'ocirepository.source.toolkit.fluxcd.io/healthy',
    health: { state: 'Healthy', reason: 'Succeeded' },
    why: 'nothing wrong',
  },
  {
    file: 'helmchart.source.toolkit.fluxcd.io/fetch-failed',
    health: { state: 'Degraded', reason: 'FetchFailed' },
    why: 'the last artifact is still served, the source is ill',
  },
  {
    file: 'helmchart.source.toolkit.fluxcd.io/stalled',
    health: { state: 'Failed', reason: 'URLInvalid' },
    why: 'Stalled beats Ready=False',
  },
  {
    file: 'helmchart.source.toolkit.fluxcd.io/suspended',
    health: { state: 'Suspended', reason: 'Suspended', underlying: 'Healthy' },
    why: 'spec.suspend',
  },
  {
    file: 'helmchart.source.toolkit.fluxcd.io/healthy',
    health: { state: 'Healthy', reason: 'Succeeded' },
    why: 'nothing wrong',
  },
  {
    file: 'bucket.source.toolkit.fluxcd.io/fetch-failed',
    health: { state: 'Degraded', reason: 'FetchFailed' },
    why: 'the last artifact is still served, the source is ill',
  },
  {
    file: 'bucket.source.toolkit.fluxcd.io/stalled',
    health: { state: 'Failed', reason: 'URLInvalid' },
    why: 'Stalled beats Ready=False',
  },
  {
    file: 'bucket.source.toolkit.fluxcd.io/suspended',
    health: { state: 'Suspended', reason: 'Suspended', underlying: 'Healthy' },
    why: 'spec.suspend',
  },
  {
    file: 'bucket.source.toolkit.fluxcd.io/healthy',
    health: { state: 'Healthy', reason: 'Succeeded' },
    why: 'nothing wrong',
  },
  {
    file: 'helmrepository.source.toolkit.fluxcd.io/fetch-failed',
    health: { state: 'Degraded', reason: 'FetchFailed' },
    why: 'the last artifact is still served, the source is ill',
  },
  {
    file: 'helmrepository.source.toolkit.fluxcd.io/stalled',
    health: { state: 'Failed', reason: 'URLInvalid' },
    why: 'Stalled beats Ready=False',
  },
  {
    file: 'helmrepository.source.toolkit.fluxcd.io/suspended',
    health: { state: 'Suspended', reason: 'Suspended', underlying: 'Healthy' },
    why: 'spec.suspend',
  },
  {
    file: 'helmrepository.source.toolkit.fluxcd.io/healthy',
    health: { state: 'Healthy', reason: 'Succeeded' },
    why: 'nothing wrong',
  },
  {
    file: 'helmrepository.source.toolkit.fluxcd.io/oci',
    health: { state: 'Healthy', reason: 'Static' },
    why: 'of type oci it reports nothing and is well',
  },
  {
    file: 'receiver.notification.toolkit.fluxcd.io/waiting',
    health: { state: 'Progressing', reason: 'DependencyNotReady' },
    why: 'an undescribed Flux kind is read by its family',
  },
])
