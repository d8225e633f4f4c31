import type { Db } from '../../db/client.ts'
import { createGraphql } from '../../schema/index.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for.
export type Asked = any

interface Answer {
  readonly data: Asked
  readonly errors?: readonly {
    readonly message: string
    readonly extensions: { readonly code: string; readonly requestId?: string }
    readonly path?: readonly (string | number)[]
  }[]
  readonly extensions?: { readonly cost: { readonly requested: number; readonly depth: number } }
}

export type Ask = (query: string, variables?: Readonly<Record<string, unknown>>) => Promise<Answer>

/** GraphQL over this store at this instant: documents in, JSON out. */
export function asker(
  db: Db,
  now: () => Date,
  options: { readonly jit?: boolean; readonly report?: (error: unknown) => void } = {},
) {
  const yoga = createGraphql({
    context: () => ({ db, viewer: { name: 'test', scope: 'everything' }, now: now() }),
    report: options.report ?? ((error) => console.error(error)),
    jit: options.jit ?? true,
  })
  const text = async (query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<string> => {
    const response = await yoga.fetch('http://127.0.0.1/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    })
    return response.text()
  }
  const ask: Ask = async (query, variables) => JSON.parse(await text(query, variables)) as Answer
  return { ask, text, yoga }
}
