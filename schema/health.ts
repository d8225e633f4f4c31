import type { HealthView } from '../db/read/freshness.ts'
import type { Flag, State } from '../fleet/health.ts'
import { builder } from './builder.ts'
import { enumOf } from './enums.ts'
import { enumFilterOf } from './filters.ts'

export const HealthState = enumOf<State>('HealthState', 'How something is. Only HEALTHY is green.', {
  Healthy: 'It is what it should be.',
  Progressing: 'It is on its way there, and nothing is wrong.',
  Degraded: 'Something is wrong; it may heal.',
  Failed: 'It will not go on without a person.',
  Suspended: 'Its controllers are told to leave it alone; `underlying` is how it is meanwhile.',
  Deleting: 'It is on its way out.',
  Unknown: 'It does not say, or says something that cannot be read.',
  Stale: 'Nothing was heard within the limit; `underlying` is the last that was.',
})

export const HealthStateFilter = enumFilterOf<State>('HealthStateFilter', HealthState)

const HealthFlag = enumOf<Flag>('HealthFlag', 'What a state alone does not say.', {
  stuck: 'On its way for longer than such things take.',
  reconciling: 'Healthy, and being worked on.',
  awaitingApproval: 'A person must approve the plan.',
  observeOnly: 'Its controller watches it but changes nothing.',
  legacyFailure: 'The failure is told by a field that the API no longer uses.',
  partlyStale: 'Some of what it is judged by has not been heard of within the limit.',
  helmDrift: 'What runs is not what the chart made.',
  outOfSync: 'What runs is not what the repository says.',
  tofuDrift: 'What exists is not what the plan made.',
})

export const Health = builder.objectRef<HealthView>('Health').implement({
  description: 'How something is, and why. Judged by its conditions, and by how long ago they were read.',
  fields: (t) => ({
    state: t.expose('state', { type: HealthState, description: 'How it is, in one word.' }),
    underlying: t.expose('underlying', {
      type: HealthState,
      nullable: true,
      description: 'The state beneath SUSPENDED or STALE.',
    }),
    reason: t.exposeString('reason', { description: 'The reason of the condition that decided, or its type.' }),
    message: t.exposeString('message', { description: 'The words of the condition that decided; may be empty.' }),
    since: t.expose('since', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the deciding condition last moved, as its source says; a lower bound for legacy and Flux conditions.',
    }),
    flags: t.expose('flags', {
      type: [HealthFlag],
      description: 'What the state alone does not say.',
      complexity: { field: 1, multiplier: 1 },
    }),
  }),
})
