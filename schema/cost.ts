import { complexityFromQuery } from '@pothos/plugin-complexity'
import { type DocumentNode, GraphQLError, Kind, type OperationDefinitionNode } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { schema } from './schema.ts'

/** About 2 MB of answer: `clusters(first: 100)` with conditions, pools and everything of its own is some 20 000. */
const costMax = 100_000
const depthMax = 15
/** Deeper than any filter may be (a list and an object for each of its 100 clauses), far less deep than a stack. */
const nestingMax = 250

/** What an operation costs, in fields of the answer. */
interface Cost {
  readonly requested: number
  readonly limit: number
  readonly depth: number
}

/** Counts an operation before it runs, refuses what costs too much, and tells the cost in `extensions.cost`. */
export function useCost(): Plugin {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const deep = Object.entries(args.variableValues ?? {}).find(([, value]) => isDeep(value))
      if (deep) {
        const message = `Variable "$${deep[0]}" is nested more than ${nestingMax} deep.`
        setResultAndStopExecution({ errors: [new GraphQLError(message, { extensions: { code: 'invalid' } })] })
        return
      }
      const { complexity: requested, depth } = complexityFromQuery(only(args.document, args.operationName), {
        schema,
        variables: args.variableValues ?? {},
        ctx: args.contextValue,
      })
      const cost: Cost = { requested, limit: costMax, depth }
      if (requested > costMax || depth > depthMax) {
        setResultAndStopExecution({ errors: [tooMuch(cost)], extensions: { cost } })
        return
      }
      return {
        onExecuteDone({ result, setResult }) {
          if (Symbol.asyncIterator in result) return
          setResult({ ...result, extensions: { ...result.extensions, cost } })
        },
      }
    },
  }
}

// Level by level: whoever recurses into what a stranger nested runs out of stack.
function isDeep(value: unknown): boolean {
  let level: readonly unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > nestingMax) return true
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []))
  }
  return false
}

function tooMuch({ requested, depth }: Cost): GraphQLError {
  const what =
    depth > depthMax
      ? `is ${depth} deep; at most ${depthMax}`
      : `costs ${requested}; at most ${costMax}: ask for fewer fields or a smaller page`
  return new GraphQLError(`This operation ${what}.`, { extensions: { code: 'invalid' } })
}

// The counter reads the first operation of a document; ours may not be the first.
function only(document: DocumentNode, name: string | null | undefined): DocumentNode {
  if (document.definitions.filter(isOperation).length < 2) return document
  const definitions = document.definitions.filter((one) => !isOperation(one) || one.name?.value === name)
  return { ...document, definitions }
}

const isOperation = (definition: { readonly kind: Kind }): definition is OperationDefinitionNode =>
  definition.kind === Kind.OPERATION_DEFINITION
