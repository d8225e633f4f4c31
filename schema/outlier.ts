import {
  type Deviant as DeviantView,
  deviantsShown,
  type Outlier as OutlierView,
  readOutliers,
  variantsShown,
} from '../db/read/outlier.ts'
import type { ComponentKey } from '../db/read/running.ts'
import type { CohortKind, Deviation as DeviationView, ComponentType as Type, Variant } from '../fleet/outlier.ts'
import { builder } from './builder.ts'
import { ClusterFilter } from './cluster-filter.ts'
import { Cluster } from './cluster-ref.ts'
import { connectionOf, pageCost } from './connection.ts'
import { enumOf } from './enums.ts'
import { StringFilter } from './filters.ts'
import { selectionOf } from './selection.ts'

export const Cohort = enumOf<CohortKind>('Cohort', 'Which clusters are compared with each other.', {
  environment: 'Those of one environment.',
  ring: 'Those of one ring.',
})

const ComponentType = enumOf<Type>('ComponentType', 'What clusters are compared by.', {
  kubernetes: 'The Kubernetes version: observed, else declared. The build that a provider appends does not count.',
  chart: 'Helm charts that Flux or Cluster API’s add-ons install.',
  app: 'What GitOps tools apply, by the name it has on every cluster (`conventions.app`), and the revision applied.',
  provider: 'Providers of Cluster API, on the management cluster that holds the cluster.',
})

const Component = builder.objectRef<ComponentKey>('Component').implement({
  description: 'What clusters are compared by.',
  fields: (t) => ({
    type: t.expose('type', { type: ComponentType, description: 'What it is.' }),
    name: t.exposeString('name', { description: 'Its name; `kubernetes` of Kubernetes itself.' }),
    kind: t.exposeString('kind', {
      nullable: true,
      description: 'Of an app: the kind of the objects that apply it. Each kind is compared by itself.',
    }),
    repository: t.exposeString('repository', {
      nullable: true,
      description: 'Of an app: where it comes from, as far as known. Each repository is compared by itself.',
    }),
    chart: t.exposeString('chart', { nullable: true, description: 'Of an app that is a Helm release: its chart.' }),
  }),
})

export const VersionCount = builder.objectRef<Omit<Variant, 'key'>>('VersionCount').implement({
  description: 'A version or revision, and how many clusters run it.',
  fields: (t) => ({
    version: t.exposeString('version', {
      description: 'As one of them writes it; other spellings of it count with it.',
    }),
    clusters: t.exposeInt('clusters', { description: 'How many run it.' }),
    since: t.expose('since', {
      type: 'DateTime',
      nullable: true,
      description: 'When the first of them came to it; null where that is not known.',
    }),
  }),
})

const Direction = enumOf<DeviationView['direction']>(
  'DeviationDirection',
  'Which way a version is away from another.',
  {
    behind: 'Older.',
    ahead: 'Newer.',
    different: 'Another: revisions have no order, nor have builds of one version.',
  },
)

const Deviation = builder.objectRef<DeviationView>('Deviation').implement({
  description: 'How far a version is from the one that most run; negative: behind.',
  fields: (t) => ({
    direction: t.expose('direction', { type: Direction, description: 'Which way.' }),
    majors: t.exposeInt('majors', { nullable: true, description: 'Majors apart; null where versions have no order.' }),
    minors: t.exposeInt('minors', { nullable: true, description: 'Minors apart, within one major.' }),
    patches: t.exposeInt('patches', { nullable: true, description: 'Patches apart, within one minor.' }),
  }),
})

const Deviant = builder.objectRef<DeviantView>('Deviant').implement({
  description: 'A cluster that does not run what most of its cohort run.',
  fields: (t) => ({
    cluster: t.expose('cluster', { type: Cluster, description: 'Which one.' }),
    version: t.exposeString('version', { description: 'What it runs; of several copies one.' }),
    since: t.expose('since', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when, where that is known: of revisions that GitOps tools apply.',
    }),
    deviation: t.expose('deviation', { type: Deviation, description: 'How far that is from the mode.' }),
    behindSeconds: t.exposeInt('behindSeconds', {
      nullable: true,
      description:
        'For how long others had the mode while this cluster stayed with what it has. Null where dates are not known, and where it changed later than the first of them.',
    }),
  }),
})

const Outlier = builder.objectRef<OutlierView>('Outlier').implement({
  description: 'What the clusters of a cohort run of one component, and which of them run something else.',
  fields: (t) => ({
    cohort: t.exposeString('cohort', { description: 'The ring or environment.' }),
    component: t.expose('component', { type: Component, description: 'What they are compared by.' }),
    mode: t.exposeString('mode', {
      nullable: true,
      description:
        'The version or revision that most run. Of several as frequent the newest version; null where they have no order, and where none is known.',
    }),
    modeClusters: t.exposeInt('modeClusters', { description: 'How many run the mode.' }),
    modeSince: t.expose('modeSince', {
      type: 'DateTime',
      nullable: true,
      description: 'When the first of these came to it, where that is known.',
    }),
    share: t.exposeFloat('share', { nullable: true, description: 'Their share of `size`, 0 to 1.' }),
    tied: t.exposeBoolean('tied', {
      description: 'Whether several revisions are as frequent, so that there is no mode and nobody deviates from it.',
    }),
    size: t.exposeInt('size', { description: 'Clusters of the cohort that run it in a version that is known.' }),
    unknown: t.exposeInt('unknown', { description: 'Clusters that have it in a version that nobody knows.' }),
    without: t.exposeInt('without', {
      description: 'Clusters of the cohort that do not have it. They do not deviate.',
    }),
    versions: t.expose('versions', {
      type: [VersionCount],
      description: `What runs, the most frequent first; at most ${variantsShown}.`,
      complexity: { field: 1, multiplier: 3 },
    }),
    deviantCount: t.exposeInt('deviantCount', { description: 'How many run something known to differ from the mode.' }),
    deviants: t.expose('deviants', {
      type: [Deviant],
      description: `These, by name; at most ${deviantsShown}. A cluster that runs the mode too, in another copy, is not among them.`,
      complexity: { field: 5, multiplier: 5 },
    }),
  }),
})

const OutlierConnection = connectionOf(Outlier, 'comparisons')

builder.queryField('outliers', (t) =>
  t.field({
    type: OutlierConnection,
    nullable: true,
    description:
      'Compares the clusters of each ring or environment component by component, by cohort, type and name. Clusters that name none have nobody to be compared with, and are left out.',
    complexity: pageCost,
    args: {
      by: t.arg({ type: Cohort, required: true, description: 'Which clusters are compared with each other.' }),
      filter: t.arg({ type: ClusterFilter, description: 'Which clusters take part; all when nothing is said.' }),
      types: t.arg({ type: [ComponentType], description: 'Compared by what; by all of them when nothing is said.' }),
      component: t.arg({ type: StringFilter, description: 'The name of the component.' }),
      deviating: t.arg.boolean({
        description: 'True: only where a cohort runs several versions. False: only where it agrees.',
      }),
      first: t.arg.int({ description: 'How many from the start, at most 100; 20 when nothing is said.' }),
      after: t.arg.string({ description: 'Only what follows this cursor.' }),
    },
    resolve: (_root, args, { db, viewer, now }, info) =>
      readOutliers(db, viewer, { ...args, now, selection: selectionOf(info) }),
  }),
)
