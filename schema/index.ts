import { maxAliasesPlugin } from '@escape.tech/graphql-armor-max-aliases'
import { maxDirectivesPlugin } from '@escape.tech/graphql-armor-max-directives'
import { maxTokensPlugin } from '@escape.tech/graphql-armor-max-tokens'
import { createYoga, type Plugin } from 'graphql-yoga'
import type { Context } from './builder.ts'
import { useCost } from './cost.ts'
import { shownError } from './errors.ts'
import { examples } from './examples.ts'
import { useJit } from './jit.ts'
import { schema } from './schema.ts'

export { schema }

const aliasesMax = 30
const directivesMax = 20
const tokensMax = 5000
const batchMax = 5

/** What the GraphQL server is told from outside. */
export interface GraphqlOptions {
  /** Asked once per operation; all its fields then share one clock. */
  readonly context: () => Context
  /** Gets what callers do not see: the error behind an `internal`, under the id they do see. */
  readonly report: (error: unknown, id: string) => void
  /** The id of the request being served; a new one where the caller has none. */
  readonly requestId?: () => string | undefined
  /** False runs graphql-js itself: the reference that compiled operations must equal. */
  readonly jit?: boolean
}

/** The GraphQL server: a Request in, a Response out. It answers POST of JSON, GET of what only reads, and GraphiQL to a browser. */
export function createGraphql({ context, report, requestId, jit = true }: GraphqlOptions) {
  const plugins: Plugin[] = [
    maxTokensPlugin({ n: tokensMax }),
    maxAliasesPlugin({ n: aliasesMax }),
    maxDirectivesPlugin({ n: directivesMax }),
    useCost(),
    ...(jit ? [useJit()] : []),
  ]
  return createYoga({
    schema,
    context,
    plugins,
    graphqlEndpoint: '/graphql',
    // Any page in a browser could otherwise read a server on loopback.
    cors: false,
    multipart: false,
    landingPage: false,
    batching: { limit: batchMax },
    logging: false,
    maskedErrors: { maskError: (error) => shownError(error, requestId?.() ?? crypto.randomUUID(), report) },
    graphiql: { title: 'Rollcall', defaultTabs: examples.map((query) => ({ query })) },
    renderGraphiQL: async (options) => (await import('@graphql-yoga/render-graphiql')).renderGraphiQL(options),
  })
}
