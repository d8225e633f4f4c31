import { GraphQLError } from 'graphql'
import { FleetError } from '../fleet/error.ts'

/**
 * An error as a caller sees it, with one of the six codes in `extensions.code`. What a person can act on passes; a bug becomes
 * `internal` with an id, and `report` gets the whole of it.
 */
export function shownError(error: unknown, id: string, report: (error: unknown, id: string) => void): GraphQLError {
  const cause = error instanceof GraphQLError ? error.originalError : error
  const at = error instanceof GraphQLError ? placeOf(error) : {}
  if (cause instanceof FleetError && cause.code !== 'internal') {
    return new GraphQLError(cause.message, { ...at, extensions: { code: cause.code } })
  }
  // Syntax, validation and variables: GraphQL's own words name the place.
  if (error instanceof GraphQLError && (cause === undefined || cause instanceof GraphQLError)) {
    return new GraphQLError(error.message, { ...at, extensions: { ...error.extensions, code: 'invalid' } })
  }
  report(cause ?? error, id)
  return new GraphQLError('Internal error.', { ...at, extensions: { code: 'internal', requestId: id } })
}

// What failed while running is named by its path, which compiled operations know too; only what never ran is named by line and column.
const placeOf = ({ nodes, path, source, positions }: GraphQLError) =>
  path === undefined ? { nodes: nodes ?? null, source: source ?? null, positions: positions ?? null } : { path }
