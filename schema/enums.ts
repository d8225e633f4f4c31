import { builder } from './builder.ts'

/** `awaitingApproval` and `NotReported` as GraphQL writes enum values: `AWAITING_APPROVAL`, `NOT_REPORTED`. */
export const upperSnake = (value: string): string => value.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()

/** A GraphQL enum over words of `fleet`, each with its meaning. The keys must be all the words: the compiler checks. */
export function enumOf<T extends string>(name: string, description: string, meanings: Readonly<Record<T, string>>) {
  // The keys of a literal are its own.
  const words = Object.entries(meanings) as [T, string][]
  const values = words.map(([value, meaning]) => [upperSnake(value), { value, description: meaning }])
  // The entries of what was just made.
  return builder.enumType(name, { description, values: Object.fromEntries(values) as Record<string, { value: T }> })
}
