import type { Coverage as CoverageView } from '../db/read/coverage.ts'
import { builder } from './builder.ts'
import { FreshnessState } from './freshness.ts'

const StaleSource = builder.objectRef<CoverageView['staleSources'][number]>('StaleSource').implement({
  description: 'A source that an answer should rest on and does not fully.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'What `node` and `source` find it by.' }),
    name: t.exposeString('name', { description: 'Its name in the fleet file.' }),
    state: t.expose('state', {
      type: FreshnessState,
      description: 'Why it is listed: silent, unreadable, or never heard of.',
    }),
    lastSuccessAt: t.expose('lastSuccessAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last read.',
    }),
  }),
})

export const Coverage = builder.objectRef<CoverageView>('Coverage').implement({
  description: 'Which sources an answer rests on. Counts mean what they say only where `complete` is true.',
  fields: (t) => ({
    expectedSources: t.exposeInt('expectedSources', {
      description:
        'Sources of the fleet file that can hold what was asked, narrowed by a top-level `source` of the filter.',
    }),
    reportingSources: t.exposeInt('reportingSources', { description: 'Those of them that are FRESH.' }),
    staleSources: t.expose('staleSources', {
      type: [StaleSource],
      description: 'The others, whatever the reason.',
      complexity: { field: 1, multiplier: 5 },
    }),
    complete: t.exposeBoolean('complete', { description: 'Whether all expected sources are reporting.' }),
  }),
})
