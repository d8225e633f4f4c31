import { judgesAll } from './judges.ts'

judgesAll('a kind nobody described', [
  {
    file: 'widget.example.test/stalled',
    health: { state: 'Failed', reason: 'GaveUp' },
    why: 'Stalled beats every problem',
  },
  {
    file: 'widget.example.test/failed',
    health: { state: 'Degraded', reason: 'Broken' },
    why: 'Failed=True beats Ready=True',
  },
  {
    file: 'widget.example.test/degraded',
    health: { state: 'Degraded', reason: 'Slow' },
    why: 'Degraded=True beats everything but Stalled',
  },
  {
    file: 'widget.example.test/unmet',
    health: { state: 'Degraded', reason: 'Unreachable' },
    why: 'the first primary that exists is False; retrying is not progress',
  },
  {
    file: 'widget.example.test/lagging',
    health: { state: 'Progressing', reason: 'GenerationNotObserved' },
    why: 'a lag beats a change',
  },
  {
    file: 'widget.example.test/status-lags',
    health: { state: 'Progressing', reason: 'GenerationNotObserved' },
    why: 'without a primary the whole status lags',
  },
  {
    file: 'widget.example.test/reconciling',
    health: { state: 'Progressing', reason: 'Working' },
    why: 'Reconciling while the primary is not True',
  },
  {
    file: 'widget.example.test/info',
    health: { state: 'Progressing', reason: 'Creating things' },
    why: 'severity Info',
  },
  {
    file: 'widget.example.test/waiting',
    health: { state: 'Progressing', reason: 'WaitingForVolume' },
    why: 'a change reason',
  },
  { file: 'widget.example.test/unknown', health: { state: 'Unknown', reason: 'X' }, why: 'it does not know' },
  {
    file: 'widget.example.test/silent-newborn',
    health: { state: 'Unknown', reason: 'NotReported' },
    why: 'silence of an unknown kind is no excuse, however young',
  },
  {
    file: 'widget.example.test/suspended',
    health: { state: 'Suspended', reason: 'Suspended', underlying: 'Degraded' },
    why: 'spec.suspend',
  },
  {
    file: 'widget.example.test/paused',
    health: { state: 'Suspended', reason: 'Suspended', underlying: 'Healthy' },
    why: 'spec.paused',
  },
  {
    file: 'widget.example.test/healthy',
    health: { state: 'Healthy', reason: 'Done' },
    why: 'the last of the five primaries',
  },
])
