import { builder } from './builder.ts'

/** `awaitingApproval` and `NotReported` as GraphQL writes enum values: `AWAITING_APPROVAL`, `NOT_REPORTED`. */
export const upperSnake = (value: string): string => value.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()

/** A GraphQL enum over words of `fleet`, each with its meaning. The keys must be all the words: the compiler checks. */
export function enumOf<T extends string>(name: string, description: string, meanings: Readonly<Record<T, string>>) {
  const words = Object.entries(meanings) as [T, string][] // The keys of a literal are its own.
  return builder.enumType(name, {
    description,
    values: Object.fromEntries(
      words.map(([value, meaning]) => [upperSnake(value), { value, description: meaning }]),
    ) as {
      [key: string]: { value: T; description: string }
    },
  })
}
