import {
  type ClusterAggregate as AggregateView,
  bucketsMax,
  type ClusterDimension as Dimension,
  readClusterAggregate,
} from '../db/read/cluster-aggregate.ts'
import { builder } from './builder.ts'
import { ClusterFilter } from './cluster-query.ts'
import { withGoneDoc } from './connection.ts'
import { Coverage } from './coverage.ts'
import { enumOf, upperSnake } from './enums.ts'
import { selectionOf } from './selection.ts'

const ClusterDimension = enumOf<Dimension>('ClusterDimension', 'What clusters can be counted by.', {
  environment: 'What it is for.',
  region: 'Where it runs.',
  provider: 'Who runs its control plane.',
  flavour: 'How it is made.',
  ring: 'Its place in the rollout order.',
  owner: 'The team that answers for it.',
  source: 'The management cluster that holds it.',
  minor: 'The minor of its version, e.g. `1.33`.',
  health: 'How it is, by the words of HealthState.',
  freshness: 'How old what is known of it is.',
  lifecycle: 'Its phase.',
})

type Bucket = AggregateView['buckets'][number]

const BucketKey = builder.objectRef<Bucket['keys'][number]>('BucketKey').implement({
  description: 'One dimension of a bucket.',
  fields: (t) => ({
    dimension: t.expose('dimension', { type: ClusterDimension, description: 'Which.' }),
    value: t.string({
      nullable: true,
      description: 'Its value; null for clusters that do not say. Health is written as in HealthState.',
      resolve: ({ dimension, value }) => (dimension === 'health' && value !== null ? upperSnake(value) : value),
    }),
  }),
})

const Bucket = builder.objectRef<Bucket>('ClusterBucket').implement({
  description: 'Clusters that agree in every dimension asked.',
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
  fields: (t) => ({
    total: t.exposeInt('total', { description: 'How many the filter leaves.' }),
    buckets: t.expose('buckets', {
      type: [Bucket],
      description: 'The largest first.',
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
