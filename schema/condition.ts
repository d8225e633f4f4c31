import type { Condition as Observed, ConditionStatus as Status } from '../fleet/observation.ts'
import { builder } from './builder.ts'
import { enumOf } from './enums.ts'

export const ConditionStatus = enumOf<Status>('ConditionStatus', 'A Kubernetes condition’s status.', {
  True: 'It holds.',
  False: 'It does not hold.',
  Unknown: 'The controller cannot tell. An absent condition means this too.',
})

export const Condition = builder.objectRef<Observed>('Condition').implement({
  description: 'A condition as its object carries it.',
  fields: (t) => ({
    type: t.exposeString('type', { description: 'Its type, e.g. `Available`.' }),
    status: t.expose('status', {
      type: ConditionStatus,
      description: 'Whether it holds; whether that is good depends on the type.',
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'The machine’s word for why.' }),
    message: t.exposeString('message', { nullable: true, description: 'What the object says of it, for people.' }),
    severity: t.exposeString('severity', {
      nullable: true,
      description: 'Error, Warning or Info; only legacy Cluster API and Azure Service Operator conditions have one.',
    }),
    observedGeneration: t.exposeInt('observedGeneration', {
      nullable: true,
      description: 'The generation it speaks of.',
    }),
    lastTransitionAt: t.expose('lastTransitionAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it last moved.',
    }),
    legacy: t.exposeBoolean('legacy', { description: 'Shown but not judged: the object also carries the newer set.' }),
  }),
})
