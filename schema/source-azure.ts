import type { SourceRegion as RegionView } from '../db/read/noun.ts'
import type { RegionMinor } from '../fleet/support/calendar.ts'
import { builder } from './builder.ts'
import { SourceName } from './freshness.ts'
import { Source } from './source.ts'

type Patch = RegionMinor['patches'][number]

const OfferedPatch = builder.objectRef<Patch>('OfferedPatch').implement({
  description: 'A Kubernetes version that Azure offers.',
  fields: (t) => ({
    version: t.exposeString('version', { description: 'E.g. `1.33.4`.' }),
    upgrades: t.exposeStringList('upgrades', { description: 'What it can be upgraded to.' }),
  }),
})

const OfferedMinor = builder.objectRef<RegionMinor>('OfferedMinor').implement({
  description: 'A minor that Azure offers in a region.',
  fields: (t) => ({
    minor: t.exposeString('minor', { description: 'E.g. `1.33`.' }),
    isPreview: t.exposeBoolean('isPreview', { description: 'Whether it is only to be tried.' }),
    supportPlans: t.exposeStringList('supportPlans', {
      description: 'The plans it is offered under: `KubernetesOfficial`, `AKSLongTermSupport`.',
    }),
    patches: t.expose('patches', {
      type: [OfferedPatch],
      description: 'Its patches, old to new.',
      complexity: { field: 1, multiplier: 4 },
    }),
  }),
})

const SourceRegion = builder.objectRef<RegionView>('SourceRegion').implement({
  description: 'What Azure offers in a region, as one subscription sees it. AKS clusters are judged by it.',
  fields: (t) => ({
    region: t.exposeString('region', { description: 'The region.' }),
    readAt: t.expose('readAt', { type: 'DateTime', nullable: true, description: 'When it was last read.' }),
    attemptAt: t.expose('attemptAt', {
      type: 'DateTime',
      description: 'When it was last tried to read the region’s versions.',
    }),
    trouble: t.exposeString('trouble', {
      nullable: true,
      description: 'Why the newest try failed; null when it did not. What was read before stays.',
    }),
    minors: t.expose('minors', {
      type: [OfferedMinor],
      description: 'The minors on offer, old to new.',
      complexity: { field: 1, multiplier: 6 },
    }),
  }),
})

builder.objectFields(Source, (t) => ({
  parent: t.expose('parent', {
    type: SourceName,
    nullable: true,
    description:
      'The source that reads it along with itself, or found it; null when the fleet file names it by itself.',
  }),
  armId: t.exposeString('armId', {
    nullable: true,
    description: 'Where Azure knows it, in lower case: a subscription, or the cluster behind a management cluster.',
  }),
  regions: t.expose('regions', {
    type: [SourceRegion],
    description: 'The Kubernetes versions that Azure offers, by region in use.',
    complexity: { field: 1, multiplier: 4 },
  }),
}))
