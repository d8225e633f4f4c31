import type { Drift as DriftView } from '../db/read/verdict-noun.ts'
import { builder } from './builder.ts'
import { Cluster } from './cluster-ref.ts'
import { enumOf } from './enums.ts'
import { Source } from './source.ts'
import { DriftCode, DriftDimension, Verdict } from './verdict.ts'

const Confidence = enumOf<DriftView['confidence']>('Confidence', 'How sure a difference is.', {
  CERTAIN: 'Fields of the objects say so.',
  LIKELY: 'It is concluded from names or conventions.',
})

export const Drift = builder.objectRef<DriftView>('Drift')
Drift.implement({
  description:
    'What runs differs from what was declared or applied, or nobody can tell whether it does (`outcome` UNKNOWN). One for each object and field.',
  interfaces: [builder.nodeInterfaceRef(), Verdict],
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'What `node` finds it by: the same for cluster, policy, rule, object and field.',
    }),
    code: t.expose('code', { type: DriftCode, description: 'In which way it differs.' }),
    dimension: t.expose('dimension', { type: DriftDimension, description: 'What the difference is between.' }),
    cluster: t.expose('cluster', {
      type: Cluster,
      nullable: true,
      description: 'The cluster that differs; null: it is the management cluster itself.',
    }),
    source: t.expose('source', {
      type: Source,
      description: 'The source that holds the cluster; the management cluster itself where there is none.',
    }),
    confidence: t.expose('confidence', { type: Confidence, description: 'How sure the difference is.' }),
  }),
})

builder.objectFields(Cluster, (t) => ({
  drift: t.expose('drift', {
    type: [Drift],
    description:
      'How it differs from what was declared of it, the worst first, at most 100; `drift` pages through all.',
    complexity: { field: 2, multiplier: 8 },
  }),
  driftCount: t.exposeInt('driftCount', {
    description: 'How many `drift` there is of it: tolerated, waived and suppressed ones, and gaps, included.',
  }),
}))
