import { bareIdOf } from '../db/read/id.ts'
import type {
  ClusterCount as CountView,
  SourcePush as PushView,
  SourceReading as ReadingView,
  Source as SourceView,
} from '../db/read/noun.ts'
import { type SourceFilter as Filter, readSources, readSourcesById, type SourceOrder } from '../db/read/source.ts'
import type { TroubleCode as Code, troubleCodes } from '../fleet/delivery.ts'
import type { Rejection as Rejected } from '../fleet/observation.ts'
import type { SourceDeclaration } from '../fleet/source.ts'
import { builder } from './builder.ts'
import { connectionOf, orderOf, pageCost } from './connection.ts'
import { enumOf } from './enums.ts'
import { Label } from './facts.ts'
import { DateTimeFilter, enumFilterOf, logicDoc, StringFilter } from './filters.ts'
import { Freshness, FreshnessState, FreshnessStateFilter } from './freshness.ts'
import { selectionOf } from './selection.ts'

const SourceType = enumOf<SourceDeclaration['type']>('SourceType', 'What kind of thing is read.', {
  managementCluster: 'A cluster that runs Cluster API and holds the objects that describe other clusters.',
  azure: 'An Azure subscription, or an account that stands for several.',
})

const TroubleCode = enumOf<Code>('TroubleCode', 'Why something could not be read.', {
  NotInstalled: 'The API is not served there. Normal.',
  Unauthorized: 'The credential is refused or expired.',
  Forbidden: 'The credential may not read this.',
  Throttled: 'The server asks to come back later.',
  ServerError: 'The server failed, or a conversion webhook behind it.',
  Unreachable: 'No connection: name, route, refusal, reset or TLS.',
  Timeout: 'No answer in time.',
  BadAnswer: 'An answer that is not what the API promises.',
  Partial: 'Some of what there is could not be read; the rest could.',
  Misconfigured: 'The settings cannot work as they stand.',
  WrongServer: 'Another server than before, or one that another source already reads.',
} satisfies Record<(typeof troubleCodes)[number], string>)

const Trouble = builder.objectRef<NonNullable<ReadingView['trouble']>>('Trouble').implement({
  description: 'Why something could not be read.',
  fields: (t) => ({
    code: t.expose('code', { type: TroubleCode, description: 'The kind of trouble.' }),
    message: t.exposeString('message', { description: 'What, where, and what to do.' }),
    at: t.expose('at', { type: 'DateTime', nullable: true, description: 'When it was last met.' }),
  }),
})

const Rejection = builder.objectRef<Rejected>('Rejection').implement({
  description: 'An object, or a part of one, that could not be read. It never hurts its neighbours.',
  fields: (t) => ({
    kind: t.string({
      nullable: true,
      description: 'Its kind, where it says.',
      resolve: ({ ref }) => ref?.kind ?? null,
    }),
    namespace: t.string({
      nullable: true,
      description: 'Its namespace.',
      resolve: ({ ref }) => ref?.namespace ?? null,
    }),
    name: t.string({
      nullable: true,
      description: 'Its name, where it says.',
      resolve: ({ ref }) => ref?.name ?? null,
    }),
    why: t.exposeString('why', { description: 'The field, and what is wrong with it.' }),
  }),
})

const SourceReading = builder.objectRef<ReadingView>('SourceReading').implement({
  description: 'How far one kind of a source has been read.',
  fields: (t) => ({
    kind: t.exposeString('kind', { description: '`group/Kind`.' }),
    version: t.exposeString('version', { nullable: true, description: 'The API version that is read.' }),
    state: t.expose('state', { type: FreshnessState, description: 'How the last reading stands to now.' }),
    caughtUpAt: t.expose('caughtUpAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when every change is known.',
    }),
    verifiedAt: t.expose('verifiedAt', { type: 'DateTime', nullable: true, description: 'The last complete list.' }),
    lastAttemptAt: t.expose('lastAttemptAt', { type: 'DateTime', nullable: true, description: 'The last try.' }),
    lastSuccessAt: t.expose('lastSuccessAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The last try that succeeded.',
    }),
    trouble: t.expose('trouble', { type: Trouble, nullable: true, description: 'Why the newest try failed.' }),
    rejectedCount: t.exposeInt('rejectedCount', {
      description: 'How many objects, or parts of objects, could not be read.',
    }),
    rejected: t.expose('rejected', {
      type: [Rejection],
      description: 'Some of them.',
      complexity: { field: 1, multiplier: 5 },
    }),
  }),
})

const SourcePush = builder.objectRef<PushView>('SourcePush').implement({
  description: 'The newest session of the agent that pushes what a source says.',
  fields: (t) => ({
    agent: t.exposeString('agent', { description: 'What it calls itself, with its version.' }),
    openedAt: t.expose('openedAt', { type: 'DateTime', description: 'When it opened the session.' }),
    heardAt: t.expose('heardAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its last request was taken; null: none was yet.',
    }),
  }),
})

const ClusterCount = builder.objectRef<CountView>('ClusterCount').implement({
  description: 'How many clusters of a source are known how well.',
  fields: (t) => ({
    total: t.exposeInt('total', { description: 'All that were not seen to be deleted.' }),
    fresh: t.exposeInt('fresh', { description: 'FRESH.' }),
    stale: t.exposeInt('stale', { description: 'STALE.' }),
    unreadable: t.exposeInt('unreadable', { description: 'UNREADABLE.' }),
    neverReported: t.exposeInt('neverReported', {
      description: 'Known only by their parts: the clusters themselves were never read.',
    }),
    lastKnown: t.exposeInt('lastKnown', {
      description: 'All but the fresh: what is said of them is the last that was known.',
    }),
  }),
})

export const Source = builder.objectRef<SourceView>('Source')
Source.implement({
  description:
    'What Rollcall reads: a management cluster, or an Azure subscription. Its trouble is shown here, and hurts no other.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'What `node` finds it by.' }),
    name: t.exposeString('name', { description: 'Its name in the fleet file.' }),
    type: t.expose('type', { type: SourceType, description: 'What it is.' }),
    region: t.exposeString('region', { nullable: true, description: 'Its region, as the fleet file says.' }),
    labels: t.expose('labels', {
      type: [Label],
      description: 'Its labels in the fleet file, by key.',
      complexity: { field: 1, multiplier: 5 },
    }),
    serverVersion: t.exposeString('serverVersion', {
      nullable: true,
      description: 'The version its API server tells.',
    }),
    freshness: t.expose('freshness', { type: Freshness, description: 'How old what it says is.' }),
    registeredAt: t.expose('registeredAt', { type: 'DateTime', description: 'When it was first in the fleet file.' }),
    lastAttemptAt: t.expose('lastAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last tried.',
    }),
    lastSuccessAt: t.expose('lastSuccessAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last read.',
    }),
    staleAt: t.expose('staleAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it turns, or turned, STALE if nothing is heard.',
    }),
    lastErrorCode: t.expose('lastErrorCode', {
      type: TroubleCode,
      nullable: true,
      description: 'Why the newest attempt failed; null when it did not.',
    }),
    lastErrorMessage: t.exposeString('lastErrorMessage', {
      nullable: true,
      description: 'The trouble in a sentence for people: what, where, what to do.',
    }),
    lastErrorAt: t.expose('lastErrorAt', { type: 'DateTime', nullable: true, description: 'When it failed.' }),
    consecutiveFailures: t.exposeInt('consecutiveFailures', { description: 'Failed attempts since the last success.' }),
    expectedInterval: t.exposeInt('expectedInterval', { description: 'Seconds between reads when all is well.' }),
    staleAfter: t.exposeInt('staleAfter', { description: 'Seconds of silence after which it is STALE.' }),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Not before this instant.',
    }),
    polled: t.exposeBoolean('polled', {
      description: 'Whether Rollcall asks it. False: it is known only by what is pushed.',
    }),
    push: t.expose('push', {
      type: SourcePush,
      nullable: true,
      description: 'Who pushes what it says; null: no agent ever did.',
    }),
    clusterCount: t.expose('clusterCount', {
      type: ClusterCount,
      description: 'Its clusters, by how well they are known.',
      complexity: 5,
    }),
    readings: t.expose('readings', {
      type: [SourceReading],
      description: 'How far each kind has been read.',
      complexity: { field: 1, multiplier: 20 },
    }),
  }),
})

const SourceConnection = connectionOf(Source, 'sources')
const SourceTypeFilter = enumFilterOf<SourceDeclaration['type']>('SourceTypeFilter', SourceType)

const SourceFilter = builder.inputRef<Filter>('SourceFilter')
SourceFilter.implement({
  description: 'Which sources. All fields must hold.',
  fields: (t) => ({
    and: t.field({ type: [SourceFilter], description: logicDoc.and }),
    or: t.field({ type: [SourceFilter], description: logicDoc.or }),
    not: t.field({ type: SourceFilter, description: logicDoc.not }),
    name: t.field({ type: StringFilter, description: 'Its name in the fleet file.' }),
    type: t.field({ type: SourceTypeFilter, description: 'What it is.' }),
    region: t.field({ type: StringFilter, description: 'Its region.' }),
    freshness: t.field({ type: FreshnessStateFilter, description: 'How old what it says is.' }),
    lastSuccessAt: t.field({ type: DateTimeFilter, description: 'When it was last read.' }),
    labels: t.string({ description: logicDoc.labels }),
    providersUnsupported: t.boolean({
      description: 'Whether one of its providers of Cluster API is known to have no support any more.',
    }),
    providersMismatched: t.boolean({
      description: 'Whether its providers of Cluster API are known not to fit together.',
    }),
  }),
})

const Order = orderOf<SourceOrder>('Source', { name: 'By name.' })

builder.queryFields((t) => ({
  sources: t.field({
    type: SourceConnection,
    nullable: true,
    description: 'What Rollcall reads, by name.',
    complexity: pageCost,
    args: {
      ...t.arg.connectionArgs(),
      filter: t.arg({ type: SourceFilter, description: 'Which ones; all when nothing is said.' }),
      orderBy: t.arg({ type: Order, description: 'By name when nothing is said.' }),
      withGone: t.arg.boolean({ description: 'Also those taken out of the fleet file.' }),
    },
    resolve: (_root, { filter, orderBy, withGone, ...page }, { db, viewer, now }, info) =>
      readSources(db, viewer, { filter, orderBy, withGone, page, now, selection: selectionOf(info) }),
  }),
  source: t.field({
    type: Source,
    nullable: true,
    description: 'One source.',
    args: { id: t.arg.id({ required: true, description: 'Its id, or its name in the fleet file.' }) },
    resolve: async (_root, { id }, { db, viewer, now }, info) => {
      const [found] = await readSourcesById(db, viewer, [bareIdOf('Source')(String(id))], now, selectionOf(info))
      return found ?? null
    },
  }),
}))
