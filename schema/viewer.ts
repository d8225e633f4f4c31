import type { Viewer as Asking } from '../fleet/source.ts'
import { builder } from './builder.ts'

const Viewer = builder.objectRef<Asking>('Viewer').implement({
  description: 'Who is asking, as the server understood it.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Their name.' }),
    scope: t.exposeString('scope', { description: 'What of the fleet they may see.' }),
  }),
})

builder.queryField('viewer', (t) =>
  t.field({ type: Viewer, description: 'Who is asking.', resolve: (_root, _args, { viewer }) => viewer }),
)
