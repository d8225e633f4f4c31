import SchemaBuilder from '@pothos/core'
import ComplexityPlugin from '@pothos/plugin-complexity'
import RelayPlugin from '@pothos/plugin-relay'
import type { Db } from '../db/client.ts'
import type { Viewer } from '../fleet/source.ts'

/** What every resolver is told: where to read, for whom, and what time it is for the whole request. */
export interface Context {
  readonly db: Db
  readonly viewer: Viewer
  readonly now: Date
}

/** The builder's types, as Pothos completes them: for helpers that take or give references. */
export type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>

interface SchemaTypes {
  Context: Context
  DefaultFieldNullability: false
  DefaultInputFieldRequiredness: false
  DefaultEdgesNullability: { list: false; items: false }
  DefaultNodeNullability: false
  Scalars: {
    /** RFC 3339, never a Date: what the store wrote passes through. */
    DateTime: { Input: string; Output: string }
    /** `YYYY-MM-DD`. */
    Date: { Input: string; Output: string }
    /** 1 to 168. */
    Hours: { Input: number; Output: number }
  }
}

/**
 * The one builder. Fields are plain properties wherever they can be (`expose`): `db/read` answers in the schema's own words, so
 * that a page of a hundred clusters runs through no resolver but its root's.
 */
export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [ComplexityPlugin, RelayPlugin],
  defaultFieldNullability: false,
  // Costs are declared on the fields; `schema/limits.ts` counts them once per operation instead of once per root field.
  complexity: { disabled: true, defaultListMultiplier: 10 },
  relay: {
    clientMutationId: 'omit',
    cursorType: 'String',
    edgesFieldOptions: {
      description: 'The items of this page, each with its cursor.',
      nullable: { list: false, items: false },
      complexity: { field: 0, multiplier: 1 },
    },
    nodeFieldOptions: { description: 'The item.', nullable: false, complexity: 0 },
    cursorFieldOptions: { description: 'The place of this item in this order of this filter.', complexity: 0 },
    nodesOnConnection: { description: 'The items of this page.', complexity: { field: 0, multiplier: 1 } },
    pageInfoFieldOptions: { description: 'Where this page begins and ends.', complexity: 0 },
    pageInfoTypeOptions: { description: 'Where a page begins and ends, and whether there is more.' },
    hasNextPageFieldOptions: { description: 'Whether items follow this page.', complexity: 0 },
    hasPreviousPageFieldOptions: { description: 'Whether items precede this page.', complexity: 0 },
    startCursorFieldOptions: { description: 'Pass as `before` for the page before.', complexity: 0 },
    endCursorFieldOptions: { description: 'Pass as `after` for the next page.', complexity: 0 },
    firstArgOptions: { description: 'How many from the start, at most 100; 20 when nothing is said.' },
    afterArgOptions: { description: 'Only what follows this cursor.' },
    lastArgOptions: { description: 'How many from the end, at most 100.' },
    beforeArgOptions: { description: 'Only what precedes this cursor.' },
    idFieldOptions: { description: 'What `node` finds it by.' },
    nodeTypeOptions: { description: 'Anything that `node` can find by its id.' },
    nodeQueryOptions: false,
    nodesQueryOptions: false,
  },
})

builder.mutationType({
  description: 'What can be changed: only what people decide. Rollcall never changes a cluster.',
})

builder.queryType({
  description:
    'What can be asked of the fleet. Every answer comes from the store; no question ever waits for a cluster.',
})
