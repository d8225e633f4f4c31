import type { Finding as FindingView } from '../db/read/verdict-noun.ts'
import { builder } from './builder.ts'
import { Cluster } from './cluster-ref.ts'
import { Verdict } from './verdict.ts'

export const Finding = builder.objectRef<FindingView>('Finding')
Finding.implement({
  description: 'What one rule of one policy says of one cluster, and what it rests on.',
  interfaces: [builder.nodeInterfaceRef(), Verdict],
  fields: (t) => ({
    id: t.exposeID('id', {
      description:
        'What `node` finds it by: the same for cluster, policy and rule; of drift, for object and field too.',
    }),
    cluster: t.expose('cluster', { type: Cluster, description: 'Of which cluster.' }),
  }),
})
