import type { InputObjectRef, ObjectRef } from '@pothos/core'
import type { Page, PageArgs } from '../db/read/page.ts'
import { builder, type Types } from './builder.ts'
import { Coverage } from './coverage.ts'
import { enumOf } from './enums.ts'

/** The connection type of a noun, as every list of it answers. */
export function connectionOf<T>(ref: ObjectRef<Types, T>, plural: string) {
  return builder.connectionObject(
    {
      type: ref,
      name: `${ref.name}Connection`,
      description: `A page of ${plural}.`,
      fields: (t) => ({
        totalCount: t.int({
          description: 'How many there are on all pages. Counted only when asked for.',
          complexity: 10,
          // The relay plugin knows only its own fields of a page.
          resolve: (page) => (page as unknown as Page<T>).totalCount,
        }),
        coverage: t.field({
          type: Coverage,
          description: 'Which sources this answer rests on.',
          // As above.
          resolve: (page) => (page as unknown as Page<T>).coverage,
        }),
      }),
    },
    { name: `${ref.name}Edge`, description: `One of the ${plural} of a page.` },
  )
}

/** The cost of a list is its page times what is asked of each item. */
export const pageCost = ({ first, last }: PageArgs) => ({ field: 5, multiplier: first ?? last ?? 20 })

/** `{ field, descending }` over the orders of a noun. */
export function orderOf<O extends string>(noun: string, fields: Readonly<Record<O, string>>) {
  const field = enumOf(`${noun}OrderField`, `What a list of ${noun} can be sorted by.`, fields)
  const order = builder.inputType(`${noun}Order`, {
    description: `How a list of ${noun} is sorted; ties by id.`,
    fields: (t) => ({
      field: t.field({ type: field, required: true, description: 'By what.' }),
      descending: t.boolean({
        required: true,
        defaultValue: false,
        description: 'From the last to the first: Z to A, new to old, best to worst.',
      }),
    }),
  })
  // Pothos cannot follow O through its own types: `field` gives one of the values above, which are O.
  return order as unknown as InputObjectRef<Types, { field: O; descending: boolean }>
}

export const withGoneDoc = 'Also what is no longer there; its freshness is GONE.'
