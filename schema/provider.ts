import { judgeProviders, type Provider as ProviderView } from '../db/read/provider.ts'
import { builder } from './builder.ts'
import { Freshness } from './freshness.ts'
import { Source } from './source.ts'

const Provider = builder.objectRef<ProviderView>('Provider').implement({
  description:
    'A provider of Cluster API on a management cluster, as clusterctl or the Cluster API operator notes it, with what its project publishes of the release.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Of the object that notes it: what `node` finds that by.' }),
    name: t.exposeString('name', {
      description: 'As clusterctl calls it, and as policies do: `cluster-api`, `infrastructure-azure`.',
    }),
    type: t.exposeString('type', {
      nullable: true,
      description: 'As clusterctl writes it: `CoreProvider`, `InfrastructureProvider`.',
    }),
    namespace: t.exposeString('namespace', { description: 'Where it is installed.' }),
    version: t.exposeString('version', { nullable: true, description: 'The version installed, as written.' }),
    contract: t.exposeString('contract', {
      nullable: true,
      description:
        'The contract with Cluster API that it keeps, e.g. `v1beta2`; null where neither it nor its project tells.',
    }),
    supported: t.exposeBoolean('supported', {
      nullable: true,
      description:
        'Whether its project supports that minor, maintenance included. Null: not known, because nobody publishes it, or because what was known by `asOf` may have changed since.',
    }),
    supportEndsAt: t.expose('supportEndsAt', {
      type: 'Date',
      nullable: true,
      description: 'The first day without support, past or planned; null where no document names one.',
    }),
    latestPatch: t.exposeString('latestPatch', {
      nullable: true,
      description: 'The newest patch of its minor by `asOf`; there may be newer ones.',
    }),
    mismatch: t.exposeString('mismatch', {
      nullable: true,
      description:
        'What does not fit the other providers there: several versions of it, another version than the core it is released with, a contract that the core does not take. Null: nothing that is known.',
    }),
    calendarSource: t.string({
      nullable: true,
      description: 'Who says so; null of a provider whose releases are not known here.',
      resolve: ({ source }) => source,
    }),
    asOf: t.expose('asOf', { type: 'Date', nullable: true, description: 'The day that was last looked up.' }),
    freshness: t.expose('freshness', { type: Freshness, description: 'How old the note is.' }),
  }),
})

builder.objectFields(Source, (t) => ({
  providers: t.field({
    type: [Provider],
    description:
      'The providers of Cluster API that run on it, by name. Kept as last seen while it is silent; empty also where nobody reads them (`readings`).',
    complexity: { field: 5, multiplier: 8 },
    // Verdicts weigh providers against each other, and by a table that is no part of the store.
    resolve: ({ providers }, _args, { now }) => judgeProviders(providers, now),
  }),
}))
