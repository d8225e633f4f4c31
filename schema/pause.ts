import type { PauseView } from '../db/read/noun.ts'
import { builder } from './builder.ts'

export const Pause = builder.objectRef<PauseView>('Pause').implement({
  description: 'Reconciling is switched off.',
  fields: (t) => ({
    field: t.exposeString('field', {
      description:
        'Where it is written: `spec.suspend`, `spec.paused`, `metadata.annotations[cluster.x-k8s.io/paused]`.',
    }),
    since: t.expose('since', {
      type: 'DateTime',
      nullable: true,
      description: 'When that field was last written, as the object tells; our first sight where it does not.',
    }),
    actor: t.exposeString('actor', {
      nullable: true,
      description: 'The field manager that wrote it: `kubectl`, `flux`, …; null where the object does not tell.',
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'What the object says of why.' }),
  }),
})
