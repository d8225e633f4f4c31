import type { EnumRef, InputObjectRef } from '@pothos/core'
import type { Operators } from '../db/read/filter.ts'
import { builder, type Types } from './builder.ts'

const doc = {
  eq: 'Equal to.',
  in: 'Equal to one of these, at most 1000. An empty list matches nothing.',
  lt: 'Before, or less than.',
  gte: 'At, after, or not less than.',
  startsWith: 'Beginning with this, letter by letter.',
  isNull: 'True: not reported. False: reported.',
}

export const StringFilter = builder.inputRef<Operators<string>>('StringFilter').implement({
  description: 'Compares text. Several operators in one must all hold; null is refused, ask with isNull.',
  fields: (t) => ({
    eq: t.string({ description: doc.eq }),
    in: t.stringList({ description: doc.in }),
    lt: t.string({ description: doc.lt }),
    gte: t.string({ description: doc.gte }),
    startsWith: t.string({ description: doc.startsWith }),
    isNull: t.boolean({ description: doc.isNull }),
  }),
})

export const IdFilter = builder.inputRef<Pick<Operators<string>, 'eq' | 'in'>>('IdFilter').implement({
  description: 'Names one or several things by id. A source may also be named by its name.',
  fields: (t) => ({ eq: t.string({ description: doc.eq }), in: t.stringList({ description: doc.in }) }),
})

export const VersionFilter = builder
  .inputRef<Pick<Operators<string>, 'eq' | 'in' | 'lt' | 'gte' | 'isNull'>>('VersionFilter')
  .implement({
    description:
      'Compares Kubernetes versions by number: 1.9 comes before 1.10. `1.33` without a patch means the whole minor.',
    fields: (t) => ({
      eq: t.string({ description: doc.eq }),
      in: t.stringList({ description: doc.in }),
      lt: t.string({ description: doc.lt }),
      gte: t.string({ description: doc.gte }),
      isNull: t.boolean({ description: doc.isNull }),
    }),
  })

export const DateTimeFilter = builder
  .inputRef<Pick<Operators<string>, 'lt' | 'gte' | 'isNull'>>('DateTimeFilter')
  .implement({
    description: 'Compares instants.',
    fields: (t) => ({
      lt: t.field({ type: 'DateTime', description: doc.lt }),
      gte: t.field({ type: 'DateTime', description: doc.gte }),
      isNull: t.boolean({ description: doc.isNull }),
    }),
  })

export const DateFilter = builder
  .inputRef<Pick<Operators<string>, 'eq' | 'lt' | 'gte' | 'isNull'>>('DateFilter')
  .implement({
    description: 'Compares days.',
    fields: (t) => ({
      eq: t.field({ type: 'Date', description: doc.eq }),
      lt: t.field({ type: 'Date', description: doc.lt }),
      gte: t.field({ type: 'Date', description: doc.gte }),
      isNull: t.boolean({ description: doc.isNull }),
    }),
  })

export const IntFilter = builder
  .inputRef<Pick<Operators<number>, 'eq' | 'in' | 'lt' | 'gte' | 'isNull'>>('IntFilter')
  .implement({
    description: 'Compares whole numbers. What is not known meets none of them but isNull.',
    fields: (t) => ({
      eq: t.int({ description: doc.eq }),
      in: t.intList({ description: doc.in }),
      lt: t.int({ description: doc.lt }),
      gte: t.int({ description: doc.gte }),
      isNull: t.boolean({ description: doc.isNull }),
    }),
  })

export const ListFilter = builder.inputRef<Pick<Operators<string>, 'eq' | 'in' | 'isNull'>>('ListFilter').implement({
  description: 'Looks into a list of texts: it holds where one of them does.',
  fields: (t) => ({
    eq: t.string({ description: 'One of them is this.' }),
    in: t.stringList({ description: 'One of them is one of these, at most 1000.' }),
    isNull: t.boolean({ description: 'True: there are none. False: there are some.' }),
  }),
})

/** `{ eq, in }` over an enum. */
export function enumFilterOf<T extends string>(name: string, type: EnumRef<Types, T>) {
  const filter = builder.inputType(name, {
    description: 'Names one or several of these words.',
    fields: (t) => ({
      eq: t.field({ type, description: doc.eq }),
      in: t.field({ type: [type], description: doc.in }),
    }),
  })
  // Pothos cannot follow T through its own types: both fields give T.
  return filter as unknown as InputObjectRef<Types, Pick<Operators<T>, 'eq' | 'in'>>
}

/** Words that every filter shares. */
export const logicDoc = {
  and: 'All of these hold. An empty list holds.',
  or: 'One of these holds. An empty list does not.',
  not: 'This does not hold; what is not reported counts as not holding.',
  labels: 'A Kubernetes label selector: `tier=gold,environment in (prod, staging),!legacy`.',
}
