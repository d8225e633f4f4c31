import { bucketsMax } from '../db/read/aggregate.ts'
import {
  type DriftAggregate as AggregateView,
  type DriftBucket as BucketView,
  type DriftGroup as Group,
  type DriftKey as KeyView,
  readDriftAggregate,
} from '../db/read/drift-aggregate.ts'
import { builder } from './builder.ts'
import { Coverage } from './coverage.ts'
import { DriftFilter } from './drift-query.ts'
import { enumOf } from './enums.ts'
import { selectionOf } from './selection.ts'
import { DriftCode, DriftDimension, Outcome, Severity } from './verdict.ts'

const groups = {
  code: 'In which way it differs.',
  dimension: 'What the difference is between.',
  severity: 'How bad it is.',
  outcome: 'What the rule says of it: whether it fails, is tolerated, excused, or cannot be told.',
  environment: 'What the cluster is for.',
  ring: 'The cluster’s place in the rollout order.',
  owner: 'The team that answers for the cluster.',
  provider: 'Who runs the cluster’s control plane.',
  region: 'Where the cluster runs.',
  source: 'The source that holds the cluster, or the management cluster itself.',
} as const satisfies Readonly<Record<Group, string>>

const DriftGroup = enumOf<Group>('DriftGroup', 'What drift can be counted by.', groups)

const DriftKey = builder.objectRef<KeyView>('DriftKey').implement({
  description: 'What all drift of a bucket has in common. Null where `by` does not ask, or the cluster does not say.',
  fields: (t) => ({
    code: t.expose('code', { type: DriftCode, nullable: true, description: groups.code }),
    dimension: t.expose('dimension', { type: DriftDimension, nullable: true, description: groups.dimension }),
    severity: t.expose('severity', { type: Severity, nullable: true, description: groups.severity }),
    outcome: t.expose('outcome', { type: Outcome, nullable: true, description: groups.outcome }),
    environment: t.exposeString('environment', { nullable: true, description: groups.environment }),
    ring: t.exposeString('ring', { nullable: true, description: groups.ring }),
    owner: t.exposeString('owner', { nullable: true, description: groups.owner }),
    provider: t.exposeString('provider', { nullable: true, description: groups.provider }),
    region: t.exposeString('region', { nullable: true, description: groups.region }),
    source: t.exposeString('source', { nullable: true, description: groups.source }),
  }),
})

const clustersDoc = 'Of how many clusters; management clusters themselves are none of them.'

const DriftBucket = builder.objectRef<BucketView>('DriftBucket').implement({
  description: 'Drift that agrees in all that was asked.',
  fields: (t) => ({
    key: t.expose('key', { type: DriftKey, description: 'What it agrees in.' }),
    count: t.exposeInt('count', { description: 'How much of it there is.' }),
    clusters: t.exposeInt('clusters', { description: clustersDoc }),
  }),
})

const DriftAggregate = builder.objectRef<AggregateView>('DriftAggregate').implement({
  description: 'Drift, counted.',
  fields: (t) => ({
    totalCount: t.exposeInt('totalCount', { description: 'How much the filter leaves.' }),
    clusters: t.exposeInt('clusters', { description: clustersDoc }),
    buckets: t.expose('buckets', {
      type: [DriftBucket],
      description: 'The groups, the largest first.',
      complexity: { field: 10, multiplier: 20 },
    }),
    truncated: t.exposeBoolean('truncated', { description: 'Whether there are more buckets than `first`.' }),
    coverage: t.expose('coverage', { type: Coverage, description: 'Which sources this answer rests on.' }),
  }),
})

builder.queryField('driftAggregate', (t) =>
  t.field({
    type: DriftAggregate,
    nullable: true,
    description: 'Counts drift by one or several groups.',
    complexity: 10,
    args: {
      by: t.arg({
        type: [DriftGroup],
        required: true,
        description: 'By what, at most five; empty for one bucket.',
      }),
      filter: t.arg({ type: DriftFilter, description: 'Which of it; all when nothing is said.' }),
      first: t.arg.int({ description: `How many buckets, at most and by default ${bucketsMax}.` }),
    },
    resolve: (_root, { by, filter, first }, { db, viewer, now }, info) =>
      readDriftAggregate(db, viewer, { groupBy: by, filter, first, now, selection: selectionOf(info) }),
  }),
)
