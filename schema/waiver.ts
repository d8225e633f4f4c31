import type { WaiverSelector as SelectorView } from '../db/read/verdict-noun.ts'
import { type WaiverFilter as Filter, readWaivers, type WaiverOrder } from '../db/read/waiver.ts'
import type { Waiver as Excuse } from '../fleet/policy/policy.ts'
import { builder } from './builder.ts'
import { connectionOf, orderOf, pageCost } from './connection.ts'
import { enumOf } from './enums.ts'
import { DateTimeFilter, enumFilterOf, IdFilter, logicDoc, StringFilter } from './filters.ts'
import { Finding } from './finding.ts'
import { selectionOf } from './selection.ts'
import { Waiver } from './verdict.ts'

const WaiverOrigin = enumOf<Excuse['origin']>('WaiverOrigin', 'How a waiver came to be.', {
  fleetFile: 'It stands in the fleet file, and goes with it.',
  api: 'By `createWaiver`.',
})

/** What policies and waivers select by; the words of the fleet file. */
export const selectorDoc = {
  labels: 'A Kubernetes label selector over their labels.',
  environment: 'What they are for.',
  ring: 'Their place in the rollout order.',
  owner: 'The team that answers for them.',
  provider: 'Who runs their control plane.',
  region: 'Where they run.',
  country: 'The country of their region.',
  geography: 'What the country of their region belongs to: `EU`, `Europe`, …',
  source: 'The source that holds them.',
  name: 'Their name.',
  cluster: 'One cluster, by id.',
}

export const ClusterSelector = builder.objectRef<SelectorView>('ClusterSelector').implement({
  description: 'Which clusters are meant: all that is given must hold; null does not narrow.',
  fields: (t) => ({
    labels: t.string({ nullable: true, description: selectorDoc.labels, resolve: ({ labels }) => labels ?? null }),
    environment: t.stringList({
      nullable: true,
      description: selectorDoc.environment,
      resolve: ({ environment }) => environment ?? null,
    }),
    ring: t.stringList({ nullable: true, description: selectorDoc.ring, resolve: ({ ring }) => ring ?? null }),
    owner: t.stringList({ nullable: true, description: selectorDoc.owner, resolve: ({ owner }) => owner ?? null }),
    provider: t.stringList({
      nullable: true,
      description: selectorDoc.provider,
      resolve: ({ provider }) => provider ?? null,
    }),
    region: t.stringList({ nullable: true, description: selectorDoc.region, resolve: ({ region }) => region ?? null }),
    country: t.stringList({
      nullable: true,
      description: selectorDoc.country,
      resolve: ({ country }) => country ?? null,
    }),
    geography: t.stringList({
      nullable: true,
      description: selectorDoc.geography,
      resolve: ({ geography }) => geography ?? null,
    }),
    source: t.stringList({ nullable: true, description: selectorDoc.source, resolve: ({ source }) => source ?? null }),
    name: t.stringList({ nullable: true, description: selectorDoc.name, resolve: ({ name }) => name ?? null }),
    cluster: t.id({
      nullable: true,
      description: selectorDoc.cluster,
      resolve: ({ clusterId }) => (clusterId === undefined ? null : `Cluster:${clusterId}`),
    }),
  }),
})

Waiver.implement({
  description: 'Who is excused from what, until when, and on whose word. Never deleted.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'What `node` finds it by.' }),
    policy: t.exposeString('policy', { nullable: true, description: 'The policy it is about; null: every one.' }),
    rule: t.exposeString('rule', { nullable: true, description: 'The id of the rule; null: every one.' }),
    selector: t.expose('selector', { type: ClusterSelector, description: 'Which clusters it excuses.' }),
    owner: t.exposeString('owner', { description: 'Who answers for it.' }),
    reason: t.exposeString('reason', { description: 'Why.' }),
    approvedBy: t.exposeString('approvedBy', { nullable: true, description: 'Who granted it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when it excuses.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'The first instant at which it no longer excuses.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was ended before its time.',
    }),
    revokedBy: t.exposeString('revokedBy', { nullable: true, description: 'Who ended it.' }),
    origin: t.expose('origin', { type: WaiverOrigin, description: 'How it came to be.' }),
    active: t.exposeBoolean('active', { description: 'Whether it excuses now.' }),
    findings: t.expose('findings', {
      type: [Finding],
      description: 'What it excuses now, at most 100; `findings(filter: {waived: true})` pages through all.',
      complexity: { field: 2, multiplier: 5 },
    }),
  }),
})

const WaiverFilter = builder.inputRef<Filter>('WaiverFilter')
WaiverFilter.implement({
  description: 'Which waivers. All fields must hold.',
  fields: (t) => ({
    and: t.field({ type: [WaiverFilter], description: logicDoc.and }),
    or: t.field({ type: [WaiverFilter], description: logicDoc.or }),
    not: t.field({ type: WaiverFilter, description: logicDoc.not }),
    id: t.field({ type: IdFilter, description: 'Its id.' }),
    policy: t.field({ type: StringFilter, description: 'The policy it is about; `isNull: true` for every one.' }),
    rule: t.field({ type: StringFilter, description: 'The id of the rule; `isNull: true` for every one.' }),
    owner: t.field({ type: StringFilter, description: 'Who answers for it.' }),
    origin: t.field({
      type: enumFilterOf<Excuse['origin']>('WaiverOriginFilter', WaiverOrigin),
      description: 'How it came to be.',
    }),
    createdAt: t.field({ type: DateTimeFilter, description: 'Since when it excuses.' }),
    expiresAt: t.field({ type: DateTimeFilter, description: 'When it runs out.' }),
    revokedAt: t.field({ type: DateTimeFilter, description: 'When it was ended before its time.' }),
    active: t.boolean({ description: 'Whether it excuses now.' }),
  }),
})

const WaiverConnection = connectionOf(Waiver, 'waivers')
const Order = orderOf<WaiverOrder>('Waiver', { expiresAt: 'By when they run out.', createdAt: 'By when they began.' })

builder.queryField('waivers', (t) =>
  t.field({
    type: WaiverConnection,
    nullable: true,
    description: 'Who is excused from what; those that ran out or were revoked too, unless `active` is asked.',
    complexity: pageCost,
    args: {
      ...t.arg.connectionArgs(),
      filter: t.arg({ type: WaiverFilter, description: 'Which ones; all when nothing is said.' }),
      orderBy: t.arg({ type: Order, description: 'By when they run out, when nothing is said.' }),
    },
    resolve: (_root, { filter, orderBy, ...page }, { db, viewer, now }, info) =>
      readWaivers(db, viewer, { filter, orderBy, page, now, selection: selectionOf(info) }),
  }),
)
