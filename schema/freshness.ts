import type { Freshness as FreshnessView } from '../db/read/freshness.ts'
import type { FreshnessState as State } from '../fleet/source.ts'
import { builder } from './builder.ts'
import { enumFilterOf } from './filters.ts'

const meanings: Readonly<Record<State, string>> = {
  FRESH: 'Read within its limit, and the newest attempt succeeded.',
  STALE: 'Nothing was read successfully within the limit. Health is STALE with it.',
  UNREADABLE: 'The newest attempt failed; the limit has not passed yet. The source tells the error.',
  NEVER_REPORTED: 'Nothing was ever read.',
  GONE: 'A complete reading no longer found it, or its source was taken out of the fleet file.',
}

export const FreshnessState = builder.enumType('FreshnessState', {
  description: 'How an answer stands to now. Only FRESH is green.',
  values: Object.fromEntries(
    Object.entries(meanings).map(([value, description]) => [value, { value: value as State, description }]), // Keys of a literal.
  ),
})

export const FreshnessStateFilter = enumFilterOf<State>('FreshnessStateFilter', FreshnessState)

export const SourceName = builder.objectRef<FreshnessView['source']>('SourceName').implement({
  description: 'A source, by name only.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'What `node` and `source` find it by.' }),
    name: t.exposeString('name', { description: 'Its name in the fleet file.' }),
  }),
})

export const Freshness = builder.objectRef<FreshnessView>('Freshness').implement({
  description: 'How old an answer is, and who gave it.',
  fields: (t) => ({
    state: t.expose('state', { type: FreshnessState, description: 'How fresh it is, in one word.' }),
    observedAt: t.expose('observedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the source last confirmed it, by our clock.',
    }),
    receivedAt: t.expose('receivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When Rollcall last heard that.',
    }),
    lagSeconds: t.exposeInt('lagSeconds', { nullable: true, description: 'Seconds from `observedAt` to now.' }),
    source: t.expose('source', { type: SourceName, description: 'Who said it.' }),
  }),
})
