import { bucketsMax } from '../db/read/aggregate.ts'
import {
  type ClusterAggregate as AggregateView,
  type ClusterDimension as Dimension,
  readClusterAggregate,
  type SupportCount,
} from '../db/read/cluster-aggregate.ts'
import { builder } from './builder.ts'
import { ClusterFilter } from './cluster-filter.ts'
import { withGoneDoc } from './connection.ts'
import { Coverage } from './coverage.ts'
import { enumOf, upperSnake } from './enums.ts'
import { selectionOf } from './selection.ts'

/** What rules group by, too. */
export const dimensions = {
  environment: 'What it is for.',
  region: 'Where it runs.',
  country: 'The country of its region.',
  provider: 'Who runs its control plane.',
  flavour: 'How it is made.',
  ring: 'Its place in the rollout order.',
  owner: 'The team that answers for it.',
  source: 'The source that holds it.',
  minor: 'The minor of its version, e.g. `1.33`.',
  supportPlan: 'The plan it is bought with, as its provider writes it; null where none is reported.',
  supportPhase: 'How its version stands to its provider’s promises, by the words of SupportPhase.',
  health: 'How it is, by the words of HealthState.',
  freshness: 'How old what is known of it is.',
  lifecycle: 'Its phase.',
} as const satisfies Readonly<Record<Dimension, string>>

const ClusterDimension = enumOf<Dimension>('ClusterDimension', 'What clusters can be counted by.', dimensions)

/** Words of ours are written as the enums of the schema write them. */
export const wordOf = (dimension: string, value: string | null): string | null =>
  value !== null && ['health', 'supportPhase', 'severity'].includes(dimension) ? upperSnake(value) : value

const SupportShare = builder.interfaceRef<SupportCount>('SupportShare').implement({
  description: 'How many of some clusters are in support.',
  fields: (t) => ({
    inSupport: t.exposeInt('inSupport', { description: 'How many somebody supports under the plan in force.' }),
    supportUnknown: t.exposeInt('supportUnknown', { description: 'Of how many nobody can tell.' }),
    inSupportRatio: t.exposeFloat('inSupportRatio', {
      nullable: true,
      description: 'The share that is in support, 0 to 1; what nobody can tell counts as not. Null of no clusters.',
    }),
  }),
})

type Bucket = AggregateView['buckets'][number]

const BucketKey = builder.objectRef<Bucket['keys'][number]>('BucketKey').implement({
  description: 'One dimension of a bucket.',
  fields: (t) => ({
    dimension: t.expose('dimension', { type: ClusterDimension, description: 'Which dimension.' }),
    value: t.string({
      nullable: true,
      description: 'Its value; null for clusters that do not say. Health and phases are written as in their enums.',
      resolve: ({ dimension, value }) => wordOf(dimension, value),
    }),
  }),
})

const Bucket = builder.objectRef<Bucket>('ClusterBucket').implement({
  description: 'Clusters that agree in every dimension asked.',
  interfaces: [SupportShare],
  fields: (t) => ({
    keys: t.expose('keys', {
      type: [BucketKey],
      description: 'In the order of `groupBy`.',
      complexity: { field: 1, multiplier: 1 },
    }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
})

const ClusterAggregate = builder.objectRef<AggregateView>('ClusterAggregate').implement({
  description: 'Clusters, counted.',
  interfaces: [SupportShare],
  fields: (t) => ({
    total: t.exposeInt('total', { description: 'How many the filter leaves.' }),
    buckets: t.expose('buckets', {
      type: [Bucket],
      description: 'The groups, the largest first.',
      complexity: { field: 10, multiplier: 20 },
    }),
    truncated: t.exposeBoolean('truncated', { description: 'Whether there are more buckets than `first`.' }),
    coverage: t.expose('coverage', { type: Coverage, description: 'Which sources this answer rests on.' }),
  }),
})

builder.queryField('clusterAggregate', (t) =>
  t.field({
    type: ClusterAggregate,
    nullable: true,
    description: 'Counts clusters by one or several dimensions.',
    complexity: 10,
    args: {
      filter: t.arg({ type: ClusterFilter, description: 'Which ones; all when nothing is said.' }),
      groupBy: t.arg({
        type: [ClusterDimension],
        required: true,
        description: 'By what, at most five; empty for one bucket.',
      }),
      first: t.arg.int({ description: `How many buckets, at most and by default ${bucketsMax}.` }),
      withGone: t.arg.boolean({ description: withGoneDoc }),
    },
    resolve: (_root, { filter, groupBy, first, withGone }, { db, viewer, now }, info) =>
      readClusterAggregate(db, viewer, { filter, groupBy, first, withGone, now, selection: selectionOf(info) }),
  }),
)
