import { type Promotion as PromotionView, readPromotions } from '../db/read/promotion.ts'
import type { PromotionStage as StageView } from '../fleet/promotion.ts'
import { builder } from './builder.ts'
import { ClusterFilter } from './cluster-filter.ts'
import { connectionOf, pageCost } from './connection.ts'
import { Cohort, VersionCount } from './outlier.ts'
import { selectionOf } from './selection.ts'

const PromotionStage = builder.objectRef<StageView>('PromotionStage').implement({
  description: 'What the clusters of one stage run of an app.',
  fields: (t) => ({
    stage: t.exposeString('stage', { description: 'The environment or ring.' }),
    revision: t.exposeString('revision', {
      nullable: true,
      description: 'What most of them run; null where none is known, and where several revisions are as frequent.',
    }),
    clusters: t.exposeInt('clusters', { description: 'How many have the app, in whatever revision.' }),
    revisions: t.expose('revisions', {
      type: [VersionCount],
      description: 'What runs, the most frequent first.',
      complexity: { field: 1, multiplier: 3 },
    }),
    since: t.expose('since', {
      type: 'DateTime',
      nullable: true,
      description: 'When the first of them came to `revision`, where that is known.',
    }),
    lagSeconds: t.exposeInt('lagSeconds', {
      nullable: true,
      description:
        'For how long the stage before that has the app has run its revision, while most of this one run another. 0: the same, or a newer version. Null: the first stage, or not known.',
    }),
  }),
})

const Promotion = builder.objectRef<PromotionView>('Promotion').implement({
  description: 'An app on its way through the stages.',
  fields: (t) => ({
    app: t.exposeString('app', { description: 'What it is called on every cluster (`conventions.app`).' }),
    kind: t.exposeString('kind', {
      nullable: true,
      description: 'The kind of the objects that apply it. Each kind goes its own way.',
    }),
    repository: t.exposeString('repository', { nullable: true, description: 'Where it comes from, as far as known.' }),
    chart: t.exposeString('chart', { nullable: true, description: 'Its chart, where it is a Helm release.' }),
    stages: t.expose('stages', {
      type: [PromotionStage],
      description: 'From the first to the last.',
      complexity: { field: 1, multiplier: 4 },
    }),
  }),
})

const PromotionConnection = connectionOf(Promotion, 'apps')

builder.queryField('promotions', (t) =>
  t.field({
    type: PromotionConnection,
    nullable: true,
    description: 'Which revision of each app each stage runs, by the name of the app, and how long each stage lags.',
    complexity: pageCost,
    args: {
      by: t.arg({ type: Cohort, required: true, description: 'What the stages are.' }),
      app: t.arg.string({ description: 'One app, by name; all when nothing is said.' }),
      stages: t.arg.stringList({
        description:
          'These stages in this order. When nothing is said: rings by name, 2 before 10; environments as dev (development), test, qa, staging (stage), preprod, prod (production), and others last, without a lag, because what comes before them is not known.',
      }),
      filter: t.arg({ type: ClusterFilter, description: 'Which clusters take part; all when nothing is said.' }),
      first: t.arg.int({ description: 'How many from the start, at most 100; 20 when nothing is said.' }),
      after: t.arg.string({ description: 'Only what follows this cursor.' }),
    },
    resolve: (_root, args, { db, viewer, now }, info) =>
      readPromotions(db, viewer, { ...args, now, selection: selectionOf(info) }),
  }),
)
